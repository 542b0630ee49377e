import Foundation
import GRDB
import JobrunMock
import Testing

@Suite(.serialized) struct InputFormsTests {
  /// A job that asks with the whole item and writes it.
  private func job(_ input: String, output: String = "out.jsonl") -> String {
    """
    return { input = \(input), output = "\(output)", model = "m", params = { n = 2 },
      prompt = function(item) return jobrun.json.encode(item) end,
      parse = function(reply, item, ctx) return { id = ctx.id, said = reply.text } end }
    """
  }

  /// The output of a job with this input, after a run that ended with `status`.
  private func rows(
    _ program: Program, _ input: String, status: Int32 = 0, _ options: String...
  ) async throws -> (rows: [String], errors: String) {
    try program.write("job.lua", job(input))
    return try await MockServer.run(MockBehavior(reply: .echo)) { server in
      let result = try await program.run(["job.lua", "--base-url", server.baseURL] + options)
      #expect(result.status == status, "\(result.errors)")
      return (program.exists("out.jsonl") ? try program.lines("out.jsonl") : [], result.errors)
    }
  }

  private static func row(_ id: String, _ item: String) -> String {
    #"{"id":\#(id),"said":"\#(item.replacingOccurrences(of: "\"", with: "\\\""))"}"#
  }

