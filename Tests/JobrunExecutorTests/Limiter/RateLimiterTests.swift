import JobrunModel
import Testing

@testable import JobrunExecutor

@Suite struct RateLimiterTests {
  private func limits(requests: Double? = nil, tokens: Double? = nil) -> Limits {
    var limits = Limits()
    (limits.requests, limits.tokens) = (requests, tokens)
    return limits
  }

  private func cost(_ input: Double, _ output: Double = 0) -> RequestCost {
    RequestCost(input: input, output: output, leastInput: input, leastOutput: output)
  }

  private func reported(requests: Int? = nil, tokens: Int? = nil, remaining: Int? = nil) -> ReportedLimits {
    var reported = ReportedLimits()
    reported.requests.limit = requests
    reported.tokens = .init(limit: tokens, remaining: remaining)
    return reported
  }

  @Test func `the gates are asked in order, and each says its name`() {
    var limiter = RateLimiter(limits(requests: 60, tokens: 6_000), now: instant(0))
    let first = limiter.take(cost(95), at: instant(0))
    let rate = limiter.admit(cost(1), at: instant(0.5))
    #expect(rate == .wait(.until(instant(60 / 57.0)), for: .requests))
    guard case .wait(.until(let tokens), .tokens) = limiter.admit(cost(500), at: instant(2)) else {
      return #expect(Bool(false))
    }
    #expect(tokens > instant(5.2) && tokens < instant(5.3))
    limiter.refused(first, wait: .seconds(60), isOfTokens: false, at: instant(2), random: (0, 0))
    let held = limiter.admit(cost(500), at: instant(3))
    #expect(held == .wait(.until(instant(62)), for: .refusals))
  }

