import JobrunModel
import Testing

@testable import JobrunHTTP

/// How long to wait, in all the ways in which it is said. Waits are compared in whole milliseconds.
@Suite struct RetryHintTests {
  /// Tue, 24 Nov 2026 21:38:00 GMT.
  private static let clock = 1_795_556_280.0
  private static let longest = Duration.seconds(366 * 86_400)

  private func wait(
    _ headers: String, message: String? = nil, retryDelay: String? = nil, now: Double = clock
  ) -> Int? {
    var said = ErrorBody()
    said.message = message
    said.retryDelay = retryDelay
    let block = HeaderBlock(headers)
    let limits = RateLimitHeaders.limits(in: Array(headers.utf8), now: now)
    return RetryHint.wait(headers: block, limits: limits, said: said, now: now)
      .map { Int(($0.seconds * 1_000).rounded()) }
  }

  @Test(
    arguments: [
      ("7", 7_000), ("1.5", 1_500), ("0.02", 20), ("3600", 3_600_000), ("31622400", 31_622_400_000),
      ("20s", 20_000), ("1m30s", 90_000), ("12ms", 12), ("2d", 172_800_000),
      // Times: the three HTTP dates, RFC 3339, the epoch in seconds and in milliseconds.
      ("Tue, 24 Nov 2026 21:38:30 GMT", 30_000), ("Tuesday, 24-Nov-26 21:38:30 GMT", 30_000),
      ("Tue Nov 24 21:38:30 2026", 30_000), ("2026-11-24T21:39:00Z", 60_000),
      ("2026-11-24T23:38:02.5+02:00", 2_500), ("1795556290", 10_000), ("1795556290.5", 10_500),
      ("1795556290000", 10_000), ("1795556280250", 250),
    ] as [(String, Int)])
  func `retry-after may be seconds, a duration or a time`(value: String, milliseconds: Int) {
    #expect(wait("retry-after: \(value)\r\n") == milliseconds)
    #expect(wait("Retry-After:   \(value)  \r\n", message: "Please try again in 99s.") == milliseconds)
  }

  @Test(
    arguments: [
      "", "0", "0.0", "-1", "-3600", "+5", "NaN", "nan", "inf", "-inf", "infinity", "1e300", "22e22", "soon", "5 s",
      "31622401", "999999999", "99999999999999999", "999999999999999999999999", "0s", "400d",
      "0.0000000000001", "0.1ns", "Tue, 24 Nov 2026 21:37:59 GMT", "Tue, 24 Nov 2026 21:38:00 GMT",
      "Thu, 24 Nov 2028 21:38:00 GMT", "2026-11-24T21:37:00Z", "1795556280", "1795556270000", "Tue, 24 Nov",
      "7, 9", "7\u{0}", "٧",
    ])
  func `a retry-after that makes no sense is passed over`(value: String) {
    #expect(wait("retry-after: \(value)\r\n") == nil)
    #expect(wait("retry-after: \(value)\r\n", message: "Please try again in 2s.") == 2_000)
  }

  @Test(
    arguments: [
      ("1500", 1_500), ("20", 20), ("0.5", 1), ("1500.9", 1_501), ("0", nil), ("-5", nil), ("NaN", nil), ("1s", nil),
      ("1e3", nil), ("", nil), ("999999999999999", nil), ("0.0000001", nil),
    ] as [(String, Int?)])
  func `retry-after-ms is milliseconds and goes before retry-after`(value: String, milliseconds: Int?) {
    #expect(wait("retry-after-ms: \(value)\r\n") == milliseconds)
    #expect(wait("retry-after: 9\r\nretry-after-ms: \(value)\r\n") == milliseconds ?? 9_000)
  }

