import Testing

@testable import JobrunMock

@Suite("Limits accept a request or say why not")
struct MockLimitsTests {
  private func refusal(_ account: inout RateAccount, tokens: Int = 1, at seconds: Double) -> MockRefusal? {
    account.admit(tokens: tokens, at: .seconds(seconds))
  }

  @Test func `both limits have to have room, and only then are charged`() {
    var account = RateAccount(MockLimits(requestsPerMinute: 60, tokensPerMinute: 600))
    #expect(refusal(&account, tokens: 500, at: 0) == nil)
    guard case .rate(.tokens, let gauge, requested: 200, let wait) = refusal(&account, tokens: 200, at: 0) else {
      Issue.record("accepted")
      return
    }
    #expect(gauge == RateStatus.Gauge(limit: 600, remaining: 100, reset: .seconds(50)))
    #expect(wait == .seconds(10))
    #expect(account.status(at: .zero).requests?.remaining == 59)
    #expect(refusal(&account, tokens: 100, at: 0) == nil)
  }

  @Test func `of two full windows, the slower one is told`() {
    var account = RateAccount(MockLimits(requestsPerMinute: 60, tokensPerMinute: 600, window: .slidingMinute))
    for _ in 0..<60 { #expect(refusal(&account, at: 0) == nil) }
    #expect(refusal(&account, tokens: 541, at: 10).map(Self.summary) == "requests 50.0 seconds")
    var other = RateAccount(
      MockLimits(requestsPerMinute: 60, tokensPerMinute: 600, window: .perSecond, tokenWindow: .slidingMinute))
    #expect(refusal(&other, tokens: 600, at: 0) == nil)
    #expect(refusal(&other, tokens: 1, at: 0).map(Self.summary) == "tokens 60.0 seconds")
  }

  private static func summary(_ refusal: MockRefusal) -> String {
    guard case .rate(let axis, _, _, let wait) = refusal else { return "\(refusal)" }
    return "\(axis) \(wait)"
  }

  @Test func `more tokens than a whole minute's are too large for ever`() {
    var account = RateAccount(MockLimits(requestsPerMinute: 60, tokensPerMinute: 600))
    #expect(refusal(&account, tokens: 601, at: 0) == .tooLarge(limit: 600, requested: 601))
    #expect(refusal(&account, tokens: 601, at: 600) == .tooLarge(limit: 600, requested: 601))
    #expect(refusal(&account, tokens: 600, at: 600) == nil)
  }

  @Test func `refused requests count to a sliding minute where they are to`() {
    for (countsRejected, isRefused) in [(false, false), (true, true)] {
      var account = RateAccount(
        MockLimits(requestsPerMinute: 2, window: .slidingMinute, countsRejected: countsRejected))
      for second in [0.0, 1, 30, 31] { _ = refusal(&account, at: second) }
      #expect((refusal(&account, at: 61.5) != nil) == isRefused)
    }
  }

  @Test func `a storm of refused requests keeps a bucket empty, not in debt`() {
    var account = RateAccount(
      MockLimits(requestsPerMinute: 60, window: .tokenBucket(burst: .seconds(1)), countsRejected: true))
    #expect(refusal(&account, at: 0) == nil)
    for step in 1...100 { #expect(refusal(&account, at: 0.5 * Double(step)) != nil) }
    #expect(refusal(&account, at: 51) == nil)
  }

  @Test func `a storm of refused requests closes the second for as long as it lasts`() {
    var account = RateAccount(MockLimits(requestsPerMinute: 600, window: .perSecond, countsRejected: true))
    let accepted = (0..<200).count { refusal(&account, at: 0.05 * Double($0)) == nil }
    #expect(accepted == 10)
    #expect(refusal(&account, at: 11) == nil)
  }

  @Test func `without a limit nothing is refused`() {
    var account = RateAccount(MockLimits())
    #expect((0..<1000).allSatisfy { _ in refusal(&account, tokens: .max, at: 0) == nil })
    #expect(account.status(at: .zero) == RateStatus())
  }

  @Test func `the summary says what is enforced`() throws {
    #expect(MockLimits().summary == "no rate limit")
    #expect(
      MockLimits(requestsPerMinute: 60, window: .slidingMinute, headers: .azure).summary
        == "60 requests a minute (sliding minute), for each model; azure headers")
    let strict = try #require(MockProfile.strict.behavior().limits)
    #expect(
      strict.summary == "600 requests a minute (by the second, refused ones count too), "
        + "100000 tokens a minute (token bucket), for each model; openai headers")
  }

  @Test(arguments: [
    (MockHeaderManner.openAI, MockRetryHint.header), (.azure, .milliseconds), (.anthropic, .header), (.none, .none),
  ])
  func `the hint goes with the headers unless it is given`(headers: MockHeaderManner, hint: MockRetryHint) {
    #expect(MockLimits(headers: headers).retryAfter == hint)
    #expect(MockLimits(headers: headers, retryAfter: .messageOnly).retryAfter == .messageOnly)
  }
}
