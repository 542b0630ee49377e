import JobrunModel
import JobrunTestSupport
import Testing

@testable import JobrunScripting

/// Items that end, or go on in `on_error`, while calls that their hooks made are under way.
@Suite("An item whose calls have hooks of their own")
struct NestedEndTests {
  /// Answers a request with its own prompt in capitals.
  private static func echo(_ request: ChatRequest, _ number: Int) -> Result<Answer, AttemptError> {
    let body = String(decoding: request.body, as: UTF8.self)
    let prompt = body.split(separator: "\"content\":\"").dropFirst().first?.prefix { $0 != "\"" } ?? ""
    return .success(.text(prompt.uppercased(), body: #"{"choices":[]}"#))
  }

  private func life(
    _ job: String, reply: @escaping @Loop @Sendable (ChatRequest, Int) -> Result<Answer, AttemptError> = Self.echo
  ) async throws -> Life {
    try await onLoop { Life(try Script("return { model = 'm', \(job) }").engine, reply: reply) }
  }

  @Test("may be saved by an on_error that calls, where on_reply of a call refused it")
  func failThenCall() async throws {
    let life = try await life(
      """
      process = function(item, ctx) return { text = ctx:call("a").text } end,
      on_reply = function(reply, item, ctx) if reply.text == "A" then ctx:fail("no") end end,
      on_error = function(err, item, ctx)
        ctx:sleep(1)
        return { class = err.class, text = ctx:call("b").text }
      end
      """)
    #expect(life.rows == [#"{"class":"rejected","text":"B"}"#])
    #expect(life.sleeps == [.seconds(1)])
  }

  @Test(
    "ends where on_request of a call says so",
    arguments: [
      ("ctx:call('x')", "skip"), ("ctx:call_all { 'x', 'y', 'z' }", "skip"), ("ctx:call('x')", "fail"),
      ("ctx:call_all { 'x', 'y', 'z' }", "fail"),
    ])
  func endsInRequest(call: String, end: String) async throws {
    let life = try await life(
      "process = function(item, ctx) \(call) return {} end, on_request = function(r, item, ctx) ctx:\(end)('no') end")
    switch life.end {
    case .finished(.skipped(let reason)):
      #expect(end == "skip")
      #expect(reason == "no")
    case .finished(.failed(let failure)):
      #expect(end == "fail")
      #expect(failure.errorClass == .rejected)
    default: Issue.record("\(String(describing: life.end))")
    }
    #expect(life.requests.isEmpty)
  }

  @Test("goes on in on_error, which may call itself, where on_request of one call of several failed it")
  func failWhileBeginning() async throws {
    let life = try await life(
      """
      process = function(item, ctx) ctx:call_all { "a", "b", "c" } return {} end,
      on_request = function(request, item, ctx)
        if request.messages[1].content == "a" then ctx:fail("no a") end
      end,
      on_error = function(err, item, ctx)
        local one = ctx:call_all { "x" }
        return { text = one[1].text .. ctx:call("y").text, why = err.message }
      end
      """)
    #expect(life.rows == [#"{"text":"XY","why":"no a"}"#])
    #expect(life.requests.count == 2)
  }

  @Test("does not take the answer of a dropped call for that of a later one")
  func lateAnswer() async throws {
    try await onLoop {
      let script = try Script(
        """
        return { model = 'm',
          process = function(item, ctx) ctx:call_all { "a", "b" } return {} end,
          on_reply = function(reply, item, ctx) if reply.text == "A" then ctx:fail("no") end end,
          on_error = function(err, item, ctx)
            local replies = ctx:call_all { "c", "d" }
            return { c = replies[1].text, d = replies[2].text }
          end }
        """)
      let (item, step) = script.engine.begin(.line("x"))
      guard case .fork(let first) = step, first.count == 2 else {
        Issue.record("\(step)")
        return
      }
      // a is refused while b is in flight; on_error calls anew.
      guard case .fork(let second) = script.engine.resume(first[0].item, with: .success(.text("A"))), second.count == 2
      else {
        Issue.record("no calls of on_error")
        return
      }
      guard case .wait = script.engine.resume(first[1].item, with: .success(.text("B"))) else {
        Issue.record("the late answer was taken")
        return
      }
      _ = script.engine.resume(second[0].item, with: .success(.text("C")))
      guard case .finished(.ok(let rows)) = script.engine.resume(second[1].item, with: .success(.text("D"))) else {
        Issue.record("not finished")
        return
      }
      #expect(rows.map { String(decoding: $0, as: UTF8.self) } == [#"{"c":"C","d":"D"}"#])
      _ = item
    }
  }

  @Test("holds the schema against the calls of process, and no others")
  func schema() async throws {
    let schema = "schema = { type = 'object', required = { 'a' } }"
    let json: @Loop @Sendable (ChatRequest, Int) -> Result<Answer, AttemptError> = { request, _ in
      let isMain = String(decoding: request.body, as: UTF8.self).contains("response_format")
      return .success(.text(isMain ? #"{"a":1}"# : "yes"))
    }
    let around = try await life(
      """
      \(schema), prompt = function() return "main" end,
      on_reply = function(reply, item, ctx)
        if not ctx.state.asked then ctx.state.asked = ctx:call_all { "polite?", "true?" }[2].text end
      end,
      parse = function(reply, item, ctx) return { a = reply.json.a, said = ctx.state.asked, more = ctx:call("more?").text } end
      """, reply: json)
    #expect(around.rows == [#"{"a":1,"more":"yes","said":"yes"}"#])
    #expect(around.requests.count == 4)
    let process = try await life(
      "\(schema), process = function(item, ctx) return { a = ctx:call('main').json.a } end", reply: json)
    #expect(process.rows == [#"{"a":1}"#])
  }

  @Test("calls in setup where answers may be truncated")
  func setupCall() async throws {
    try await onLoop {
      let script = try Script(
        """
        local said
        return { model = 'm', truncated = 'retry', prompt = function() return 'x' end,
          setup = function(run) said = run:call("hello").text; print(said) end }
        """)
      let life = Life(script.engine, script.engine.beginSetup()) { _, _ in .success(.text("hi")) }
      guard case .finished(.ok)? = life.end else {
        Issue.record("\(String(describing: life.end))")
        return
      }
      #expect(script.log.entries.contains { $0.hasSuffix("hi") })
      // The run's item is over: items cannot use it.
      let item = try Script(
        "return { model = 'm', setup = print, process = function(item, ctx) return { t = ctx.run:call('x').text } end }"
      )
      _ = Life(item.engine, item.engine.beginSetup()) { _, _ in .success(.text("hi")) }
      let failure = Life(item.engine) { _, _ in .success(.text("hi")) }.failure
      #expect(failure?.message.contains("setup and finish only") == true)
    }
  }

  @Test("keeps the rows that prompt emitted when on_error asks again, and tells a failure without an older answer")
  func retryAfterFailure() async throws {
    let life = try await life(
      """
      prompt = function(item, ctx) ctx:emit { n = 0 } return "x" end,
      on_error = function(err, item, ctx)
        if ctx.ask < 3 then ctx:retry("again", { feedback = "again" }) end
        return { had = err.reply ~= nil }
      end,
      parse = function(reply, item, ctx) ctx:retry("once more") end
      """
    ) { _, number in
      number == 2 ? .success(.text("hi")) : .failure(AttemptError(.timeout, message: "slow", dispatched: .maybe))
    }
    #expect(life.rows == [#"{"had":false}"#])
    let emitted = try await self.life(
      """
      prompt = function(item, ctx) ctx:emit { n = 0 } return "x" end,
      on_error = function(err, item, ctx) ctx:retry("again") end,
      parse = function(reply, item, ctx) return { n = 1 } end
      """
    ) { _, number in
      number == 2 ? .success(.text("hi")) : .failure(AttemptError(.timeout, message: "slow", dispatched: .maybe))
    }
    #expect(emitted.rows == [#"{"n":0}"#, #"{"n":1}"#])
  }

  @Test("may share messages with other items: on_request changes copies; reply.json follows reply.text")
  func copies() async throws {
    try await onLoop {
      let script = try Script(
        """
        local system = { role = "system", content = "Call 1" }
        local parts = { { type = "text", text = "part" } }
        return { model = 'm',
          prompt = function() return { system, { role = "user", content = parts } } end,
          on_request = function(request)
            request.messages[1].content = request.messages[1].content .. "!"
            request.messages[2].content[1].text = request.messages[2].content[1].text .. "!"
          end,
          on_reply = function(reply) local _ = reply.json; reply.text = '{"a":2}' end,
          parse = function(reply) return { a = reply.json.a } end }
        """)
      let lives = (1...2).map { _ in Life(script.engine) { _, _ in .success(.text(#"{"a":1}"#)) } }
      #expect(lives[0].requests == lives[1].requests)
      #expect(lives[1].requests[0].contains("Call 1!\""))
      #expect(lives[1].requests[0].contains("part!\""))
      #expect(lives[1].rows == [#"{"a":2}"#])
    }
  }

  @Test("A schema that contains itself is refused at once")
  func cyclicSchema() async throws {
    let problems = try await onLoop {
      try Script.problems(
        """
        local n = { type = "object" }
        n.properties = { left = n, right = n }
        return { model = 'm', schema = n, prompt = function() return 'x' end }
        """)
    }
    #expect(problems.count == 1)
    #expect(problems.first?.contains("job.schema: ") == true, "\(problems)")
  }

  @Test(
    "A pack's result of the wrong shape is told, one with too many rows is asked in halves",
    arguments: [
      ("{ id = 1, text = 'x' }", "got a table with the key"),
      ("{ { a = 1 }, { a = 2 }, { a = 3 }, b = 1 }", "got a table with the key"),
    ])
  func packShape(result: String, message: String) async throws {
    try await onLoop {
      let script = try Script(
        "return { model = 'm', pack = 3, prompt = function(items) return #items .. '' end, parse = function() return \(result) end }"
      )
      let life = Life(script.engine, [.line("a"), .line("b"), .line("c")]) { _, _ in .success(.text("hi")) }
      #expect(life.requests.count == 1)
      #expect(life.failure?.errorClass == .hook)
      #expect(life.failure?.message.contains(message) == true, "\(String(describing: life.failure))")
      let more = try Script(
        "return { model = 'm', pack = 3, prompt = function() return 'x' end, parse = function() return { {}, {}, {}, {} } end }"
      )
      let halved = Life(more.engine, [.line("a"), .line("b"), .line("c")]) { _, _ in .success(.text("hi")) }
      guard case .divided? = halved.end else {
        Issue.record("\(String(describing: halved.end))")
        return
      }
    }
  }
}
