import Foundation
import GRDB
import JobrunMock
import Testing

/// How a job steers its own run, in the built program.
@Suite(.serialized) struct RunControlTests {
  private func write(_ program: Program, _ fields: String, items: Int = 200) throws {
    try program.write(
      "job.lua",
      """
      return { input = "in.txt", output = "out.jsonl", model = "m", concurrency = 4,
        prompt = function(item) return item.text end,
        parse = function(reply, item, ctx) return { id = ctx.id } end,
        \(fields)
      }
      """)
    try program.write("in.txt", (1...items).map { "\($0)\n" }.joined())
  }

  private func json(_ text: String) throws -> [String: Any] {
    try #require(try JSONSerialization.jsonObject(with: Data(text.utf8)) as? [String: Any])
  }

  @Test func `run stop ends the run with 75, its reason told, and the same command goes on`() async throws {
    try await Program.inFolder { program in
      try write(
        program,
        """
        on_reply = function(reply, item, ctx)
          if ctx.index == 20 and not reply.from_journal then ctx.run:stop("20 are \\27[1menough") end
        end,
        """)
      let result = try await program.run("job.lua", "--mock=fast", "--json")
      #expect(result.status == 75, "\(result.errors)")
      #expect(result.errors.contains("jobrun: stopped by the job: 20 are \\u{1b}[1menough\n"), "\(result.errors)")
      #expect(result.errors.contains("go on with:"))
      let summary = try json(result.output)
      #expect(summary["exit_reason"] as? String == "stopped by the job: 20 are \u{1B}[1menough")
      let rows = try program.lines("out.mock.jsonl").count
      #expect((20..<60).contains(rows))
      let again = try await program.run("job.lua", "--mock=fast")
      #expect(again.status == 0, "\(again.errors)")
      #expect(try program.lines("out.mock.jsonl").count == 200)
    }
  }

  @Test func `an error in on_tick ends the run with 78, its place and the traceback; what was paid for is written`()
    async throws
  {
    try await Program.inFolder { program in
      try write(
        program,
        """
        parse = function(reply, item, ctx)
          if ctx.index == 5 then ctx.run:pause() end
          return { id = ctx.id }
        end,
        on_tick = function(stats, run)
          local x = stats.itmes
        end,
        """)
      let result = try await program.run("job.lua", "--mock=fast")
      #expect(result.status == 78, "\(result.errors)")
      #expect(result.errors.contains("jobrun: on_tick: job.lua:9: stats has no field \"itmes\""), "\(result.errors)")
      #expect(result.errors.contains("stack traceback:"))
      #expect(try program.lines("out.mock.jsonl").count >= 5)
    }
  }

  @Test func `a run that is paused for ever is ended by a signal`() async throws {
    try await Program.inFolder { program in
      try write(program, "setup = function(run) run:pause() end,")
      try await MockServer.run(MockBehavior()) { server in
        let (process, output, errors) = program.process(["job.lua", "--base-url", server.baseURL, "-v"])
        try Program.start(process)
        _ = await Program.read(errors, until: "at once")
        process.terminate()
        let result = await Program.result(of: process, output, errors)
        #expect(result.status == 75, "\(result.errors)")
        #expect(server.requestsReceived == 0)
      }
    }
  }

  @Test func `concurrency grows beyond the command line's, with connections for it`() async throws {
    try await Program.inFolder { program in
      try write(
        program,
        "on_reply = function(reply, item, ctx) if ctx.index == 1 then ctx.run:set { concurrency = 60 } end end,",
        items: 400)
      try await MockServer.run(MockBehavior(latency: .fixed(.milliseconds(100)))) { server in
        let result = try await program.run("job.lua", "--base-url", server.baseURL, "--concurrency", "2", "--json")
        #expect(result.status == 0, "\(result.errors)")
        #expect(server.inFlightMaximum > 40 && server.inFlightMaximum <= 60, "\(server.inFlightMaximum)")
        #expect(try json(result.output)["concurrency"] as? Int == 60)
      }
    }
  }

  @Test func `counters are in the summary, in the JSON and in the journal`() async throws {
    try await Program.inFolder { program in
      try write(
        program,
        """
        setup = function() jobrun.counter("never") end,
        on_reply = function(reply, item, ctx)
          jobrun.counter("long \\"ones\\""):add(ctx.index > 150 and 1000 or 0)
          jobrun.counter("share"):add(0.25)
        end,
        """)
      let result = try await program.run("job.lua", "--mock=fast", "--json")
      #expect(result.status == 0, "\(result.errors)")
      #expect(result.errors.contains("  counters  long \"ones\" 50,000, never 0, share 50\n"), "\(result.errors)")
      let expected: [String: Double] = ["never": 0, "long \"ones\"": 50_000, "share": 50]
      #expect(try json(result.output)["counters"] as? [String: Double] == expected)
      let journal = try DatabaseQueue(path: program.folder.appendingPathComponent("out.jsonl.mock.journal").path)
      let stats = try await journal.read { try String.fetchOne($0, sql: "SELECT stats FROM run") }
      #expect(try json(#require(stats))["counters"] as? [String: Double] == expected)
      let check = try await program.run("check", "job.lua", "--mock")
      #expect(check.status == 0, "\(check.errors)")
    }
  }

  @Test func `watch lua ends when its money is spent`() async throws {
    try await Program.inFolder { program in
      try program.write("in.jsonl", (1...100_000).map { "{\"question\":\"\($0) + 1?\"}\n" }.joined())
      let result = try await program.run(
        Program.root.path + "/jobs/watch.lua", "--mock", "--input", "in.jsonl", "--output", "out.jsonl", "--param",
        "budget_usd=0.0000001", "--json")
      #expect(result.status == 75, "\(result.errors)")
      #expect(result.errors.contains("USD are spent"), "\(result.errors)")
      #expect(try json(result.output)["counters"] as? [String: Int] == ["cuts": 0])
    }
  }

  @Test func `a model that is set holds for the requests that follow, and a later run finds the answers of both`()
    async throws
  {
    try await Program.inFolder { program in
      try program.write(
        "job.lua",
        """
        return { input = "in.txt", output = "out.jsonl", concurrency = 1, models = { strong = {}, cheap = {} },
          model = { "strong", "cheap" },
          prompt = function(item, ctx)
            if ctx.index == 11 then ctx.run:set { model = { "cheap", "strong" } } end
            return item.text
          end,
          parse = function(reply, item, ctx) return { id = ctx.id, model = reply.model } end }
        """)
      try program.write("in.txt", (1...30).map { "\($0)\n" }.joined())
      let result = try await program.run("job.lua", "--mock=fast", "--json")
      #expect(result.status == 0, "\(result.errors)")
      let models = try program.lines("out.mock.jsonl").map { $0.contains("cheap") }
      #expect(models == (1...30).map { $0 > 10 })
      let again = try await program.run("job.lua", "--mock=fast", "--json")
      #expect(try json(again.output)["requests"] as? Int == 0, "\(again.errors)")
    }
  }
}
