import Foundation
import GRDB
import JobrunMock
import Testing

private func job(prompt: String = "item.text", parse: String = "{ id = ctx.id, said = reply.text }") -> String {
  """
  return { input = "in.txt", output = "out.jsonl", model = "m", concurrency = 4,
    prompt = function(item, ctx) return \(prompt) end,
    parse = function(reply, item, ctx) return \(parse) end }
  """
}

extension Program {
  /// What another program reads in the journal.
  func journal<T>(_ name: String = "out.jsonl.journal", _ body: (Database) throws -> T) throws -> T {
    try DatabaseQueue(path: folder.appendingPathComponent(name).path).read(body)
  }
}

@Suite(.serialized) struct ResumeTests {
  /// A folder with the job and an input of these lines, and a provider to count what is bought.
  private func world(
    _ lines: [String], funds: Int = .max, _ body: (Program, CountingProvider, [String]) async throws -> Void
  ) async throws {
    try await Program.inFolder { program in
      try program.write("job.lua", job())
      try program.write("in.txt", lines.map { $0 + "\n" }.joined())
      let provider = CountingProvider(funds: funds)
      try await MockServer.run(provider.behavior()) { server in
        try await body(program, provider, ["job.lua", "--base-url", server.baseURL])
      }
    }
  }

  private func said(_ program: Program, _ name: String = "out.jsonl") throws -> [String] {
    try program.lines(name).map { line in
      let row = try JSONSerialization.jsonObject(with: Data(line.utf8)) as? [String: Any]
      return row?["said"] as? String ?? "?"
    }
  }

  @Test func `offline without the key that chose the API, the output stays, and what may be wrong is told`()
    async throws
  {
    try await Program.inFolder { program in
      try program.write(
        "job.lua",
        #"return { input = "in.txt", output = "out.jsonl", model = "m", prompt = function(item) return item.text end }"#
      )
      try program.write("in.txt", "a\nb\n")
      try await MockServer.run(MockBehavior(reply: .echo)) { server in
        let address = server.baseURL.replacing("/v1", with: "")
        let bought = try await program.run(
          "job.lua", environment: ["ANTHROPIC_API_KEY": "k", "ANTHROPIC_BASE_URL": address])
        #expect(bought.status == 0, "\(bought.errors)")
        let rows = try program.read("out.jsonl")
        let offline = try await program.run("job.lua", "--offline")
        #expect(offline.status == 75, "\(offline.errors)")
        #expect(offline.errors.contains("set `endpoint` or `api` in the job"), "\(offline.errors)")
        #expect(try program.read("out.jsonl") == rows)
        // The address alone is enough, and the form alone.
        let known = try await program.run(
          "job.lua", "--offline", "--base-url", server.baseURL, environment: ["ANTHROPIC_BASE_URL": address])
        #expect(known.status == 0, "\(known.errors)")
        #expect(server.requestsReceived == 2)
      }
    }
  }

  @Test func `a run that ended early says how to go on, and the same command buys only the rest`() async throws {
    let lines = (1...60).map { "line \($0)" }
    try await Program.inFolder { program in
      try program.write("job.lua", job())
      try program.write("in.txt", lines.map { $0 + "\n" }.joined())
      let poor = CountingProvider(funds: 25)
      let first = try await MockServer.run(poor.behavior()) { server in
        try await program.run("job.lua", "--base-url", server.baseURL, "--fresh", "--param", "x=it's")
      }
      #expect(first.status == 64, "\(first.errors)")  // there is no such parameter
      let stopped = try await MockServer.run(poor.behavior()) { server in
        try await program.run("job.lua", "--base-url", server.baseURL, "--fresh")
      }
      #expect(stopped.status == 75, "\(stopped.errors)")
      let command = try #require(stopped.errors.split(separator: "\n").first { $0.hasPrefix("go on with:") })
      #expect(command.contains("job.lua --base-url http://"))
      #expect(!command.contains("--fresh"))

      let rich = CountingProvider()
      let second = try await MockServer.run(rich.behavior()) { server in
        try await program.run("job.lua", "--base-url", server.baseURL)
      }
      #expect(second.status == 0, "\(second.errors)")
      #expect(second.errors.contains("going on: 25 answers to reuse, about 35 of 60 items to ask"))
      #expect(second.errors.contains("25 answers reused"))
      #expect(poor.total == 25)
      #expect(rich.total == 35)
      #expect(try said(program) == lines.map { "\($0) #1" })
    }
  }

