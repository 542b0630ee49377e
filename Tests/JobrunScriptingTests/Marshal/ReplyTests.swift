import JobrunModel
import JobrunTestSupport
import Testing

@testable import JobrunScripting

@Suite("reply")
struct ReplyTests {
  static let body = """
    {"id":"r1","choices":[{"index":0,"message":{"role":"assistant","content":"hi","tool_calls":[
    {"id":"c1","type":"function","function":{"name":"add","arguments":"{\\"a\\":1}"}},
    {"id":"c2","type":"function","function":{"name":"raw","arguments":"not json"}}, 5]}}]}
    """
  static let answer = Answer.text(
    "hi", body: body, headers: "X-Request-Id:  q7 \r\nSet-Cookie: a\r\nset-cookie: b\r\nbroken\r\n", refusal: "no",
    usage: TokenUsage(input: 5, output: 7, cached: 2, total: 12), attempts: 3)

  private func value(_ expression: String, answer: Answer = Self.answer) async throws -> String {
    try await onLoop {
      try Script(
        "return { model = 'm', prompt = function() return 'x' end, "
          + "parse = function(reply, item, ctx) return { v = \(expression) } end }"
      ).rows(answer: answer).first.map { String($0.dropFirst("{\"v\":".count).dropLast()) } ?? ""
    }
  }

  @Test(
    "has its fields",
    arguments: [
      ("reply.ok", "true"), ("reply.text", "\"hi\""), ("reply.model", "\"m\""), ("reply.finish_reason", "\"stop\""),
      ("reply.refusal", "\"no\""), ("reply.latency_s", "1.5"), ("reply.attempts", "3"), ("reply.request_id", "\"q7\""),
      (
        "reply.usage", #"{"cached_tokens":2,"input_tokens":5,"output_tokens":7,"reasoning_tokens":0,"total_tokens":12}"#
      ),
      ("reply.headers", #"{"set-cookie":"a, b","x-request-id":"q7"}"#),
      ("reply.request", #"{"messages":[{"content":"x","role":"user"}],"model":"m"}"#),
      ("reply.raw.id", "\"r1\""), ("reply.raw.choices[1].index", "0"), ("reply.message.content", "\"hi\""),
      (
        "reply.tool_calls",
        #"[{"arguments":{"a":1},"id":"c1","name":"add"},{"arguments":"not json","id":"c2","name":"raw"}]"#
      ),
      ("reply.json == nil", "true"), ("reply.raw == reply.raw", "true"),
    ])
  func fields(expression: String, expected: String) async throws {
    #expect(try await value(expression) == expected)
  }

  @Test(
    "lacks what the provider did not send",
    arguments: [
      ("reply.usage == nil", "true"), ("reply.finish_reason == nil", "true"), ("reply.refusal == nil", "true"),
      ("reply.request_id == nil", "true"), ("reply.tool_calls", "[]"), ("reply.message == nil", "true"),
      ("reply.raw == nil", "true"),
    ])
  func absent(expression: String, expected: String) async throws {
    #expect(try await value(expression, answer: .text("x", body: "nothing", finishReason: nil)) == expected)
  }

  @Test(
    "decodes JSON text, a code fence removed",
    arguments: [
      ("{\"a\":[1]}", #"{"a":[1]}"#), ("```json\n{\"a\":1}\n```", #"{"a":1}"#), ("  ```\n[1]\n```\n", "[1]"),
      ("42", "42"), ("null", "null"),
    ])
  func json(text: String, expected: String) async throws {
    #expect(try await value("reply.json", answer: .text(text)) == expected)
  }

  @Test(
    "keeps what a hook put into it",
    arguments: [
      ("reply.json.n = 5", "reply.json.n", "5"), ("reply.model = 'other'", "reply.model", "\"other\""),
      ("reply.text = '{\"b\":2}'", "reply.text", "\"{\\\"b\\\":2}\""),
    ])
  func changed(statement: String, expression: String, expected: String) async throws {
    let row = try await onLoop {
      try Script(
        "return { model = 'm', prompt = function() return 'x' end, on_reply = function(reply) \(statement) end, "
          + "parse = function(reply) return { v = \(expression) } end }"
      ).rows(answer: .text("{\"n\":1}"))
    }
    #expect(row == ["{\"v\":\(expected)}"])
  }

  @Test("refuses unknown fields")
  func unknown() async throws {
    let failures = try await onLoop {
      try ["reply.txt", "reply.cost", "reply[1]"].map { field in
        try Script(
          "return { model = 'm', prompt = function() return 'x' end, parse = function(reply) return { \(field) } end }"
        ).failure().message
      }
    }
    #expect(
      failures == [
        "jobs/test.lua:1: reply has no field \"txt\" (did you mean \"text\"?)",
        "jobs/test.lua:1: reply has no field \"cost\"", "jobs/test.lua:1: reply has no field \"1\"",
      ])
  }

  @Test("cannot be read on once its item has ended")
  func ended() async throws {
    let failure = try await onLoop {
      let script = try Script(
        """
        local old
        return { model = 'm', prompt = function() return 'x' end, parse = function(reply)
          if not old then old = reply return false end
          return { text = old.text, raw = old.raw }
        end }
        """)
      _ = script.result()
      return try script.failure()
    }
    #expect(failure.message == "jobs/test.lua:4: the item has ended")
  }
}
