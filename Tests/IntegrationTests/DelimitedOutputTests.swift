import Foundation
import JobrunMock
import Testing

/// Rows that show the item's text as the model sent it back, a number and a table.
private let job = """
  return {
    input = "in.jsonl", output = { path = "out/x.csv", columns = { "id", "said" } }, model = "m",
    prompt = function(item) return item.text end,
    parse = function(reply, item, ctx)
      return { id = ctx.id, said = reply.text, n = 9007199254740993, list = { "a", 1 }, none = jobrun.null }
    end,
  }
  """

/// Reads what the first job wrote.
private let secondJob = """
  return {
    input = "out/x.csv", output = "second.jsonl", model = "m",
    prompt = function(item) return item.said end,
    parse = function(reply, item, ctx) return { id = ctx.id, said = reply.text } end,
  }
  """

private let items = #"""
  {"id":"a","text":"plain"}
  {"id":"b","text":"one, \"two\"\nthree\r\n\tfour "}
  {"id":"c","text":"=1+1"}
  {"id":"d","text":"-5"}
  {"id":"e","text":"끝"}
  """#

@Suite(.serialized) struct DelimitedOutputTests {
  @Test func `a CSV that one job wrote is the input of the next, and no text runs in a spreadsheet`() async throws {
    try await Program.inFolder { program in
      try program.write("job.lua", job)
      try program.write("second.lua", secondJob)
      try program.write("in.jsonl", items)
      try await MockServer.run(MockBehavior(reply: .echo)) { server in
        let result = try await program.run("job.lua", "--base-url", server.baseURL, "-q")
        #expect(result.status == 0, "\(result.errors)")
        #expect(
          try program.read("out/x.csv")
            == "id,said\na,plain\nb,\"one, \"\"two\"\"\nthree\r\n\tfour \"\nc,'=1+1\nd,-5\ne,끝\n")
        // Also a quiet run says that there is more than the columns hold, once.
        #expect(result.errors.hasPrefix("warning: item a: there is no column for \"list\", \"n\"; such values"))
        #expect(result.errors.split(separator: "\n").count == 2)

        let second = try await program.run("second.lua", "--base-url", server.baseURL)
        #expect(second.status == 0, "\(second.errors)")
        let said = items.replacingOccurrences(of: "text", with: "said")
          .replacingOccurrences(of: "=1+1", with: "'=1+1")
        #expect(try program.lines("second.jsonl") == said.split(separator: "\n").map(String.init))
      }
    }
  }

  @Test func `--csv-raw writes every text as it is`() async throws {
    try await Program.inFolder { program in
      try program.write("job.lua", job)
      try program.write("second.lua", secondJob)
      try program.write("in.jsonl", items)
      try await MockServer.run(MockBehavior(reply: .echo)) { server in
        let result = try await program.run("job.lua", "--base-url", server.baseURL, "--csv-raw")
        #expect(result.status == 0, "\(result.errors)")
        _ = try await program.run("second.lua", "--base-url", server.baseURL)
        let said = items.replacingOccurrences(of: "text", with: "said")
        #expect(try program.lines("second.jsonl") == said.split(separator: "\n").map(String.init))
      }
    }
  }

  @Test func `the output's ending says the format, and where it says none the job's own output does`() async throws {
    try await Program.inFolder { program in
      try program.write("job.lua", job.replacingOccurrences(of: #", columns = { "id", "said" }"#, with: ""))
      try program.write("in.jsonl", items)
      try program.write("other.jsonl", "")
      try await MockServer.run(MockBehavior(reply: .echo)) { server in
        let url = server.baseURL
        let rows = try await program.run("job.lua", "--base-url", url, "--limit", "1", "--output", "-")
        #expect(rows.output == "id,list,n,none,said\na,\"[\"\"a\"\",1]\",9007199254740993,,plain\n")
        for name in ["x.tsv", "x.jsonl", "x.txt"] {
          _ = try await program.run("job.lua", "--base-url", url, "--limit", "1", "--output", name)
        }
        #expect(
          try program.read("x.tsv") == "id\tlist\tn\tnone\tsaid\na\t\"[\"\"a\"\",1]\"\t9007199254740993\t\tplain\n")
        #expect(
          try program.read("x.jsonl") == #"{"id":"a","list":["a",1],"n":9007199254740993,"none":null,"said":"plain"}"#
            + "\n"
        )
        #expect(try program.read("x.txt") == rows.output)
        let other = try await program.run("job.lua", "--base-url", url, "--input", "other.jsonl")
        #expect(other.status == 0)
        #expect(try program.read("out/job.other.csv") == "")
        let unknown = try await program.run("job.lua", "--base-url", url, "--output", "x.parquet")
        #expect(unknown.status == 64)
        #expect(unknown.errors.contains("name it *.jsonl, *.csv or *.tsv"))
      }
    }
  }
}