  @Test func `a count, a pattern, a query, a command and a function give items`() async throws {
    try await Program.inFolder { program in
      try program.write("docs/b.md", "second")
      try program.write("docs/a/x.md", "first")
      let queue = try DatabaseQueue(path: program.folder.appendingPathComponent("x.db").path)
      try await queue.write {
        try $0.execute(sql: "CREATE TABLE t (id, v); INSERT INTO t VALUES (7, 1.0), ('k', NULL)")
      }
      #expect(try await rows(program, "{ count = 2 }").rows == [Self.row("1", "{}"), Self.row("2", "{}")])
      #expect(
        try await rows(program, #"{ glob = "docs/**/*.md" }"#, "--fresh").rows == [
          Self.row(#""docs/a/x.md""#, #"{"name":"x.md","path":"docs/a/x.md","text":"first"}"#),
          Self.row(#""docs/b.md""#, #"{"name":"b.md","path":"docs/b.md","text":"second"}"#),
        ])
      #expect(
        try await rows(program, #"{ sqlite = "x.db", sql = "SELECT * FROM t" }"#).rows == [
          Self.row("7", #"{"id":7,"v":1.0}"#), Self.row(#""k""#, #"{"id":"k","v":null}"#),
        ])
      #expect(
        try await rows(program, #"{ cmd = { "echo", '{"k":"a"}' }, id = "k" }"#).rows
          == [Self.row(#""a""#, #"{"k":"a"}"#)])
      #expect(
        try await rows(program, #"{ cmd = { "printf", "k,v\\na,1\\n" }, format = "csv", id = "k" }"#).rows
          == [Self.row(#""a""#, #"{"k":"a","v":"1"}"#)])
      let function =
        "function(run) local i = 0 return function() i = i + 1 if i <= run.params.n then return { i = i } end end end"
      #expect(try await rows(program, function).rows == [Self.row("1", #"{"i":1}"#), Self.row("2", #"{"i":2}"#)])
      #expect(try await rows(program, function, "--param", "n=3").rows.count == 3)
    }
  }

  @Test func `an array of JSON is read element by element, and a bad one fails alone`() async throws {
    try await Program.inFolder { program in
      try program.write("in.json", "[\n  { \"q\":\n 1 }, {\"q\":}, 5,\n {\"q\":2}]")
      let (rows, _) = try await rows(program, "'in.json'", status: 1)
      #expect(rows == [Self.row("1", #"{"q":1}"#), Self.row("4", #"{"q":2}"#)])
      let failed = try program.lines("out.failed.jsonl")
      #expect(failed.count == 2)
      #expect(failed[0].contains(#""message":"line 3: not a JSON object: "#), "\(failed[0])")
      // What failed is an input again, each on its line.
      let again = try await self.rows(program, "'out.failed.jsonl'", status: 1).rows
      #expect(again.isEmpty)
    }
  }

  @Test func `compressed files are read by every ending, and what is written as gz is read again`() async throws {
    try await Program.inFolder { program in
      try program.write("in.jsonl", "{\"q\":1}\n{\"q\":2}\n")
      _ = try await rows(program, "'in.jsonl'")
      try program.write("job.lua", job("'in.jsonl'", output: "out.jsonl.gz"))
      for _ in 1...2 {
        let first = try await program.run("job.lua", "--mock=fast")
        #expect(first.status == 0, "\(first.errors)")
        #expect(try program.files.contains("out.jsonl.mock.gz") == false)
      }
      #expect(program.exists("out.mock.jsonl.gz"))
      #expect(!program.exists("out.mock.jsonl.gz.part"))
      try program.write(
        "second.lua",
        """
        return { input = "out.mock.jsonl.gz", output = "second.csv.gz", model = "m",
          prompt = function(item) return item.said end,
          parse = function(reply, item, ctx) return { id = ctx.id } end,
          finish = function(stats, run)
            local ids = {}
            for row in jobrun.rows(run.output) do ids[#ids + 1] = row.id end
            return { ["ids.txt"] = table.concat(ids, " ") }
          end }
        """)
      let second = try await program.run("second.lua", "--mock=fast")
      #expect(second.status == 0, "\(second.errors)")
      #expect(try program.read("ids.txt") == "1 2")
      let limited = try await program.run("second.lua", "--mock=fast", "--limit", "1", "--input", "out.mock.jsonl.gz")
      #expect(limited.status == 0, "\(limited.errors)")
      #expect(program.exists("out/second.out.mock.limit.mock.csv.gz"))
    }
  }

  @Test func `a compressed file that is cut off ends the run with 65, and the answers so far are kept`() async throws {
    try await Program.inFolder { program in
      let lines = (1...3_000).map { "line \($0) \(UInt64.random(in: 0...UInt64.max))" }.joined(separator: "\n")
      let url = program.folder.appendingPathComponent("in.txt.gz")
      try program.write("in.txt", lines)
      let gzip = Process()
      gzip.executableURL = URL(fileURLWithPath: "/bin/gzip")
      gzip.arguments = [program.folder.appendingPathComponent("in.txt").path]
      try gzip.run()
      await Program.offPool { gzip.waitUntilExit() }
      try Data(contentsOf: url).dropLast(1000).write(to: url)
      let (rows, errors) = try await rows(program, "'in.txt.gz'", status: 65)
      #expect(rows.isEmpty)
      #expect(errors.contains("in.txt.gz is cut off: it ends inside its compressed contents"), "\(errors)")
      #expect(!program.exists("out.jsonl"))
      #expect(program.exists("out.jsonl.journal"))
    }
  }

  @Test func `a command that ends badly ends the run with 65, and the same command goes on`() async throws {
    try await Program.inFolder { program in
      try program.write("job.lua", job(#"{ cmd = { "sh", "-c", "cat data; exit $(cat status)" } }"#))
      try program.write("data", "{\"q\":1}\n{\"q\":2}\n")
      try program.write("status", "3")
      try await MockServer.run(MockBehavior(reply: .echo)) { server in
        let bad = try await program.run("job.lua", "--base-url", server.baseURL)
        #expect(bad.status == 65)
        #expect(bad.errors.contains("`sh -c cat data; exit $(cat status)` ended with status 3"), "\(bad.errors)")
        #expect(!program.exists("out.jsonl"))
        try program.write("status", "0")
        let good = try await program.run("job.lua", "--base-url", server.baseURL)
        #expect(good.status == 0, "\(good.errors)")
        #expect(try program.lines("out.jsonl").count == 2)
        #expect(server.requestsReceived == 2)
      }
    }
  }

  @Test(arguments: [SIGTERM, SIGKILL])
  func `nothing of a command is left when the run is ended`(signal: Int32) async throws {
    try await Program.inFolder { program in
      // It writes on for ever: who reads no more ends it even if nobody is left to kill it.
      try program.write(
        "job.lua", job(#"{ cmd = { "sh", "-c", "echo {}; echo $$ > pid; while echo {}; do sleep 0.1; done" } }"#))
      try await MockServer.run(MockBehavior(reply: .echo)) { server in
        let (process, output, errors) = program.process(["job.lua", "--base-url", server.baseURL])
        try Program.start(process)
        await server.requests(atLeast: 2)
        kill(process.processIdentifier, signal)
        let result = await Program.result(of: process, output, errors)
        #expect(result.status == (signal == SIGTERM ? 75 : signal), "\(result.errors)")
        let pid = try #require(pid_t(program.read("pid").trimmingCharacters(in: .whitespacesAndNewlines)))
        await Program.offPool { while kill(-pid, 0) == 0 { sched_yield() } }
      }
    }
  }

  @Test func `a limit, and rows that are accepted, end a command that goes on for ever`() async throws {
    try await Program.inFolder { program in
      let endless = #"{ cmd = { "sh", "-c", "while echo {}; do :; done" } }"#
      #expect(try await rows(program, endless, "--limit", "3", "--output", "out.jsonl").rows.count == 3)
      try program.write("job.lua", job(endless).replacingOccurrences(of: "model =", with: "accept = 2, model ="))
      let result = try await program.run("job.lua", "--mock=fast", "--output", "accepted.jsonl")
      #expect(result.status == 0, "\(result.errors)")
    }
  }

  @Test(
    arguments: [
      (#"{ cmd = { "nosuchprogram" } }"#, 66, "cannot start `nosuchprogram`: No such file or directory"),
      (#"{ glob = "*.pdf" }"#, 66, "no file fits *.pdf"),
      (#"{ sqlite = "none.db", sql = "SELECT 1" }"#, 66, "no such input: "),
      (#"{ sqlite = "x.db", sql = "DELETE FROM t" }"#, 65, "job.input.sql: this is no SELECT"),
      (#"{ sqlite = "x.db", sql = "SELECT w FROM t" }"#, 65, "job.input.sql: no such column: w"),
      (#"function() return function() error "boom" end end"#, 78, "input: job.lua:1: boom"),
      ("function() end", 78, "input: an iterator (a function that returns the next item) or a list expected, got nil"),
      ("{ glob = '*', count = 1 }", 78, "job.lua:1: job.input: one of `path`, `glob`"),
      ("'in.json'", 65, "in.json: line 1: a JSON array of objects expected"),
    ] as [(String, Int32, String)])
  func `what cannot be an input is said, with its status`(input: String, status: Int32, message: String) async throws {
    try await Program.inFolder { program in
      let queue = try DatabaseQueue(path: program.folder.appendingPathComponent("x.db").path)
      try await queue.write { try $0.execute(sql: "CREATE TABLE t (id, v); INSERT INTO t VALUES (7, 1)") }
      try program.write("in.json", "7")
      let (_, errors) = try await rows(program, input, status: status)
      #expect(errors.contains(message), "\(errors)")
      #expect(try await queue.read { try Int.fetchOne($0, sql: "SELECT count(*) FROM t") } == 1)
    }
  }

  @Test(
    arguments: [
      ("{ count = 3 }", #"items     3 with a request"#, 0),
      (#"{ glob = "*.md" }"#, "items     1 with a request", 0),
      (#"{ cmd = { "sh", "-c", "echo run >> ran; echo {}" } }"#, "items     1 with a request", 1),
      ("function(run) return { { a = 1 }, { a = 2 } } end", "items     2 with a request", 0),
    ] as [(String, String, Int)])
  func `plan counts every form, and check starts no command`(input: String, items: String, runs: Int) async throws {
    try await Program.inFolder { program in
      try program.write("job.lua", job(input))
      try program.write("x.md", "text")
      let check = try await program.run("check", "job.lua", "--mock")
      #expect(check.status == 0, "\(check.errors)")
      #expect(check.output.contains("\"messages\"") == (runs == 0), "\(check.errors)")
      #expect(!program.exists("ran"))
      let plan = try await program.run("plan", "job.lua", "--mock")
      #expect(plan.status == 0, "\(plan.errors)")
      #expect(plan.output.contains(items), "\(plan.output)")
      #expect((program.exists("ran") ? try program.lines("ran").count : 0) == runs)
    }
  }

  @Test func `--strict reads through what can be read twice, and refuses the rest`() async throws {
    try await Program.inFolder { program in
      try program.write("job.lua", job("{ count = 3 }"))
      #expect(try await program.run("job.lua", "--mock=fast", "--strict").status == 0)
      try program.write("job.lua", job(#"{ cmd = { "echo", "{}" } }"#))
      let command = try await program.run("job.lua", "--mock=fast", "--strict")
      #expect(command.status == 64)
      #expect(command.errors.contains("--strict reads the input twice, and `echo {}` can be read only once"))
    }
  }

  @Test func `another run is told whether the files of a pattern changed`() async throws {
    try await Program.inFolder { program in
      try program.write("a.md", "one")
      _ = try await rows(program, #"{ glob = "*.md" }"#)
      let same = try await rows(program, #"{ glob = "*.md" }"#)
      #expect(same.errors.contains("going on: 1 answer to reuse, about 0 of 1 items to ask\n"), "\(same.errors)")
      try program.write("a.md", "two")
      let changed = try await rows(program, #"{ glob = "*.md" }"#)
      #expect(changed.errors.contains("the input changed since"), "\(changed.errors)")
      #expect(changed.rows.first?.contains("two") == true)
    }
  }
}
