import JobrunModel
import Testing

@testable import JobrunHTTP

@Suite struct RateLimitHeadersTests {
  /// Tue, 24 Nov 2026 21:38:00 GMT.
  private static let clock = 1_795_556_280.0

  private func read(_ headers: String, now: Double? = clock) -> ReportedLimits? {
    RateLimitHeaders.limits(in: Array(headers.utf8), now: now)
  }

  @Test func `OpenAI's headers, with resets as Go durations`() throws {
    let limits = try #require(
      read(
        """
        x-ratelimit-limit-requests: 60\r
        x-ratelimit-limit-tokens: 150000\r
        x-ratelimit-remaining-requests: 59\r
        x-ratelimit-remaining-tokens: 149984\r
        x-ratelimit-reset-requests: 1s\r
        X-RateLimit-Reset-Tokens: 6m0s\r

        """))
    #expect(limits.requests == .init(limit: 60, remaining: 59, reset: .seconds(1)))
    #expect(limits.tokens == .init(limit: 150_000, remaining: 149_984, reset: .seconds(360)))
    #expect(limits.inputTokens.isEmpty)
    #expect(limits.outputTokens.isEmpty)
  }

  @Test func `Azure's headers, with resets as plain seconds`() throws {
    let limits = try #require(
      read("x-ratelimit-limit-tokens: 1000\r\nx-ratelimit-remaining-tokens: 0\r\nx-ratelimit-reset-tokens: 26\r\n"))
    #expect(limits.tokens == .init(limit: 1_000, remaining: 0, reset: .seconds(26)))
    #expect(limits.requests.isEmpty)
  }

  @Test(arguments: ["-1", "0", "NaN", "1e300", "many", ""])
  func `a limit that is none takes the rest of its dimension with it`(limit: String) {
    let headers =
      "x-ratelimit-limit-requests: \(limit)\r\nx-ratelimit-remaining-requests: 0\r\nx-ratelimit-reset-requests: 9\r\n"
    #expect(read(headers) == nil)
    let others = read(headers + "x-ratelimit-limit-tokens: 5\r\n")
    #expect(others?.tokens == .init(limit: 5))
    #expect(others?.requests.isEmpty == true)
  }

  @Test func `Azure's minus ones are no limits`() {
    #expect(
      read(
        "x-ratelimit-limit-requests: -1\r\nx-ratelimit-remaining-requests: -1\r\nx-ratelimit-reset-requests: 0\r\n"
          + "x-ratelimit-limit-tokens: -1\r\nx-ratelimit-remaining-tokens: -1\r\nx-ratelimit-reset-tokens: 0\r\n")
        == nil)
  }

  @Test func `Anthropic's headers, with resets as times`() throws {
    let headers = """
      anthropic-ratelimit-requests-limit: 50\r
      anthropic-ratelimit-requests-remaining: 49\r
      anthropic-ratelimit-requests-reset: 2026-11-24T21:38:02Z\r
      anthropic-ratelimit-tokens-limit: 90000\r
      anthropic-ratelimit-tokens-remaining: 0\r
      anthropic-ratelimit-tokens-reset: 2026-11-24T23:38:30+02:00\r
      anthropic-ratelimit-input-tokens-limit: 80000\r
      anthropic-ratelimit-input-tokens-remaining: 79000\r
      anthropic-ratelimit-input-tokens-reset: 2026-11-24T21:37:00Z\r
      anthropic-ratelimit-output-tokens-limit: 10000\r
      anthropic-ratelimit-output-tokens-remaining: 10000\r
      anthropic-ratelimit-output-tokens-reset: 2026-11-24T21:38:00Z\r

      """
    let limits = try #require(read(headers))
    #expect(limits.requests == .init(limit: 50, remaining: 49, reset: .seconds(2)))
    #expect(limits.tokens == .init(limit: 90_000, remaining: 0, reset: .seconds(30)))
    #expect(limits.inputTokens == .init(limit: 80_000, remaining: 79_000))  // the past is no reset
    #expect(limits.outputTokens == .init(limit: 10_000, remaining: 10_000, reset: .zero))
  }

  @Test func `without an instant the resets are left out`() {
    let headers = "x-ratelimit-limit-requests: 60\r\nx-ratelimit-reset-requests: 1s\r\n"
    #expect(read(headers)?.requests == .init(limit: 60, reset: .seconds(1)))
    #expect(read(headers, now: nil)?.requests == .init(limit: 60))
    #expect(read("x-ratelimit-reset-requests: 1s\r\n", now: nil) == nil)
  }

  @Test func `a header whose name only begins like one is another`() {
    #expect(read("x-ratelimit-limit-requests-day: 5\r\nx-ratelimit-limit-tokens : 7\r\n") == nil)
    #expect(read("x-ratelimit-limit-requests\r\nx-ratelimit-\r\nanthropic-ratelimit-requests") == nil)
    let day = "x-ratelimit-limit-requests-day: -1\r\nx-ratelimit-remaining-requests1: 9\r\n"
    #expect(read("x-ratelimit-limit-requests: 60\r\n" + day)?.requests == .init(limit: 60))
    #expect(read("x-ratelimit-limit-requests: 5")?.requests == .init(limit: 5))
    #expect(read("a: x-ratelimit-limit-requests: 5\nX-RATELIMIT-LIMIT-TOKENS:7\n")?.tokens == .init(limit: 7))
  }

  @Test func `a count with a fraction is a count, nonsense is absent`() throws {
    #expect(read("x-ratelimit-limit-requests: 60.0\r\n")?.requests == .init(limit: 60))
    #expect(read("x-ratelimit-remaining-requests: 4.9\r\n")?.requests == .init(remaining: 4))
    #expect(read("x-ratelimit-limit-requests: 5\r\nx-ratelimit-remaining-requests: -2\r\n")?.requests.remaining == nil)
    #expect(read("x-ratelimit-limit-requests: 5\r\nx-ratelimit-reset-requests: 400d\r\n")?.requests.reset == nil)
    #expect(read("x-ratelimit-limit-requests: 5\r\nx-ratelimit-reset-requests: -1\r\n")?.requests.reset == nil)
    #expect(read("x-ratelimit-remaining-requests: 99999999999999999\r\n") == nil)
  }

  @Test func `headers that tell of no limit say nothing`() {
    #expect(read("") == nil)
    #expect(read("date: Tue, 24 Nov 2026 21:38:00 GMT\r\ncontent-type: application/json\r\nretry-after: 5\r\n") == nil)
    #expect(read("x-ratelimit-limit-images: 5\r\n") == nil)
  }

  @Test func `any bytes at all give counts and resets within bounds`() {
    var random = SeededRandom(seed: 4)
    let samples = ["60", "149984", "-1", "0", "6m0s", "12ms", "2026-11-24T21:38:02Z", "1795556290", "4.9"]
    let names = [
      "x-ratelimit-limit-requests", "x-ratelimit-remaining-requests", "x-ratelimit-reset-requests",
      "anthropic-ratelimit-tokens-limit", "anthropic-ratelimit-tokens-remaining", "anthropic-ratelimit-tokens-reset",
    ]
    for _ in 0..<10_000 {
      var headers: [UInt8] = []
      for name in names where Bool.random(using: &random) {
        let value =
          Bool.random(using: &random)
          ? random.bytes(longest: 30) : random.mutation(of: samples.randomElement(using: &random)!)  // not empty
        headers += Array("\(name): ".utf8) + value + [13, 10]
      }
      guard let limits = RateLimitHeaders.limits(in: headers, now: Self.clock) else { continue }
      #expect(!limits.isEmpty)
      for dimension in [limits.requests, limits.tokens, limits.inputTokens, limits.outputTokens] {
        #expect(dimension.limit.map { $0 > 0 } ?? true)
        #expect(dimension.remaining.map { $0 >= 0 } ?? true)
        #expect(dimension.reset.map { $0 >= .zero && $0 <= .seconds(366 * 86_400) } ?? true)
      }
    }
  }

  @Test func `of the limits of an organization and of a project the lower ones count`() {
    let limits = RateLimitHeaders.limits(
      in: Array(
        """
        x-ratelimit-limit-project-tokens: 60000\r\nx-ratelimit-remaining-project-tokens: 57000\r
        x-ratelimit-limit-tokens: 150000\r\nx-ratelimit-remaining-tokens: 20\r\nx-ratelimit-reset-project-tokens: 3s\r
        """.utf8), now: 0)
    #expect(limits?.tokens == ReportedLimits.Dimension(limit: 60_000, remaining: 20, reset: .seconds(3)))
  }
}
