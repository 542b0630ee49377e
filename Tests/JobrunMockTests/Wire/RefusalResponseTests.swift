import Testing

@testable import JobrunMock

@Suite("Refusals read like the provider's")
struct RefusalResponseTests {
  private static let requests = MockRefusal.rate(
    .requests, RateStatus.Gauge(limit: 600, remaining: 0, reset: .seconds(60)), requested: 1,
    wait: .milliseconds(100))
  private static let tokens = MockRefusal.rate(
    .tokens, RateStatus.Gauge(limit: 50_000, remaining: 2051, reset: .seconds(57)), requested: 3006,
    wait: .milliseconds(1146))

  private func response(_ refusal: MockRefusal, _ limits: MockLimits?) -> (status: Int, hints: [String], body: String) {
    let response = refusal.response(limits: limits, model: "m\"1", status: ["x-state": "s"], ordinal: 7)
    let hints = response.headers.fields.filter { $0.name.hasPrefix("retry-after") }.map { "\($0.name): \($0.value)" }
    #expect(response.headers["x-state"] == "s")
    #expect(response.headers["content-type"] == "application/json")
    return (response.status, hints, String(decoding: response.body, as: UTF8.self))
  }

  @Test func `OpenAI: the message has limit, used, requested and the time`() {
    let (status, hints, body) = response(Self.requests, MockLimits())
    #expect(status == 429)
    #expect(hints == ["retry-after: 1"])
    #expect(
      body == #"{"error":{"message":"Rate limit reached for m\"1 in organization org-mock on requests per min (RPM): "#
        + #"Limit 600, Used 600, Requested 1. Please try again in 100ms.","type":"requests","param":null,"#
        + #""code":"rate_limit_exceeded"}}"#)
    let other = response(Self.tokens, MockLimits())
    #expect(other.hints == ["retry-after: 2"])
    #expect(
      other.body.contains(
        "on tokens per min (TPM): Limit 50000, Used 47949, Requested 3006. Please try again in 1.146s.\""))
    #expect(other.body.contains(#""type":"tokens""#))
  }

  @Test(arguments: [
    (MockRetryHint.header, ["retry-after: 2"], true),
    (.milliseconds, ["retry-after-ms: 1146", "retry-after: 2"], false), (.messageOnly, [], true), (.none, [], false),
  ])
  func `each way to say when`(hint: MockRetryHint, hints: [String], isInMessage: Bool) {
    let answer = response(Self.tokens, MockLimits(retryAfter: hint))
    #expect(answer.hints == hints)
    #expect(answer.body.contains("Please try again in 1.146s.") == isInMessage)
  }

  @Test func `too large has no hint, for no waiting helps`() {
    let (status, hints, body) = response(.tooLarge(limit: 30_000, requested: 34_307), MockLimits())
    #expect(status == 429)
    #expect(hints.isEmpty)
    #expect(body.contains("Request too large for m"))
    #expect(body.contains("Limit 30000, Requested 34307."))
    #expect(body.contains(#""type":"tokens","param":null,"code":"rate_limit_exceeded""#))
  }

  @Test func `Anthropic has a shape of its own`() {
    let (status, hints, body) = response(Self.tokens, MockLimits(headers: .anthropic))
    #expect(status == 429)
    #expect(hints == ["retry-after: 2"])
    #expect(
      body == #"{"type":"error","error":{"type":"rate_limit_error","message":"This request would exceed your "#
        + #"organization's rate limit of 50000 tokens per minute."},"request_id":"req_mock_7"}"#)
    #expect(
      response(.tooLarge(limit: 9, requested: 10), MockLimits(headers: .anthropic)).body
        .contains(#""message":"Request too large for m\"1: "#))
  }

  @Test func `overloaded is 503 with or without limits`() {
    for limits in [nil, MockLimits(), MockLimits(headers: .anthropic)] {
      let (status, hints, body) = response(.overloaded, limits)
      #expect(status == 503)
      #expect(hints.isEmpty)
      #expect(body.contains(#""type":"service_unavailable_error","param":null,"code":"server_is_overloaded""#))
    }
  }
}
