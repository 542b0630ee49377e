import Foundation
import JobrunMock
import Testing

private let job = """
  local jobrun = require "jobrun"
  return { input = "in.jsonl", output = "out.jsonl", model = "m", setup = function() jobrun.log.info("setup") end,
    prompt = function(item) return item.q end, parse = function(reply, item, ctx) return { id = ctx.id } end }
  """

@Suite(.serialized) struct StrictTests {
  @Test func `--strict names what is wrong with an input before any request, and leaves the output alone`() async throws
  {
    try await Program.inFolder { program in
      try program.write("job.lua", job)
      try program.write("out.jsonl", "old\n")
      try program.write("out.jsonl.part", "older\n")
      try program.write(
        "in.jsonl", #"{"id":"a","q":"1"}"# + "\n[1]\n\n" + #"{"id":"a","q":"2"}"# + "\n" + #"{"id":4,"q":"3"}"# + "\n{}"
      )
      try await MockServer.run { server in
        let result = try await program.run("job.lua", "--base-url", server.baseURL, "--strict", "--limit", "1")
        #expect(result.status == 65)
        #expect(
          result.errors == """
            jobrun: in.jsonl (5 items): 1 cannot be read, 1 has the id of an earlier one
              line 2: not a JSON object
              line 4: the id "a" stands on line 1, too
              nothing was sent (--strict)

            """)
        #expect(server.requestsReceived == 0)
        #expect(try program.read("out.jsonl") == "old\n")
        #expect(try program.read("out.jsonl.part") == "older\n")
        let check = try await program.run("check", "job.lua", "--mock", "--strict")
        #expect(check.status == 65)
        #expect(check.errors.contains("line 4: the id"))
      }
    }
  }

  @Test func `--strict names the first ten of each kind and counts the others`() async throws {
    try await Program.inFolder { program in
      try program.write("job.lua", job)
      let lines = (1...30).map { _ in "nonsense" } + (31...2_000).map { #"{"id":\#($0 % 1_000)}"# }
      try program.write("in.jsonl", lines.joined(separator: "\n"))
      let result = try await program.run("job.lua", "--mock=fast", "--strict", "-q")
      #expect(result.status == 65)
      let found = result.errors.split(separator: "\n")
      #expect(found.first == "jobrun: in.jsonl (2,000 items): 30 cannot be read, 970 have the id of an earlier one")
      #expect(found[1].hasPrefix("  line 1: not a JSON object: "))
      #expect(found[10].hasPrefix("  line 10: not a JSON object: "))
      #expect(found[11] == "  … and 20 more like these")
      #expect(found[12] == "  line 1031: the id 31 stands on line 31, too")
      #expect(found[21] == "  line 1040: the id 40 stands on line 40, too")
      #expect(found[22] == "  … and 960 more like these")
    }
  }

  @Test(
    arguments: [
      ("in.jsonl", "{\"q\":\"x\"}\n{\"q\":\"x\"}\n", "in.jsonl"),
      ("in.txt", "x\nx\n", "in.txt"),
      ("in.csv", "q,id\nx,1\nx,2\n", "in.csv"),
      ("in.failed.jsonl", "{\"id\":2,\"item\":{\"q\":\"x\"}}\n{\"id\":1,\"item\":{\"q\":\"x\"}}\n", "in.failed.jsonl"),
    ])
  func `an input in order runs as without --strict`(name: String, contents: String, input: String) async throws {
    try await Program.inFolder { program in
      try program.write("job.lua", job.replacingOccurrences(of: "item.q", with: "item.q or item.text"))
      try program.write(name, contents)
      let result = try await program.run(
        "job.lua", "--mock=fast", "--strict", "--input", input, "--output", "out.jsonl")
      #expect(result.status == 0, "\(result.errors)")
      #expect(try program.lines("out.jsonl").count == 2)
    }
  }

  @Test(
    arguments: [
      ("{\"id\":2}\n{\"q\":\"x\"}\n", "line 2: the id 2 stands on line 1, too"),
      (
        "{\"id\":\"2\"}\n{\"id\":2}\n{\"id\":2.5}\n{\"id\":\"\\u0032\"}\n", "line 4: the id \"2\" stands on line 1, too"
      ),
    ])
  func `ids are those of ctx.id: an index where there is no other, and numbers are not strings`(
    contents: String, expected: String
  ) async throws {
    try await Program.inFolder { program in
      try program.write("job.lua", job)
      try program.write("in.jsonl", contents)
      let result = try await program.run("job.lua", "--mock=fast", "--strict")
      #expect(result.status == 65)
      #expect(result.errors.contains("1 has the id of an earlier one\n  \(expected)\n"), "\(result.errors)")
    }
  }

  @Test func `an input that can be read only once cannot be strict`() async throws {
    try await Program.inFolder { program in
      try program.write("job.lua", job)
      #expect(mkfifo(program.folder.appendingPathComponent("pipe.jsonl").path, 0o600) == 0)
      for (input, name) in [("-", "standard input"), ("pipe.jsonl", "pipe.jsonl")] {
        let result = try await program.run("job.lua", "--mock=fast", "--strict", "--input", input)
        #expect(result.status == 64)
        #expect(result.errors.contains("--strict reads the input twice, and \(name) can be read only once"))
      }
    }
  }
}
