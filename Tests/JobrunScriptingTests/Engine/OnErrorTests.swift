import JobrunModel
import JobrunTestSupport
import Testing

@testable import JobrunScripting

@Suite("on_error") struct OnErrorTests {
  private static let overloaded = AttemptError(
    .overloaded, status: 503, code: "busy", message: "out of capacity", dispatched: .yes)

  @Loop
  private static func life(
    _ fields: String, reply: (ChatRequest, Int) -> Result<Answer, AttemptError> = { _, _ in .failure(overloaded) }
  ) throws -> Life {
    let script = try Script(
      "return { model = 'm', prompt = function(item, ctx) ctx.state.n = 1 return item.text end, \(fields) }")
    return Life(script.engine, reply: reply)
  }

  @Test func `gives a row for an item whose call failed`() async throws {
    let life = try await onLoop {
      try Self.life(
        """
        on_error = function(err, item, ctx)
          return { id = ctx.id, class = err.class, status = err.status, code = err.code, text = item.text, n = ctx.state.n }
        end
        """)
    }
    #expect(life.rows == [#"{"class":"overloaded","code":"busy","id":1,"n":1,"status":503,"text":"hello"}"#])
  }

  @Test func `leaves the failure where it returns nothing, and the first row wins`() async throws {
    let seen = try await onLoop {
      let none = try Self.life("on_error = function() end")
      let order = try Self.life(
        """
        use = { { on_error = function(err, item, ctx) return { by = "use1" } end },
                { on_error = function(err, item, ctx) ctx.state.n = 2 end } },
        on_error = function() return { by = "job" } end
        """)
      return (none.failure, order.rows)
    }
    #expect(seen.0?.errorClass == .overloaded)
    #expect(seen.1 == [#"{"by":"use1"}"#])
  }

  @Test func `sees errors of hooks, with the answer that there is`() async throws {
    let life = try await onLoop {
      try Self.life(
        """
        parse = function(reply, item, ctx) ctx:emit { dropped = true } error("no good") end,
        on_error = function(err, item, ctx) return { class = err.class, hook = err.hook, message = err.message, text = err.reply.text } end
        """
      ) { _, _ in .success(.text("bonjour")) }
    }
    #expect(
      life.rows == [#"{"class":"hook","hook":"parse","message":"jobs/test.lua:1: no good","text":"bonjour"}"#])
  }

  @Test func `asks again, as often as retry.asks allows`() async throws {
    let lives = try await onLoop {
      (
        try Self.life("on_error = function(err, item, ctx) ctx:retry('again', { model = 'big' }) end") { request, n in
          n < 2 ? .failure(Self.overloaded) : .success(.text("ok \(request.model)"))
        },
        try Self.life("on_error = function(err, item, ctx) ctx:retry('again') end")
      )
    }
    #expect(lives.0.models == ["m", "big"])
    #expect(lives.0.rows == [#"{"id":1,"input":"hello","model":"big","output":"ok big"}"#])
    #expect(lives.1.requests.count == 3)
    #expect(lives.1.failure?.errorClass == .rejected)
    #expect(lives.1.failure?.message == "again (asked 3 times, as `retry.asks` allows)")
    #expect(lives.1.failure?.cause?.errorClass == .overloaded)
  }

  @Test func `fails itself, and keeps the first failure as the cause`() async throws {
    let life = try await onLoop { try Self.life("on_error = function(err) error('worse') end") }
    #expect(life.failure?.errorClass == .hook)
    #expect(life.failure?.hook == "on_error")
    #expect(life.failure?.message == "jobs/test.lua:1: worse")
    #expect(life.failure?.cause?.errorClass == .overloaded)
    #expect(life.failure?.cause?.message == "out of capacity")
  }

  @Test func `waits for calls of its own, skips and fails`() async throws {
    let lives = try await onLoop {
      (
        try Self.life("on_error = function(err, item, ctx) return ctx:call('other').text end") { _, n in
          n == 1 ? .failure(Self.overloaded) : .success(.text("saved"))
        }.rows,
        try Self.life("on_error = function(err, item, ctx) ctx:skip('not needed') end").end,
        try Self.life("on_error = function(err, item, ctx) ctx:fail('not wanted') end").failure
      )
    }
    #expect(lives.0 == [#"{"id":1,"output":"saved"}"#])
    guard case .finished(.skipped(reason: "not needed"))? = lives.1 else {
      Issue.record("it was not skipped")
      return
    }
    #expect(lives.2?.errorClass == .rejected)
    #expect(lives.2?.cause?.errorClass == .overloaded)
  }

  @Test func `cannot begin process again, or ask where there was no request`() async throws {
    let messages = try await onLoop {
      [
        "process = function(item, ctx) ctx:call('x') return false end",
        "prompt = function(item, ctx) error('early') end",
      ].map { hook in
        let script = try? Script(
          "return { model = 'm', \(hook), on_error = function(err, item, ctx) ctx:retry('x') end }")
        return script.map { Life($0.engine) { _, _ in .failure(Self.overloaded) }.failure?.message ?? "" } ?? ""
      }
    }
    #expect(messages[0].contains("ctx:retry cannot begin `process` again"))
    #expect(messages[1].contains("ctx:retry has no request to ask again"))
  }
}

@Suite("truncated") struct TruncatedTests {
  @Loop
  private static func life(_ fields: String, enough: Int) throws -> Life {
    let script = try Script("return { model = 'm', \(fields) }")
    return Life(script.engine) { _, number in
      .success(.text("text \(number)", finishReason: number < enough ? "length" : "stop"))
    }
  }

