import Foundation
import GRDB
import JobrunMock
import Testing

/// A dollar a token of output, and nothing for input; an answer "fine" is one token.
private func job(_ fields: String, price: String = "price = { input = 0, output = 1e6 }") -> String {
  """
  return { input = "in.txt", output = "out.jsonl", model = "m", concurrency = 4, models = { m = { \(price) } },
    defaults = { max_tokens = 2 }, retry = { base_s = 0.001 },
    prompt = function(item) return item.text end, parse = function(_, _, ctx) return { id = ctx.id } end, \(fields) }
  """
}

@Suite(.serialized) struct BudgetTests {
  private static let fine = MockBehavior(reply: .custom { _ in .completion("fine") })

  private func inFolder(
    _ behavior: MockBehavior = fine, items: Int = 100, _ body: (Program, MockServer) async throws -> Void
  ) async throws {
    try await Program.inFolder { program in
      try program.write("in.txt", (1...items).map { "\($0)\n" }.joined())
      try await MockServer.run(behavior) { try await body(program, $0) }
    }
  }

  @Test func `all runs together spend what the budget allows, and the last lines say what to do`() async throws {
    try await inFolder { program, server in
      try program.write("job.lua", job("budget = { usd = 10 }"))
      let first = try await program.run("job.lua", "--base-url", server.baseURL, "--json")
      #expect(first.status == 75, "\(first.errors)")
      #expect(server.requestsReceived == 9)
      #expect(try program.lines("out.jsonl").count == 9)
      #expect(
        first.errors.contains("jobrun: the budget of 10 USD is used up: 9 USD spent, and the next request may take 2"))
      #expect(first.errors.contains("raise `budget.usd`, or --budget-usd,"))
      #expect(first.errors.contains("budget    9 of 10 USD spent by all runs"))
      #expect(first.errors.contains("go on with:"))
      #expect(first.output.contains(#""exit_code":75,"exit_reason":"the budget of 10 USD is used up"#))

      // A spent budget still replays what the journal has.
      let again = try await program.run("job.lua", "--base-url", server.baseURL)
      #expect(again.status == 75, "\(again.errors)")
      #expect(server.requestsReceived == 9)
      #expect(try program.lines("out.jsonl").count == 9)

      // The option goes over the job, the variable too.
      let raised = try await program.run("job.lua", "--base-url", server.baseURL, "--budget-usd", "20")
      #expect(raised.status == 75)
      #expect(server.requestsReceived == 19)
      let variable = try await program.run(
        ["job.lua", "--base-url", server.baseURL], environment: ["JOBRUN_BUDGET_USD": "30.5"])
      #expect(variable.status == 75)
      #expect(server.requestsReceived == 29)
      let whole = try await program.run("job.lua", "--base-url", server.baseURL, "--budget-usd", "1000")
      #expect(whole.status == 0, "\(whole.errors)")
      #expect(server.requestsReceived == 100)
      #expect(whole.errors.contains("budget    100 of 1000 USD spent by all runs"))
    }
  }

  @Test func `what a killed run had in flight counts`() async throws {
    let stalls = MockBehavior(script: .perRequest { $0.ordinal == 1 ? [.answer] : .stalled })
    try await inFolder(stalls) { program, server in
      try program.write("job.lua", job("budget = { requests = 6 }"))
      let (process, output, errors) = program.process(["job.lua", "--base-url", server.baseURL])
      try process.run()
      await server.requests(atLeast: 5)
      // The journal knows of them with its next commit.
      func noted() throws -> Int {
        try program.journal { try Int.fetchOne($0, sql: "SELECT max(count) FROM in_flight") ?? 0 }
      }
      while try noted() < 4 { await Task.yield() }
      kill(process.processIdentifier, SIGKILL)
      _ = await Program.result(of: process, output, errors)
      try await MockServer.run(Self.fine) { healthy in
        let result = try await program.run("job.lua", "--base-url", healthy.baseURL)
        #expect(result.status == 75, "\(result.errors)")
        #expect(healthy.requestsReceived == 1)
        #expect(result.errors.contains("6 of 6 requests spent"))
      }
    }
  }

  @Test func `failed tries are requests, too`() async throws {
    let failing = MockBehavior(reply: .custom { _ in .error(status: 400, message: "no") })
    try await inFolder(failing) { program, server in
      try program.write("job.lua", job("budget = { requests = 12 }"))
      let result = try await program.run("job.lua", "--base-url", server.baseURL, "--keep-going")
      #expect(result.status == 75, "\(result.errors)")
      #expect(server.requestsReceived == 12)
      let again = try await program.run("job.lua", "--base-url", server.baseURL, "--keep-going")
      #expect(again.status == 75)
      #expect(server.requestsReceived == 12)
    }
  }

  @Test func `a model without a price is refused at the start`() async throws {
    try await inFolder { program, server in
      try program.write("job.lua", job("budget = { usd = 1 }", price: ""))
      let own = try await program.run("job.lua", "--base-url", server.baseURL)
      #expect(own.status == 78)
      #expect(own.errors.contains("job.lua:1: job.models.m: a `price` expected: `job.budget.usd` counts US dollars"))
      try program.write("job.lua", job("", price: ""))
      let option = try await program.run("job.lua", "--base-url", server.baseURL, "--budget-usd", "1")
      #expect(option.status == 78)
      #expect(option.errors.contains("--budget-usd: no price for `m`"))
      try program.write("free.lua", "return { input = 'in.txt', model = 'm', prompt = function(i) return i.text end }")
      let free = try await program.run("free.lua", "--base-url", server.baseURL, "--budget-usd", "1")
      #expect(free.status == 78)
      #expect(free.errors.contains("--budget-usd: no model has a price"))
      for wrong in ["0", "-1", "nan", "x"] {
        #expect(try await program.run("job.lua", "--budget-usd", wrong).status == 64)
      }
      #expect(server.requestsReceived == 0)
    }
  }

  @Test func `accept ends the run well, and again without a request`() async throws {
    try await inFolder(items: 10_000) { program, server in
      try program.write("job.lua", job("accept = 20"))
      let first = try await program.run("job.lua", "--base-url", server.baseURL, "--json")
      #expect(first.status == 0, "\(first.errors)")
      let sent = server.requestsReceived
      #expect((20...28).contains(sent))
      #expect(try program.lines("out.jsonl").count == sent)
      #expect(
        first.output.contains("\"exit_code\":0,\"exit_reason\":\"accepted: \(sent) of 20 rows that `accept` wants\""))
      #expect(first.errors.contains("accepted  \(sent) of 20 rows that `accept` wants; the rest of the input was left"))
      let again = try await program.run("job.lua", "--base-url", server.baseURL)
      #expect(again.status == 0, "\(again.errors)")
      #expect(server.requestsReceived == sent)
      #expect((20...sent).contains(try program.lines("out.jsonl").count))
    }
  }

  @Test func `fewer rows than accept wants are told`() async throws {
    try await inFolder(items: 5) { program, server in
      try program.write("job.lua", job("accept = 20"))
      let result = try await program.run("job.lua", "--base-url", server.baseURL, "--json")
      #expect(result.status == 0)
      #expect(result.output.contains(#""exit_reason":"completed with 5 of 20 rows that `accept` wants""#))
    }
  }

  @Test func `a threshold that failed is status 99 and named with its value, one that holds changes nothing`()
    async throws
  {
    let mixed = MockBehavior(
      reply: .custom { request in
        Int(request.prompt ?? "")! % 10 == 0
          ? .error(status: 400, message: "no \(request.prompt ?? "")") : .completion("fine")
      })
    try await inFolder(mixed) { program, server in
      try program.write(
        "job.lua", job(#"thresholds = { failed = "<10%", errors = "<50%", max = "<60s", cost_usd = "<90" }"#))
      let failed = try await program.run("job.lua", "--base-url", server.baseURL, "--json", "-q")
      #expect(failed.status == 99, "\(failed.errors)")
      #expect(
        failed.errors == "jobrun: thresholds failed:\n  failed <10%: 10.00 %\n  cost_usd <90: $90.0000\n")
      #expect(failed.output.contains(#""exit_code":99,"exit_reason":"thresholds failed: failed <10%: 10.00 %, cost"#))
      #expect(try program.lines("out.jsonl").count == 90)

      try program.write("job.lua", job(#"thresholds = { failed = "<=10%", p95 = "<1ms" }"#))
      // All answers come from the journal, so nothing is known of the latency; 400s are asked again.
      let held = try await program.run("job.lua", "--base-url", server.baseURL)
      #expect(held.status == 1, "\(held.errors)")
      #expect(held.errors.contains("threshold 1 of 1 held; p95 not judged: no answer was bought"))

      try program.write("job.lua", job(#"thresholds = { failed = "<1" }"#))
      let stopped = try await program.run("job.lua", "--base-url", server.baseURL, "--fresh", "--budget-usd", "12")
      #expect(stopped.status == 75, "a run that ended early is not judged")
    }
  }

  @Test func `twenty hook failures in a row stop the run, and nothing is bought twice`() async throws {
    try await inFolder(items: 500) { program, server in
      try program.write("good.lua", job("name = 'job'"))
      try program.write(
        "job.lua", job("").replacing("return { id = ctx.id }", with: "return { id = ctx.id, x = ctx.none.x }"))
      try program.write("out.jsonl", "old\n")
      let broken = try await program.run("job.lua", "--base-url", server.baseURL)
      #expect(broken.status == 78, "\(broken.errors)")
      let sent = server.requestsReceived
      #expect((20...28).contains(sent))
      #expect(broken.errors.contains("jobrun: 20 items in a row failed in `parse`: job.lua:3: "))
      #expect(broken.errors.contains("mend the hook and run the same command again"))
      #expect(try program.read("out.jsonl") == "old\n")
      // Again: not even the rest of what is new is bought.
      #expect(try await program.run("job.lua", "--base-url", server.baseURL).status == 78)
      #expect(server.requestsReceived == sent)
      let mended = try await program.run("good.lua", "--base-url", server.baseURL)
      #expect(mended.status == 0, "\(mended.errors)")
      #expect(server.requestsReceived == 500)
      let going = try await program.run("job.lua", "--base-url", server.baseURL, "--keep-going")
      #expect(going.status == 1)
      #expect(server.requestsReceived == 500)
    }
  }
}
