import JobrunModel
import Testing

@testable import JobrunHTTP

/// What a failure says of trying again.
@Suite struct ClassifierRetryTests {
  private func failure(
    _ status: Int, _ headers: String = "", _ body: String, clock: Double = 0
  ) throws -> AttemptError {
    let result = Classifier().classify(
      status: status, headers: Array(headers.utf8), body: Array(body.utf8), wallClock: clock)
    guard case .failure(let error) = result else { throw NoFailure() }
    return error
  }

  private struct NoFailure: Error {}

  @Test(
    arguments: [
      (#"{"error":{"message":"Rate limit reached","type":"requests","code":"rate_limit_exceeded"}}"#, .rateLimit),
      (#"{"error":{"message":"You exceeded your current quota","type":"insufficient_quota"}}"#, .quota),
      (#"{"error":{"message":"Request too large for gpt-4o: Limit 30000, Requested 34307"}}"#, .tooLarge),
      (#"{"error":{"message":"Too many concurrent requests"}}"#, .overloaded),
      (#"{"error":{"message":"Max concurrency reached","code":"rate_limit_exceeded"}}"#, .overloaded),
      (#"{"error":{"message":"Resource Unavailable","type":"resource_unavailable"}}"#, .overloaded),
      (#"{"error":{"message":"slower, please","type":"rate_limit_error","code":"slow_down"}}"#, .rateLimit),
    ] as [(String, ErrorClass)])
  func `a 429 is of five kinds, and each keeps its hint`(body: String, errorClass: ErrorClass) throws {
    let error = try failure(429, "retry-after: 7\r\n", body)
    #expect(error.errorClass == errorClass)
    #expect(error.status == 429)
    #expect(error.retryAfter == .seconds(7))
    #expect(error.shouldRetry == nil)
    #expect(error.dispatched == .yes)
  }

  @Test(
    arguments: [
      (429, "true", true, .rateLimit), (429, "false", false, .quota), (500, "true", true, .server),
      (500, "false", false, .server), (400, "true", true, .badRequest), (409, "true", true, .badRequest),
      (529, "false", false, .overloaded), (429, "maybe", nil, .rateLimit), (429, "", nil, .rateLimit),
      (200, "false", false, .badResponse),
    ] as [(Int, String, Bool?, ErrorClass)])
  func `x-should-retry is passed on, and a rate limit without hope is a quota`(
    status: Int, value: String, shouldRetry: Bool?, errorClass: ErrorClass
  ) throws {
    let error = try failure(status, "X-Should-Retry: \(value)\r\n", "{}")
    #expect(error.shouldRetry == shouldRetry)
    #expect(error.errorClass == errorClass)
  }

  @Test func `without a word about it there is no hint`() throws {
    let error = try failure(429, "content-type: application/json\r\n", "")
    #expect(error.errorClass == .rateLimit)
    #expect(error.retryAfter == nil)
    #expect(error.shouldRetry == nil)
  }

  @Test func `an error inside a 200 carries its hints`() throws {
    let said = #"{"error":{"code":429,"message":"Rate limited. Please try again in 1.5s."}}"#
    let inBody = try failure(200, "", said)
    #expect(inBody.errorClass == .rateLimit)
    #expect(inBody.status == 200)
    #expect(inBody.retryAfter == .milliseconds(1_500))
    let inHeader = try failure(200, "retry-after: 4\r\nx-should-retry: true\r\n", said)
    #expect(inHeader.retryAfter == .seconds(4))
    #expect(inHeader.shouldRetry == true)
  }

  @Test func `Gemini's RetryInfo is found among the details of a list`() throws {
    let body = """
      [{"error":{"code":429,"message":"Resource has been exhausted","status":"RESOURCE_EXHAUSTED","details":[
      {"@type":"type.googleapis.com/google.rpc.QuotaFailure","violations":[{"quotaValue":"10"}]},
      {"@type":"type.googleapis.com/google.rpc.RetryInfo","retryDelay":"49.5s"}]}}]
      """
    let error = try failure(429, "", body)
    #expect(error.errorClass == .rateLimit)
    #expect(error.retryAfter == .milliseconds(49_500))
  }

  @Test(arguments: [#""x""#, "{}", "[]", "null", "7", #"[null,7,[],{"retryDelay":7},{"retryDelay":"soon"}]"#])
  func `details of another shape are no harm`(details: String) throws {
    let error = try failure(429, "", #"{"error":{"message":"limit","details":\#(details)}}"#)
    #expect(error.errorClass == .rateLimit)
    #expect(error.retryAfter == nil)
  }

  @Test func `Anthropic's overload has a status of its own`() throws {
    let body = #"{"type":"error","error":{"type":"overloaded_error","message":"Overloaded"}}"#
    let error = try failure(529, "retry-after: 3\r\nx-should-retry: true\r\n", body)
    #expect(error.errorClass == .overloaded)
    #expect(error.code == "overloaded_error")
    #expect(error.retryAfter == .seconds(3))
    #expect(try failure(529, "", "").errorClass == .overloaded)
  }

  @Test(arguments: [
    "retry-after: Tue, 24 Nov 2026 21:38:30 GMT", "retry-after: Tuesday, 24-Nov-26 21:38:30 GMT",
    "retry-after: Tue Nov 24 21:38:30 2026", "retry-after: 2026-11-24T21:38:30Z", "retry-after: 1795556310",
    "retry-after: 1795556310000",
    "anthropic-ratelimit-tokens-remaining: 0\r\nanthropic-ratelimit-tokens-reset: 2026-11-24T21:38:30Z",
  ])
  func `a time is measured against the answer's own date, and ours only where it has none`(hint: String) throws {
    for clock in [0, 1e9, 1_795_552_680, 1_795_556_280, 1_795_642_680, 4e9] {
      let headers = "date: Tue, 24 Nov 2026 21:38:20 GMT\r\n\(hint)\r\n"
      #expect(try failure(503, headers, "", clock: clock).retryAfter == .seconds(10))
    }
    for date in ["", "date: nonsense\r\n"] {
      #expect(try failure(503, "\(date)\(hint)\r\n", "", clock: 1_795_556_280).retryAfter == .seconds(30))
    }
    for date in ["21:38:30", "22:00:00"] {
      let headers = "date: Tue, 24 Nov 2026 \(date) GMT\r\n\(hint)\r\n"
      #expect(try failure(503, headers, "", clock: 0).retryAfter == nil)
    }
  }

  @Test(
    arguments: [
      ("<!DOCTYPE html><html></html>", "html", "HTML"), (" \r\n\t<html>", "html", "HTML"),
      (String(repeating: "\n", count: 300) + "<html>", "html", "HTML"), ("plain text", nil, "not JSON"),
      (String(repeating: "\n", count: 300) + "{", nil, "not JSON"), ("", nil, "empty"), (" \n\n ", nil, "empty"),
    ] as [(String, String?, String)])
  func `a 200 that is no JSON says what it is`(body: String, code: String?, words: String) throws {
    let error = try failure(200, "", body)
    #expect(error.errorClass == .badResponse)
    #expect(error.code == code)
    #expect(error.message.contains(words), "\(error.message)")
  }

  @Test func `headers of any bytes are classified without a trap`() throws {
    var random = SeededRandom(seed: 5)
    let sample = "retry-after: 7\r\nx-should-retry: true\r\nx-ratelimit-remaining-tokens: 0\r\ndate: x\r\n"
    for round in 0..<4_000 {
      let headers = round % 2 == 0 ? random.bytes(longest: 200) : random.mutation(of: sample)
      let result = Classifier().classify(status: 429, headers: headers, body: [], wallClock: 1e9)
      guard case .failure(let error) = result else { throw NoFailure() }
      #expect(error.retryAfter.map { $0 > .zero } ?? true)
    }
  }
}
