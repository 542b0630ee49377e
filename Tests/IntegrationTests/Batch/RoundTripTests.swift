import Foundation
import GRDB
import JobrunMock
import Testing

private let job = """
  return { input = "in.txt", output = "out.jsonl", model = "m", params = { word = "Q" },
    prompt = function(item, ctx)
      if item.text == "skip" then ctx:skip("told to") end
      if item.text == "bad" then error("boom") end
      if item.text == "row" then ctx:emit { id = ctx.id } return false end
      return ctx.params.word .. " " .. item.text
    end,
    parse = function(reply, item, ctx)
      if reply.text:find("wrong") then ctx:retry("wrong") end
      return { id = ctx.id, said = reply.text, request = reply.request_id }
    end }
  """

@Suite(.serialized) struct RoundTripTests {
  /// A folder with the job and these items, and a provider that counts what is bought.
  private func world(
    _ lines: [String], job text: String = job, _ body: (Program, CountingProvider, MockServer) async throws -> Void
  ) async throws {
    try await Program.inFolder { program in
      try program.write("job.lua", text)
      try program.write("in.txt", lines.map { $0 + "\n" }.joined())
      let provider = CountingProvider()
      try await MockServer.run(provider.behavior()) { try await body(program, provider, $0) }
    }
  }

  private func said(_ program: Program) throws -> [String] {
    try program.lines("out.jsonl").map {
      let row = try JSONSerialization.jsonObject(with: Data($0.utf8)) as? [String: Any]
      return "\(row?["id"] as? Int ?? 0) \(row?["said"] as? String ?? "-")"
    }
  }

