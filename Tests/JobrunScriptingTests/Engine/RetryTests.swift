import JobrunModel
import JobrunTestSupport
import Testing

@testable import JobrunScripting

@Suite("ctx:retry") struct RetryTests {
  /// The requests of an item whose answers are `answers` in turn, and its end.
  @Loop
  private static func life(
    _ source: String, answers: [String], record: ItemRecord = .line("hello")
  ) throws -> (requests: [String], end: ItemResult?, model: [String]) {
    let script = try Script(source)
    let (item, first) = script.engine.begin(record)
    var step = first
    var (requests, models): ([String], [String]) = ([], [])
    var left = answers[...]
    while case .call(let request) = step, let text = left.popFirst() {
      requests.append(String(decoding: request.body, as: UTF8.self))
      models.append(request.model)
      var answer = Answer.text(text)
      answer.model = request.model
      step = script.engine.resume(item, with: .success(answer))
    }
    return (requests, step.result, models)
  }

  private static func rows(_ end: ItemResult?) -> [String] {
    guard case .ok(let rows)? = end else {
      Issue.record("no rows: \(String(describing: end))")
      return []
    }
    return rows.map { String(decoding: $0, as: UTF8.self) }
  }

  private static let picky = """
    return { model = "m", prompt = function(item) return item.text end,
      parse = function(reply, item, ctx)
        if reply.text ~= "good" then ctx:retry("bad answer") end
        return { ask = ctx.ask, text = reply.text, item = item.text }
      end }
    """

  @Test func `asks again with the same bytes, and the item is as it was`() async throws {
    let (requests, end, _) = try await onLoop { try Self.life(Self.picky, answers: ["bad", "worse", "good"]) }
    #expect(requests.count == 3)
    #expect(Set(requests).count == 1)
    #expect(Self.rows(end) == [#"{"ask":3,"item":"hello","text":"good"}"#])
  }

  @Test func `fails the item as rejected where retry.asks are used up`() async throws {
    for (limit, asks) in [("", 3), ("retry = { asks = 1 },", 1), ("retry = { asks = 5 },", 5)] {
      let source = Self.picky.replacing("model = \"m\",", with: "model = \"m\", \(limit)")
      let (requests, end, _) = try await onLoop { try Self.life(source, answers: Array(repeating: "bad", count: 9)) }
      #expect(requests.count == asks)
      guard case .failed(let failure)? = end else {
        Issue.record("it did not fail")
        continue
      }
      #expect(failure.errorClass == .rejected)
      #expect(failure.hook == "parse")
      #expect(failure.message.hasPrefix("bad answer (asked \(asks == 1 ? "once" : "\(asks) times")"))
    }
  }

  @Test func `merges changes, and feedback goes behind the answer`() async throws {
    let source = """
      return { model = "m", prompt = function(item) return { messages = { { role = "user", content = item.text } }, n = 1 } end,
        parse = function(reply, item, ctx)
          if ctx.ask == 1 then ctx:retry("no", { temperature = 0.5, n = 2, feedback = "Shorter, please." }) end
          return reply.text
        end }
      """
    let (requests, _, _) = try await onLoop { try Self.life(source, answers: ["long", "short"]) }
    #expect(
      requests == [
        #"{"messages":[{"content":"hello","role":"user"}],"model":"m","n":1}"#,
        #"{"messages":[{"content":"hello","role":"user"},{"content":"long","role":"assistant"},"#
          + #"{"content":"Shorter, please.","role":"user"}],"model":"m","n":2,"temperature":0.5}"#,
      ])
  }

  @Test func `begins with the request as it was before on_request, which runs again`() async throws {
    let source = """
      return { model = "m", prompt = function(item) return item.text end,
        on_request = function(request, item, ctx) request.n = (request.n or 0) + ctx.ask return request end,
        on_reply = function(reply, item, ctx) if ctx.ask < 3 then ctx:retry("again") end end,
        parse = function(reply, item, ctx) return reply.text end }
      """
    let (requests, end, _) = try await onLoop { try Self.life(source, answers: ["a", "b", "c"]) }
    #expect(requests.map { $0.suffix(6) } == [#""n":1}"#, #""n":2}"#, #""n":3}"#])
    #expect(Self.rows(end) == [#"{"id":1,"output":"c"}"#])
  }

  @Test func `may change the model, and keeps the names that the job gives its models`() async throws {
    let source = """
      return { model = "cheap", models = { cheap = { name = "c-1" }, strong = { name = "s-1" } },
        prompt = function(item) return item.text end,
        parse = function(reply, item, ctx)
          if ctx.ask == 1 then ctx:retry("unsure") end
          if ctx.ask == 2 then ctx:retry("still unsure", { model = "strong" }) end
          return reply.text
        end }
      """
    let (requests, _, models) = try await onLoop { try Self.life(source, answers: ["a", "b", "c"]) }
    #expect(models == ["cheap", "cheap", "strong"])
    #expect(requests[0] == requests[1])
    #expect(requests[2].contains(#""model":"s-1""#))
  }

  @Test func `keeps rows that prompt emitted and drops those of the answer that was refused`() async throws {
    let source = """
      return { model = "m", prompt = function(item, ctx) ctx:emit { from = "prompt" } return item.text end,
        parse = function(reply, item, ctx)
          ctx:emit { from = reply.text }
          if ctx.ask == 1 then ctx:retry("no") end
          return false
        end }
      """
    let (_, end, _) = try await onLoop { try Self.life(source, answers: ["bad", "good"]) }
    #expect(Self.rows(end) == [#"{"from":"prompt"}"#, #"{"from":"good"}"#])
  }

  @Test func `is not caught by pcall, and closes what the hook had open`() async throws {
    let source = """
      closed = 0
      return { model = "m", prompt = function(item) return item.text end,
        parse = function(reply, item, ctx)
          if ctx.ask > 1 then return { closed = closed } end
          local guard <close> = setmetatable({}, { __close = function() closed = closed + 1 end })
          pcall(function() ctx:retry("no") end)
          return { caught = true }
        end }
      """
    let (_, end, _) = try await onLoop { try Self.life(source, answers: ["a", "b"]) }
    #expect(Self.rows(end) == [#"{"closed":1}"#])
  }

  @Test(arguments: [
    ("ctx:retry('x')", "ctx:retry asks again for an answer, and there is none yet"),
    ("ctx:retry()", "reason"), ("ctx:retry('x', 1)", "table"),
  ])
  func `says where it makes no sense`(statement: String, message: String) async throws {
    let text = try await onLoop { try Script.error(statement) }
    #expect(text.contains(message), "\(text)")
  }

  @Test(arguments: [
    ("{ feedback = 1 }", "ctx:retry: feedback: string expected, got"),
    ("{ 'x' }", "ctx:retry: changes by name expected"),
    ("{ messages = 'x' }", "messages: list expected"), ("{ n = print }", "n"),
  ])
  func `changes that cannot be used fail the item`(changes: String, message: String) async throws {
    let source = """
      return { model = "m", prompt = function(item) return item.text end,
        parse = function(reply, item, ctx) ctx:retry("no", \(changes)) end }
      """
    let (_, end, _) = try await onLoop { try Self.life(source, answers: ["a", "b"]) }
    guard case .failed(let failure)? = end else {
      Issue.record("it did not fail")
      return
    }
    #expect(failure.message.contains(message), "\(failure.message)")
  }
}