  @Test func `limits that change hold from the next request on, and those not named stay`() {
    var limiter = RateLimiter(limits(requests: 60, tokens: 6_000), now: instant(0))
    _ = limiter.take(cost(1), at: instant(0))
    var settings = LimitSettings()
    settings.requests = 600
    limiter.change(settings, at: instant(0))
    #expect(limiter.current == limits(requests: 600, tokens: 6_000))
    _ = limiter.take(cost(1), at: instant(2))
    settings.requests = 6
    limiter.change(settings, at: instant(2))
    _ = limiter.take(cost(1), at: instant(20))
    #expect(limiter.admit(cost(1), at: instant(20)) == .wait(.until(instant(20 + 60 / 5.7)), for: .requests))
    settings = LimitSettings()
    settings.inputTokens = 600
    limiter.change(settings, at: instant(40))
    #expect(limiter.current.inputTokens == 600)
    guard case .wait(_, .tokens) = limiter.admit(cost(60), at: instant(40)) else { return #expect(Bool(false)) }
  }

  @Test func `what the provider said it allows still holds when the user wants more`() {
    var limiter = RateLimiter(limits(requests: 600), now: instant(0))
    let first = limiter.take(.nothing, at: instant(0))
    _ = limiter.learn(reported(requests: 100, tokens: 9_000), from: first, at: instant(1))
    var settings = LimitSettings()
    (settings.requests, settings.tokens) = (6_000, 50_000)
    limiter.change(settings, at: instant(2))
    #expect(limiter.current == limits(requests: 100, tokens: 9_000))
    (settings.requests, settings.tokens) = (10, 500)
    limiter.change(settings, at: instant(2))
    #expect(limiter.current == limits(requests: 10, tokens: 500))
    // The next answer says it again, and the user's word is the lower one now.
    _ = limiter.learn(reported(requests: 100, tokens: 9_000), from: first, at: instant(3))
    #expect(limiter.current == limits(requests: 10, tokens: 500))
  }

  @Test func `a request that needs more than a minute's quota can never pass, and is told so`() throws {
    let limiter = RateLimiter(limits(tokens: 30_000), now: instant(0))
    let problem = try #require(limiter.current.impossibility(of: cost(6_055, 30_000)))
    #expect(problem == "the request needs 36055 tokens, the quota is 30000 a minute")
    #expect(limiter.current.impossibility(of: cost(10_000, 20_000)) == nil)
    #expect(limiter.current.impossibility(of: .nothing) == nil)
  }

  @Test func `what piled up while the first request was alone is no burst`() {
    var limiter = RateLimiter(limits(requests: 600), now: instant(0))
    let first = limiter.take(.nothing, at: instant(0))
    limiter.succeeded(first, usage: nil, at: instant(20))
    _ = limiter.take(.nothing, at: instant(20))
    let second = limiter.admit(.nothing, at: instant(20))
    #expect(second != .go)
  }

  @Test func `headers are taken over where the user gave nothing, up and down`() {
    var limiter = RateLimiter(limits(), now: instant(0))
    let first = limiter.take(.nothing, at: instant(0))
    #expect(!limiter.countsTokens)
    let note = limiter.learn(reported(requests: 500, tokens: 30_000), from: first, at: instant(1))
    #expect(note == nil)
    #expect(limiter.current.requests == 500 && limiter.current.tokens == 30_000)
    #expect(limiter.countsTokens)
    _ = limiter.learn(reported(requests: 1_000, tokens: 0), from: first, at: instant(2))
    #expect(limiter.current.requests == 1_000 && limiter.current.tokens == 30_000)
  }

  @Test func `headers below what the user gave are taken over and told, once, and forgotten again`() throws {
    var limiter = RateLimiter(limits(requests: 600, tokens: 60_000), now: instant(0))
    let first = limiter.take(.nothing, at: instant(0))
    let note = limiter.learn(reported(requests: 100, tokens: 5_000), from: first, at: instant(1))
    #expect(try #require(note).contains("100 requests and 5000 tokens a minute"))
    let again = limiter.learn(reported(requests: 100, tokens: 5_000), from: first, at: instant(2))
    #expect(again == nil)
    let above = limiter.learn(reported(requests: 9_999, tokens: .max), from: first, at: instant(3))
    #expect(above == nil)
    #expect(limiter.current.requests == 600 && limiter.current.tokens == 60_000)
  }

  @Test func `what the provider has left counts less what was sent since, and more what came since`() throws {
    var limiter = RateLimiter(limits(tokens: 60_000), now: instant(0))
    let first = limiter.take(cost(100), at: instant(100))
    _ = limiter.take(cost(300), at: instant(100))
    _ = limiter.learn(reported(remaining: 1_000), from: first, at: instant(100.5))
    let bucket = try #require(limiter.buckets.total)
    #expect(abs(bucket.level - (1_000 - 300 + 475)) < 1e-6)
  }

  @Test func `a usage that makes no sense leaves the estimate`() throws {
    var limiter = RateLimiter(limits(tokens: 60_000), now: instant(0))
    let first = limiter.take(cost(500), at: instant(0))
    limiter.succeeded(first, usage: TokenUsage(input: .max, output: .max), at: instant(0))
    limiter.succeeded(first, usage: TokenUsage(input: -5, output: 0), at: instant(0))
    #expect(try #require(limiter.buckets.total).level == 450)
  }

  @Test func `what was not worked on is given back`() throws {
    var limiter = RateLimiter(limits(tokens: 60_000), now: instant(0))
    let first = limiter.take(cost(500), at: instant(0))
    limiter.failed(first, isCharged: true, at: instant(0))
    #expect(try #require(limiter.buckets.total).level == 450)
    limiter.failed(first, isCharged: false, at: instant(0))
    #expect(try #require(limiter.buckets.total).level == 950)
  }

  @Test func `an overload holds, and lowers no rate`() {
    var limiter = RateLimiter(limits(requests: 600), now: instant(0))
    for number in 0..<20 { _ = limiter.take(.nothing, at: instant(Double(number))) }
    let last = limiter.take(.nothing, at: instant(20))
    limiter.refused(last, wait: .seconds(5), isOfTokens: false, lowersRate: false, at: instant(21), random: (0, 0))
    #expect(limiter.sendRate.rate == nil)
    #expect(limiter.requests?.burst == 9)
    #expect(limiter.hold.strikes == 1)
  }

  @Test func `a refusal for tokens forbids their burst, and not that of requests`() throws {
    var limiter = RateLimiter(limits(requests: 600, tokens: 60_000), now: instant(0))
    for number in 0..<20 { _ = limiter.take(cost(10), at: instant(Double(number))) }
    let last = limiter.take(cost(10), at: instant(20))
    limiter.refused(last, wait: .seconds(1), isOfTokens: true, at: instant(20.1), random: (0, 0))
    let bucket = try #require(limiter.buckets.total)
    #expect(bucket.level == 0 && bucket.capacity == 950)
    #expect(limiter.requests?.burst == 9)
  }

  @Test func `a refusal lowers the rate and forbids bursts, a refused probe does not lower it again`() throws {
    var limiter = RateLimiter(limits(requests: 600), now: instant(0))
    for number in 0..<50 { _ = limiter.take(.nothing, at: instant(Double(number) / 5)) }
    let last = limiter.take(.nothing, at: instant(10))
    limiter.refused(last, wait: nil, isOfTokens: false, at: instant(10.1), random: (0.5, 0))
    let lowered = try #require(limiter.sendRate.rate)
    #expect(lowered < 5)
    #expect(limiter.requests?.burst == 1)
    let probe = limiter.take(.nothing, at: instant(11))
    #expect(probe.isProbe)
    limiter.refused(probe, wait: nil, isOfTokens: false, at: instant(11.1), random: (0.5, 0))
    #expect(limiter.sendRate.rate == lowered)
    #expect(limiter.hold.strikes == 2)
  }
}