  @Test func `a finished job asks nothing again, and hooks run anew over its answers`() async throws {
    try await world(["a", "b", "c"]) { program, provider, command in
      #expect(try await program.run(command).status == 0)
      try program.write("job.lua", job(parse: "{ said = reply.text:upper(), from = reply.from_journal }"))
      let result = try await program.run(command)
      #expect(result.status == 0)
      #expect(result.errors.contains("the job file changed since"))
      #expect(provider.total == 3)
      #expect(
        try program.lines("out.jsonl") == ["A #1", "B #1", "C #1"].map { #"{"from":true,"said":"\#($0)"}"# })
    }
  }

  @Test func `rows may be inserted, deleted, moved, doubled: only new requests are bought`() async throws {
    try await world(["a", "b", "c", "c"]) { program, provider, command in
      #expect(try await program.run(command).status == 0)
      #expect(
        try said(program) == ["a #1", "b #1", "c #1", "c #2"] || said(program) == ["a #1", "b #1", "c #2", "c #1"])
      try program.write("in.txt", "new\nc\nb\nb\nc\n")
      let result = try await program.run(command)
      #expect(result.status == 0)
      #expect(result.errors.contains("the input changed since"))
      #expect(result.errors.contains("3 answers reused, 1 left over"))
      #expect(provider.hits == ["a": 1, "b": 2, "c": 2, "new": 1])
      #expect(Set(try said(program)) == ["new #1", "c #1", "b #1", "b #2", "c #2"])
    }
  }