  @Test func `without retry-after, the reset of the limit that is used up counts, the longest of several`() {
    let spare = "x-ratelimit-remaining-requests: 3\r\nx-ratelimit-reset-requests: 1s\r\n"
    #expect(wait(spare) == nil)
    #expect(wait(spare + "x-ratelimit-remaining-tokens: 0\r\nx-ratelimit-reset-tokens: 6m0s\r\n") == 360_000)
    #expect(
      wait(
        "x-ratelimit-remaining-requests: 0\r\nx-ratelimit-reset-requests: 12ms\r\n"
          + "x-ratelimit-remaining-tokens: 0\r\nx-ratelimit-reset-tokens: 3s\r\n") == 3_000)
    #expect(wait("x-ratelimit-remaining-requests: 0\r\n") == nil)
    #expect(wait("x-ratelimit-remaining-requests: 0\r\nx-ratelimit-reset-requests: 0\r\n") == nil)
    #expect(wait("x-ratelimit-remaining-requests: 0\r\nx-ratelimit-reset-requests: soon\r\n") == nil)
    #expect(
      wait(
        "anthropic-ratelimit-output-tokens-remaining: 0\r\n"
          + "anthropic-ratelimit-output-tokens-reset: 2026-11-24T21:38:45Z\r\n"
          + "anthropic-ratelimit-requests-remaining: 10\r\n"
          + "anthropic-ratelimit-requests-reset: 2026-11-24T21:39:45Z\r\n") == 45_000)
  }

  @Test func `each way yields to the one before it`() {
    let reset = "x-ratelimit-remaining-tokens: 0\r\nx-ratelimit-reset-tokens: 3s\r\n"
    let said = "Please try again in 5s."
    #expect(wait("retry-after-ms: 1000\r\nretry-after: 2\r\n" + reset, message: said, retryDelay: "4s") == 1_000)
    #expect(wait("retry-after-ms: x\r\nretry-after: 2\r\n" + reset, message: said, retryDelay: "4s") == 2_000)
    #expect(wait("retry-after: x\r\n" + reset, message: said, retryDelay: "4s") == 3_000)
    #expect(wait("retry-after: x\r\n", message: said, retryDelay: "4s") == 4_000)
    #expect(wait("retry-after: x\r\n", message: said, retryDelay: "x") == 5_000)
    #expect(wait("retry-after: x\r\n", message: "no", retryDelay: "x") == nil)
  }

  @Test(arguments: [("49.48s", 49_480), ("0.5s", 500), ("7", 7_000), ("-3s", nil), ("0s", nil)] as [(String, Int?)])
  func `Gemini's retry delay`(text: String, milliseconds: Int?) {
    #expect(wait("", retryDelay: text) == milliseconds)
  }

  @Test(
    arguments: [
      ("Limit 50000, Used 47949, Requested 3006. Please try again in 1.146s. Visit the site", 1_146),
      ("Please try again in 7m12s.", 432_000), ("Please try again in 86ms.", 86),
      ("Please retry in 49.484914876s.", 49_485), ("Please try again in 6m0s", 360_000),
      ("Try again in 30 seconds.", 30_000), ("TRY AGAIN IN 30 SECONDS", 30_000), ("retry in 2 minutes", 120_000),
      ("retry in 1 hour.", 3_600_000), ("retry in 1 day, please", 86_400_000), ("retry in 250 ms.", 250),
      ("retry in 250 milliseconds", 250), ("Please retry after 6 seconds.", 6_000), ("Please wait 4 seconds", 4_000),
      ("Please try again in 5.", 5_000), ("Please try again in 5. Have a nice day", 5_000),
      ("Please try again in 5. Daily limits apply", 5_000), ("Try again in 3 s", 3_000), ("Try again in 2 m.", 120_000),
      ("try again in 5 hopefully", 5_000),
      ("Try again in 20s, or pay", 20_000), ("Try again in a while; please wait 8 seconds", 8_000),
      ("retry after 7\nbye", 7_000), ("try again in 5s\nbye", 5_000),
      ("Try again in 0s", nil), ("Try again in -5s", nil), ("try again in ", nil), ("try again in .", nil),
      ("Try again in 1e300 seconds", nil), ("Try again in NaN seconds", nil), ("Try again in 400 days", nil),
      ("Try again later", nil), ("", nil),
    ] as [(String, Int?)])
  func `the message says it in words`(message: String, milliseconds: Int?) {
    #expect(wait("", message: message) == milliseconds)
  }

  @Test func `a phrase far into a long message is not looked for`() {
    #expect(wait("", message: String(repeating: "x", count: 3_000) + " try again in 5s") == nil)
  }

  @Test func `any bytes at all give no wait or one within bounds, and never a trap`() {
    var random = SeededRandom(seed: 3)
    let samples = [
      "7", "1.5", "0.000000001", "6m0s", "Tue, 24 Nov 2026 21:38:30 GMT", "Tuesday, 24-Nov-26 21:38:30 GMT",
      "Tue Nov 24 21:38:30 2026", "2026-11-24T21:39:00Z", "1795556290", "1795556290000", "31622400",
    ]
    var hints = 0
    for round in 0..<10_000 {
      func value() -> [UInt8] {
        Bool.random(using: &random)
          ? random.bytes(longest: 40) : random.mutation(of: samples.randomElement(using: &random)!)  // not empty
      }
      let names = [
        "retry-after", "retry-after-ms", "x-ratelimit-reset-tokens", "anthropic-ratelimit-requests-reset",
      ]
      var headers = Array("x-ratelimit-remaining-tokens: 0\r\nanthropic-ratelimit-requests-remaining: 0\r\n".utf8)
      for name in names where Bool.random(using: &random) { headers += Array("\(name): ".utf8) + value() + [13, 10] }
      var said = ErrorBody()
      said.retryDelay = String(decoding: value(), as: UTF8.self)
      said.message = "Please try again in " + String(decoding: value(), as: UTF8.self)
      let block = HeaderBlock(headers)
      let now = round % 3 == 0 ? 0 : Self.clock
      let limits = RateLimitHeaders.limits(in: headers, now: now)
      guard let wait = RetryHint.wait(headers: block, limits: limits, said: said, now: now) else { continue }
      hints += 1
      #expect(wait > .zero && wait <= Self.longest, "\(String(decoding: headers, as: UTF8.self))")
    }
    #expect(hints > 1_000)
  }
}