  private static let prompt = """
    prompt = function(item) return { messages = { { role = "user", content = item.text } }, max_tokens = 100 } end,
    parse = function(reply) return { text = reply.text } end,
    """

  @Test func `accepts, fails, or asks with twice the room`() async throws {
    let lives = try await onLoop {
      (
        try Self.life(Self.prompt, enough: 9), try Self.life(Self.prompt + "truncated = 'fail'", enough: 9),
        try Self.life(Self.prompt + "truncated = 'retry'", enough: 3),
        try Self.life(Self.prompt + "truncated = 'retry'", enough: 9)
      )
    }
    #expect(lives.0.rows == [#"{"text":"text 1"}"#])
    #expect(lives.1.failure?.errorClass == .truncated)
    #expect(lives.1.requests.count == 1)
    #expect(lives.2.rows == [#"{"text":"text 3"}"#])
    #expect(lives.2.requests.map { $0.contains(#""max_tokens":400"#) } == [false, false, true])
    #expect(lives.3.failure?.errorClass == .truncated)
    #expect(lives.3.requests.count == 3)
  }

  @Test func `holds for calls that hooks make`() async throws {
    let process = """
      process = function(item, ctx)
        local request = { messages = { { role = "user", content = "x" } }, max_completion_tokens = 10 }
        local ok, reply = pcall(ctx.call, ctx, request)
        return { ok = ok, class = not ok and reply.class or nil, text = ok and reply.text or reply.reply.text }
      end,
      """
    let lives = try await onLoop {
      (
        try Self.life(process + "truncated = 'fail'", enough: 9).rows,
        try Self.life(process + "truncated = 'retry'", enough: 3).rows
      )
    }
    #expect(lives.0 == [#"{"class":"truncated","ok":false,"text":"text 1"}"#])
    #expect(lives.1 == [#"{"ok":true,"text":"text 3"}"#])
  }

  @Test func `says so where the request names no limit that could be larger`() async throws {
    let life = try await onLoop {
      try Self.life("prompt = function(item) return item.text end, truncated = 'retry'", enough: 9)
    }
    #expect(life.failure?.message.contains("names no `max_tokens` that could be larger") == true)
  }
}