  @Test func `the items of a function are exported, and packs named as a run names them`() async throws {
    let functional = """
      return { output = "out.jsonl", model = "m", pack = 2,
        input = function() return { { t = "a" }, { t = "b" }, { t = "c" } } end,
        prompt = function(items)
          local texts = {}
          for n, item in ipairs(items) do texts[n] = item.t end
          return table.concat(texts, " ")
        end,
        parse = function(reply, items, ctx)
          local rows = {}
          for n = 1, #items do rows[n] = { id = ctx.id[n], said = reply.text } end
          return rows
        end }
      """
    try await world([], job: functional) { program, provider, server in
      let exported = try await program.run("export", "job.lua", "-o", "b.jsonl")
      #expect(exported.status == 0, "\(exported.errors)")
      #expect(try program.lines("b.jsonl").count == 2)
      #expect(try await program.run("batch", "b.jsonl", "-o", "r.jsonl", "--base-url", server.baseURL).status == 0)
      let imported = try await program.run("import", "job.lua", "r.jsonl")
      #expect(imported.status == 0, "\(imported.errors)")
      #expect(try said(program) == ["1 a b #1", "2 a b #1", "3 c #1"])
      let contents = try program.journal { try Int64.fetchAll($0, sql: "SELECT item_content FROM answer") }
      // The same job run for real names its items so, too.
      let run = try await program.run("job.lua", "--base-url", server.baseURL, "--fresh")
      #expect(run.status == 0, "\(run.errors)")
      #expect(provider.total == 4)
      #expect(
        try Set(program.journal { try Int64.fetchAll($0, sql: "SELECT item_content FROM answer") }) == Set(contents))
      #expect(!contents.contains(0))
    }
  }

  @Test func `exported, run as a batch and imported, a job has its answers and buys nothing`() async throws {
    try await world(["a", "b", "skip", "a", "row", "c"]) { program, provider, server in
      let exported = try await program.run("export", "job.lua", "-o", "b.jsonl")
      #expect(exported.status == 0, "\(exported.errors)")
      #expect(
        exported.errors.hasPrefix("job: 4 requests of 6 items; 1 skipped, 1 without a request\n"), "\(exported.errors)")
      #expect(exported.errors.contains("  item 3, line 3 is skipped: told to\n"))
      #expect(exported.errors.contains("  b.jsonl  4 lines, "))
      #expect(exported.errors.contains("import job.lua b.results.jsonl\n"))
      #expect(try program.files == ["b.jsonl", "in.txt", "job.lua"])
      let batch = ["batch", "b.jsonl", "-o", "r.jsonl", "--base-url", server.baseURL, "--order", "completion"]
      #expect(try await program.run(batch).status == 0)
      #expect(provider.total == 4)
      let imported = try await program.run("import", "job.lua", "r.jsonl")
      #expect(imported.status == 0, "\(imported.errors)")
      #expect(imported.errors.hasPrefix("imported 4 answers into out.jsonl.journal\n"), "\(imported.errors)")
      let rows = try said(program)
      #expect(Set(rows) == ["1 Q a #1", "4 Q a #2", "2 Q b #1", "5 -", "6 Q c #1"])
      // Once more: nothing is added, and a run asks for nothing.
      let again = try await program.run("import", "job.lua", "r.jsonl")
      #expect(again.status == 0)
      #expect(again.errors.hasPrefix("imported 0 answers into out.jsonl.journal; 4 there already\n"))
      #expect(try program.journal { try Int.fetchOne($0, sql: "SELECT count(*) FROM answer") } == 4)
      #expect(try program.journal { try Double.fetchOne($0, sql: "SELECT sum(charged_requests) FROM run") } == 0)
      let run = try await program.run("job.lua", "--base-url", server.baseURL)
      #expect(run.status == 0)
      #expect(provider.total == 4)
      #expect(try said(program) == rows)
      let rest = try await program.run("export", "job.lua", "-o", "rest.jsonl")
      #expect(rest.errors.hasPrefix("job: 0 requests of 6 items; 4 answered in the journal, "), "\(rest.errors)")
      #expect(!program.exists("rest.jsonl"))
      #expect(try await program.run("export", "job.lua", "-o", "all.jsonl", "--all", "-q").errors == "")
      #expect(try program.lines("all.jsonl").count == 4)
    }
  }

  @Test func `what failed or is missing remains to be asked, and the command for it is told`() async throws {
    try await world(["a", "b", "c", "d"]) { program, provider, server in
      #expect(try await program.run("export", "job.lua", "-o", "b.jsonl", "-q").status == 0)
      let ids = try program.lines("b.jsonl").map { String($0.split(separator: "\"")[3]) }
      try #require(ids.count == 4)
      // One with an answer, two without, and one that is missing.
      try program.write(
        "r.jsonl",
        #"{"custom_id":"\#(ids[0])","response":{"status_code":200,"request_id":"req_7","body":{"choices":[{"message":{"content":"old"}}]}}}"#
          + "\n"
          + #"{"custom_id":"\#(ids[1])","response":null,"error":{"code":"batch_expired","message":"late"}}"# + "\n"
          + #"{"custom_id":"\#(ids[2])","response":{"status_code":200,"body":{"error":{"message":"inside"}}}}"# + "\n")
      let imported = try await program.run("import", "job.lua", "r.jsonl")
      #expect(imported.status == 75, "\(imported.errors)")
      #expect(imported.errors.hasPrefix("imported 1 answer into out.jsonl.journal; 2 failed, to be asked\n"))
      #expect(imported.errors.contains("  r.jsonl, line 2 (item 2): batch_expired: late\n"), "\(imported.errors)")
      #expect(imported.errors.contains("  r.jsonl, line 3 (item 3): "))
      #expect(imported.errors.contains("go on with:  \(Program.binary.path) job.lua\n"), "\(imported.errors)")
      #expect(try said(program) == ["1 old"])
      #expect(try program.read("out.jsonl").contains("\"request\":\"req_7\""))
      #expect(try await program.run("job.lua", "--base-url", server.baseURL).status == 0)
      #expect(provider.total == 3)
      #expect(try said(program) == ["1 old", "2 Q b #1", "3 Q c #1", "4 Q d #1"])
    }
  }

  @Test func `items that ask the same keep answers of their own, however often results are imported`() async throws {
    func result(_ id: String, _ text: String) -> String {
      #"{"custom_id":"\#(id)","response":{"status_code":200,"body":{"choices":[{"message":{"content":"\#(text)"}}]}}}"#
        + "\n"
    }
    try await world(["a", "a", "a"]) { program, provider, server in
      #expect(try await program.run("export", "job.lua", "-o", "b.jsonl", "-q").status == 0)
      let ids = try program.lines("b.jsonl").map { String($0.split(separator: "\"")[3]) }
      try #require(Set(ids).count == 3)
      // The first comes twice, the second has expired.
      try program.write(
        "r1.jsonl",
        result(ids[0], "one") + result(ids[0], "one again")
          + #"{"custom_id":"\#(ids[1])","response":null,"error":{"code":"batch_expired","message":"late"}}"# + "\n")
      let first = try await program.run("import", "job.lua", "r1.jsonl")
      #expect(
        first.errors.hasPrefix("imported 1 answer into out.jsonl.journal; 1 there already, 1 failed"), "\(first.errors)"
      )
      #expect(try await program.run("import", "job.lua", "r1.jsonl").errors.hasPrefix("imported 0 answers"))
      #expect(try await program.run("export", "job.lua", "-o", "b2.jsonl", "-q").status == 0)
      #expect(try program.lines("b2.jsonl").count == 2)
      // Two independent answers may be the same.
      try program.write("r2.jsonl", result(ids[1], "two") + result(ids[2], "two"))
      let last = try await program.run("import", "job.lua", "r1.jsonl", "r2.jsonl")
      #expect(last.status == 0, "\(last.errors)")
      #expect(last.errors.hasPrefix("imported 2 answers"), "\(last.errors)")
      #expect(try said(program) == ["1 one", "2 two", "3 two"])
      #expect(provider.total == 0)
    }
  }

  @Test func `a changed request, a foreign line and a line that is none are told, and nothing of them is used`()
    async throws
  {
    try await world(["a", "b"]) { program, _, server in
      #expect(try await program.run("export", "job.lua", "-o", "b.jsonl", "-q").status == 0)
      #expect(try await program.run("batch", "b.jsonl", "-o", "r.jsonl", "--base-url", server.baseURL).status == 0)
      try program.write("foreign.jsonl", #"{"custom_id":"r-1","response":{}}"# + "\nnonsense\n")
      let changed = try await program.run("import", "job.lua", "r.jsonl", "foreign.jsonl", "--param", "word=P")
      #expect(changed.status == 65)
      for line in [
        "r.jsonl, line 1: the request of item 1 has changed since the export",
        "foreign.jsonl, line 1: the custom_id \"r-1\" is not of jobrun export",
        "foreign.jsonl, line 2: this is no line of results",
      ] {
        #expect(changed.errors.contains("  \(line)\n"), "\(changed.errors)")
      }
      #expect(!program.exists("out.jsonl"))
      // One that belongs to the job is enough.
      try program.write("in.txt", "b\nnew\n")
      let some = try await program.run("import", "job.lua", "r.jsonl", "foreign.jsonl")
      #expect(some.status == 75, "\(some.errors)")
      #expect(
        some.errors.hasPrefix(
          "imported 1 answer into out.jsonl.journal; 1 of requests that have changed, 2 of no item\n"),
        "\(some.errors)")
      #expect(try said(program) == ["1 Q b #1"])
      // Failures only.
      let id = String(try program.read("b.jsonl").split(separator: "\"")[3])
      try program.write("failed.jsonl", #"{"custom_id":"\#(id)","result":{"type":"expired"}}"# + "\n")
      try program.write("in.txt", "a\n")
      let failed = try await program.run("import", "job.lua", "failed.jsonl")
      #expect(failed.status == 1)
      #expect(failed.errors.contains("  failed.jsonl, line 1 (item 1): expired\n"))
      #expect(try said(program) == ["1 Q b #1"])
    }
  }

  @Test func `files are split by lines and bytes and by model, and all of them lead back`() async throws {
    let text = """
      return { input = "in.txt", output = "out.jsonl", model = "x",
        models = { x = { name = "same" }, y = { name = "same" } },
        prompt = function(item) return { model = item.text:sub(1, 1), messages = { { role = "user", content = item.text } } } end,
        parse = function(reply, item, ctx) return { id = ctx.id, said = reply.text } end }
      """
    try await world(["x 1", "y 1", "x 2", "x 3", "y 1"], job: text) { program, provider, server in
      let exported = try await program.run("export", "job.lua", "-o", "b.jsonl", "--max-lines", "2")
      #expect(exported.status == 0, "\(exported.errors)")
      #expect(try program.files == ["b.1.jsonl", "b.2.jsonl", "b.3.jsonl", "in.txt", "job.lua"])
      #expect(try ["b.1.jsonl", "b.2.jsonl", "b.3.jsonl"].map { try program.lines($0).count } == [2, 2, 1])
      for number in 1...3 {
        let result = try await program.run(
          "batch", "b.\(number).jsonl", "-o", "r\(number).jsonl", "--base-url", server.baseURL)
        #expect(result.status == 0)
      }
      let imported = try await program.run("import", "job.lua", "r3.jsonl", "r1.jsonl", "r2.jsonl")
      #expect(imported.status == 0, "\(imported.errors)")
      #expect(try said(program) == ["1 x 1 #1", "2 y 1 #1", "3 x 2 #1", "4 x 3 #1", "5 y 1 #2"])
      #expect(try await program.run("job.lua", "--base-url", server.baseURL).status == 0)
      #expect(provider.total == 5)
      // An earlier export's files are not taken for this one's.
      #expect(try await program.run("job.lua", "--base-url", server.baseURL, "--fresh").status == 0)
      let single = try await program.run("export", "job.lua", "-o", "b.jsonl", "--all", "--limit", "1")
      #expect(single.errors.contains("warning: b.1.jsonl is not of this export"), "\(single.errors)")
    }
  }

  @Test func `a pack is one line, and under dedupe what is the same is asked once`() async throws {
    let text = """
      return { input = "in.txt", output = "out.jsonl", model = "m", OPTION,
        prompt = function(item) return PROMPT end,
        parse = function(reply, item, ctx) return PARSE end }
      """
    let pack = text.replacingOccurrences(of: "OPTION", with: "pack = 2")
      .replacingOccurrences(of: "PROMPT", with: "item[1].text .. (item[2] and item[2].text or '')")
      .replacingOccurrences(
        of: "PARSE", with: "{ { id = ctx.id[1], said = reply.text }, item[2] and { id = ctx.id[2], said = 'too' } }")
    try await world(["a", "b", "c"], job: pack) { program, provider, server in
      #expect(try await program.run("export", "job.lua", "-o", "b.jsonl").status == 0)
      #expect(try program.lines("b.jsonl").count == 2)
      #expect(try await program.run("batch", "b.jsonl", "-o", "r.jsonl", "--base-url", server.baseURL).status == 0)
      let imported = try await program.run("import", "job.lua", "r.jsonl")
      #expect(imported.status == 0, "\(imported.errors)")
      #expect(try said(program) == ["1 ab #1", "2 too", "3 c #1"])
      #expect(provider.total == 2)
    }
    let shared = text.replacingOccurrences(of: "OPTION", with: "dedupe = true")
      .replacingOccurrences(of: "PROMPT", with: "item.text")
      .replacingOccurrences(of: "PARSE", with: "{ id = ctx.id, said = reply.text }")
    try await world(["a", "b", "a"], job: shared) { program, provider, server in
      let exported = try await program.run("export", "job.lua", "-o", "b.jsonl")
      #expect(exported.errors.hasPrefix("job: 2 requests of 3 items; 1 the same as another (dedupe)\n"))
      #expect(try await program.run("batch", "b.jsonl", "-o", "r.jsonl", "--base-url", server.baseURL).status == 0)
      #expect(try await program.run("import", "job.lua", "r.jsonl", "r.jsonl").status == 0)
      #expect(try said(program) == ["1 a #1", "2 b #1", "3 a #1"])
      #expect(provider.total == 2)
      #expect(try program.journal { try Int.fetchOne($0, sql: "SELECT count(*) FROM answer") } == 2)
    }
  }

  @Test func `hooks run at the import: what they ask again remains for a run`() async throws {
    try await world(["a", "wrong"]) { program, provider, server in
      #expect(try await program.run("export", "job.lua", "-o", "b.jsonl", "-q").status == 0)
      #expect(try await program.run("batch", "b.jsonl", "-o", "r.jsonl", "--base-url", server.baseURL).status == 0)
      let imported = try await program.run("import", "job.lua", "r.jsonl", "-q")
      #expect(imported.status == 75, "\(imported.errors)")
      #expect(try said(program) == ["1 Q a #1"])
      #expect(provider.total == 2)
    }
  }

  @Test func `the answers of a batch are those of a job that streams`() async throws {
    let streaming = job.replacing("model = \"m\",", with: "model = \"m\", stream = true,")
    try await world(["a", "b"], job: streaming) { program, provider, server in
      let exported = try await program.run("export", "job.lua", "-o", "b.jsonl")
      #expect(exported.status == 0, "\(exported.errors)")
      #expect(try program.lines("b.jsonl").allSatisfy { !$0.contains("\"stream\"") })
      #expect(try await program.run("batch", "b.jsonl", "-o", "r.jsonl", "--base-url", server.baseURL).status == 0)
      #expect(try await program.run("import", "job.lua", "r.jsonl").status == 0)
      let bought = provider.total
      #expect(try await program.run("job.lua", "--base-url", server.baseURL).status == 0)
      #expect(provider.total == bought)
      #expect(try said(program).count == 2)
    }
  }

  @Test(
    arguments: [
      (["export", "process.lua", "-o", "b.jsonl"], 78, "the requests of `process` are not known before their answers"),
      (["export", "job.lua", "-o", "b.jsonl", "--max-lines", "0"], 64, "--max-lines"),
      (["export", "job.lua", "-o", "b.jsonl", "--max-mb", "0"], 64, "--max-mb"),
      (["export", "job.lua", "-o", "in.txt"], 64, "is both input and output"),
      (["export", "nosuch.lua", "-o", "b.jsonl"], 66, "there is no job file"),
      (["export", "job.lua"], 64, "-o"), (["export", "job.lua", "-o", "-"], 64, "a file expected"),
      (["import", "job.lua"], 64, "<results>"), (["import", "job.lua", "nosuch.jsonl"], 66, "nosuch.jsonl"),
      (["import", "process.lua", "in.txt"], 78, "`process`"),
    ] as [([String], Int32, String)])
  func `what cannot be exported or imported is told`(arguments: [String], status: Int32, message: String) async throws {
    try await world(["a"]) { program, _, _ in
      try program.write(
        "process.lua", "return { input = 'in.txt', model = 'm', process = function(item, ctx) return false end }")
      let result = try await program.run(arguments)
      #expect(result.status == status, "\(result.errors)")
      #expect(result.errors.contains(message), "\(result.errors)")
      #expect(try program.files.filter { !$0.hasSuffix(".lua") } == ["in.txt"])
    }
  }

  @Test func `items that fail before they ask are told and counted`() async throws {
    try await world(["a", "bad"]) { program, _, _ in
      let result = try await program.run("export", "job.lua", "-o", "b.jsonl")
      #expect(result.status == 1)
      #expect(result.errors.hasPrefix("job: 1 request of 2 items; 1 failed\n  item 2, line 2 fails: hook: job.lua:"))
      #expect(try program.lines("b.jsonl").count == 1)
    }
  }
}