  @Test func `only requests whose bytes changed are bought again, and going back costs nothing`() async throws {
    try await world(["a", "b", "c"]) { program, provider, command in
      #expect(try await program.run(command).status == 0)
      try program.write("job.lua", job(prompt: #"item.text == "b" and "B!" or item.text"#))
      #expect(try await program.run(command).status == 0)
      #expect(provider.hits == ["a": 1, "b": 1, "c": 1, "B!": 1])
      try program.write("job.lua", job())
      #expect(try await program.run(command).status == 0)
      #expect(provider.total == 4)
      #expect(try said(program) == ["a #1", "b #1", "c #1"])
    }
  }

  @Test func `--offline sends nothing, and what has no answer is unfinished`() async throws {
    try await world(["a", "b", "c"]) { program, provider, command in
      #expect(try await program.run(command + ["--limit", "2"]).status == 0)
      let result = try await program.run(command + ["--offline", "--json"])
      #expect(result.status == 75, "\(result.errors)")
      #expect(result.output.contains(#""unfinished":1"#))
      let goOn = try #require(result.errors.split(separator: "\n").first { $0.hasPrefix("go on with:") })
      #expect(!goOn.contains("--offline"), "it would never get on")
      #expect(try said(program) == ["a #1", "b #1"])
      #expect(try await program.run(command).status == 0)
      #expect(provider.hits == ["a": 1, "b": 1, "c": 1])
      let whole = try await program.run(["job.lua", "--offline"])
      #expect(whole.status == 0, "an offline run needs no endpoint: \(whole.errors)")
    }
  }

  @Test func `--fresh buys all anew and keeps the old journal`() async throws {
    try await world(["a", "b"]) { program, provider, command in
      #expect(try await program.run(command).status == 0)
      let result = try await program.run(command + ["--fresh"])
      #expect(result.status == 0)
      #expect(try said(program) == ["a #2", "b #2"])
      #expect(try program.files.count { $0.hasPrefix("out.jsonl.journal") } == 2)
      #expect(provider.total == 4)
      #expect(result.errors.contains("the journal is set aside as out.jsonl.journal."))
    }
  }

  @Test func `--failed asks again what failed, with the job as it is now; the others keep their answers`() async throws
  {
    try await world(["a", "b", "c"]) { program, provider, command in
      let picky = #"item.text == "b" and error("no") or { id = ctx.id, said = reply.text }"#
      try program.write("job.lua", job(parse: picky))
      #expect(try await program.run(command).status == 1)
      #expect(try await program.run(command).status == 1, "a hook that fails costs no second answer")
      #expect(provider.total == 3)
      try program.write("job.lua", job(prompt: #""please: " .. item.text"#))
      let result = try await program.run(command + ["--failed"])
      #expect(result.status == 0, "\(result.errors)")
      #expect(provider.hits == ["a": 1, "b": 1, "c": 1, "please: b": 1])
      #expect(try said(program) == ["a #1", "please: b #1", "c #1"])
      #expect(!program.exists("out.failed.jsonl"))
    }
  }

  @Test func `--mock has a journal and an output of its own: no unreal answer is taken for a bought one`() async throws
  {
    try await world(["a", "b"]) { program, provider, command in
      let unreal = try await program.run("job.lua", "--mock")
      #expect(unreal.status == 0, "\(unreal.errors)")
      #expect(
        try program.files.filter { $0.hasPrefix("out") } == ["out.jsonl.mock.journal", "out.mock.jsonl"])
      #expect(try await program.run(command).status == 0)
      #expect(provider.total == 2)
      #expect(try said(program) == ["a #1", "b #1"])
    }
  }

  @Test func `dedupe buys identical requests once`() async throws {
    try await world(Array(repeating: "same", count: 40)) { program, provider, command in
      let source = job().replacing("concurrency = 4,", with: "concurrency = 4, dedupe = true,")
      try program.write("job.lua", source)
      for _ in 0..<2 {
        let result = try await program.run(command)
        #expect(result.status == 0, "\(result.errors)")
      }
      #expect(provider.total == 1)
      #expect(try said(program) == Array(repeating: "same #1", count: 40))
    }
  }

  @Test func `an item that asked twice takes both answers from the journal, and goes on where it was`() async throws {
    let picky = """
      return { input = "in.txt", output = "out.jsonl", model = "m", concurrency = 1,
        prompt = function(item) return item.text end,
        parse = function(reply, item, ctx)
          if reply.text:match("#1$") then ctx:retry("the first is never good enough") end
          return { id = ctx.id, said = reply.text, ask = ctx.ask }
        end }
      """
    try await Program.inFolder { program in
      try program.write("job.lua", picky)
      try program.write("in.txt", "a\nb\nc\n")
      let provider = CountingProvider(funds: 5)
      try await MockServer.run(provider.behavior()) { server in
        let stopped = try await program.run("job.lua", "--base-url", server.baseURL)
        #expect(stopped.status == 75, "\(stopped.errors)")
      }
      #expect(provider.hits == ["a": 2, "b": 2, "c": 1])
      let more = CountingProvider()
      try await MockServer.run(more.behavior()) { server in
        // Its first answer to "c" is one that is not good enough either, but the journal has that one already.
        let result = try await program.run("job.lua", "--base-url", server.baseURL)
        #expect(result.status == 0, "\(result.errors)")
      }
      #expect(more.hits == ["c": 2])
      #expect(try said(program) == ["a #2", "b #2", "c #2"])
      let whole = try await program.run("job.lua", "--offline")
      #expect(whole.status == 0, "\(whole.errors)")
    }
  }

  @Test func `two models with one name do not take each other's answers`() async throws {
    try await world(["a", "b"]) { program, provider, command in
      try program.write(
        "job.lua",
        """
        return { input = "in.txt", output = "out.jsonl",
          models = { x = { name = "m" }, y = { name = "m" }, z = { name = "z" } },
          prompt = function(item) return { model = item.text == "a" and "x" or "y",
            messages = { { role = "user", content = "same" } } } end,
          parse = function(reply, item) return { item = item.text, said = reply.text } end }
        """)
      #expect(try await program.run(command).status == 0)
      let rows = try program.lines("out.jsonl")
      try program.write("in.txt", "b\na\n")
      #expect(try await program.run(command).status == 0)
      #expect(provider.total == 2)
      #expect(try program.lines("out.jsonl") == rows.reversed())
    }
  }

  @Test func `the summary, --json and the journal tell the same numbers, in every ending`() async throws {
    let lines = (1...30).map { "line \($0)" }
    for funds in [12, Int.max] {
      try await world(lines, funds: funds) { program, _, command in
        let result = try await program.run(command + ["--json"])
        let (run, answers) = try program.journal { db in
          (
            try Row.fetchAll(db, sql: "SELECT * FROM run"), try Int.fetchOne(db, sql: "SELECT count(*) FROM answer")
          )
        }
        #expect(run[0]["stats"] == result.output.trimmingCharacters(in: .newlines))
        #expect(run[0]["exit_code"] == Int(result.status))
        #expect(run[0]["exit_code"] == (funds == 12 ? 75 : 0))
        let json = try #require(try JSONSerialization.jsonObject(with: Data(result.output.utf8)) as? [String: Any])
        let items = try #require(json["items"] as? [String: Int])
        #expect(items["ok"] == answers)
        #expect(items["ok"]! + items["failed"]! + items["skipped"]! + items["unfinished"]! <= 30)
        #expect(items["in_flight"] == 0)
      }
    }
  }

  @Test func `no key is in any file`() async throws {
    let key = "sk-CANARY-\(UInt64.random(in: 0 ... .max))"
    try await world(["a", "b"]) { program, _, command in
      let result = try await program.run(command, environment: ["JOBRUN_API_KEY": key])
      #expect(result.status == 0)
      #expect(!result.errors.contains(key))
      for name in try program.files {
        let contents = try Data(contentsOf: program.folder.appendingPathComponent(name))
        #expect(contents.range(of: Data(key.utf8)) == nil, "\(name)")
      }
    }
  }
}
