import JobrunModel
import Testing

@testable import JobrunExecutor

@Suite struct RetryPolicyTests {
  private let policy = RetryPolicy()

  private func error(_ errorClass: ErrorClass, status: Int = 0, code: String? = nil, after: Duration? = nil)
    -> AttemptError
  {
    AttemptError(errorClass, status: status, code: code, message: "", dispatched: .yes, retryAfter: after)
  }

  private func history(_ attempts: Int = 1, tries: Int? = nil) -> CallHistory {
    CallHistory(tries: tries ?? attempts, attempts: attempts)
  }

  @Test func `the back-off is full jitter of half a second, doubled with each try, up to a minute`() {
    let server = error(.server, status: 500)
    let longest = (1...4).map { policy.decide(after: server, history($0), random: 0.5) }
    #expect(longest == [250, 500, 1_000, 2_000].map { .after(.milliseconds($0)) })
    #expect(policy.decide(after: server, history(1, tries: 30), random: 0.5) == .after(.seconds(30)))
    #expect(policy.decide(after: server, history(1), random: 0) == .after(.zero))
  }

  @Test func `five attempts are made`() {
    for errorClass in [ErrorClass.server, .timeout, .network] {
      #expect(policy.decide(after: error(errorClass), history(4), random: 0) != .giveUp)
      #expect(policy.decide(after: error(errorClass), history(5), random: 0) == .giveUp)
    }
  }

  @Test func `refusals for now are no attempts, and wait for the scope`() {
    let refused = error(.rateLimit, status: 429)
    #expect(!RetryPolicy.isAttempt(refused))
    #expect(policy.decide(after: refused, history(100), random: 0) == .whenAllowed)
    let overloaded = error(.overloaded, status: 503, after: .seconds(2))
    #expect(!RetryPolicy.isAttempt(overloaded))
    #expect(policy.decide(after: overloaded, history(100), random: 0) == .whenAllowed)
    #expect(RetryPolicy.isAttempt(error(.overloaded, status: 502)))
  }

  @Test func `a call that was throttled for half an hour is given up`() {
    var history = history(0, tries: 3)
    history.throttled = .seconds(1_799)
    #expect(policy.decide(after: error(.rateLimit), history, random: 0) == .whenAllowed)
    history.throttled = .seconds(1_800)
    #expect(policy.decide(after: error(.rateLimit), history, random: 0) == .giveUp)
  }

  @Test func `the hint is a floor, and one beyond the call's time ends it`() {
    #expect(policy.decide(after: error(.server, after: .seconds(90)), history(), random: 0.5) == .after(.seconds(90)))
    #expect(policy.decide(after: error(.server, after: .seconds(901)), history(), random: 0) == .giveUp)
  }

  @Test func `a dead kept connection is tried again at once, and once`() {
    let stale = error(.network, code: "stale_connection")
    #expect(policy.decide(after: stale, CallHistory(tries: 1, staleConnections: 1), random: 1) == .after(.zero))
    #expect(policy.decide(after: stale, CallHistory(tries: 2, staleConnections: 2), random: 0.5) != .after(.zero))
  }

  @Test(arguments: [ErrorClass.contextLength, .contentFilter, .tooLarge, .truncated, .rejected, .hook, .badInput])
  func
    `what would end the same again is not tried again`(errorClass: ErrorClass)
  {
    #expect(policy.decide(after: error(errorClass), history(), random: 0) == .giveUp)
  }

  @Test func `x-should-retry is obeyed`() {
    var refused = error(.badRequest, status: 400)
    #expect(policy.decide(after: refused, history(), random: 0) == .giveUp)
    refused.shouldRetry = true
    #expect(policy.decide(after: refused, history(), random: 0) == .after(.zero))
    var failed = error(.server, status: 500)
    failed.shouldRetry = false
    #expect(policy.decide(after: failed, history(), random: 0) == .giveUp)
  }

  @Test func `an answer that is none is asked for twice more, a web page once`() {
    for (code, most) in [(nil, 2), ("html", 1)] as [(String?, Int)] {
      var history = history()
      history.badResponses = most
      #expect(policy.decide(after: error(.badResponse, code: code), history, random: 0) != .giveUp)
      history.badResponses = most + 1
      #expect(policy.decide(after: error(.badResponse, code: code), history, random: 0) == .giveUp)
    }
  }

  @Test func `any delay is within 0 and the cap, or what the provider asks`() {
    var random = SplitMix64(seed: 7)
    for _ in 0..<20_000 {
      var failure = error(ErrorClass.allCases[random.below(ErrorClass.allCases.count)], status: 500)
      failure.retryAfter = random.chance(0.5) ? .clamped(seconds: random.magnitude(1e-9, 1e12)) : nil
      failure.shouldRetry = [nil, true, false][random.below(3)]
      var history = CallHistory(tries: random.below(1_000_000), attempts: random.below(6))
      history.elapsed = .clamped(seconds: random.magnitude(1e-3, 1e10))
      history.staleConnections = random.below(4)
      guard case .after(let delay) = policy.decide(after: failure, history, random: random.uniform()) else { continue }
      #expect(delay >= .zero && delay <= max(.seconds(60), failure.retryAfter ?? .zero), "\(failure) \(history)")
      #expect(delay.seconds >= (failure.retryAfter?.seconds ?? 0) - 1e-6, "\(failure) \(history)")
      #expect(history.elapsed + delay <= .seconds(900.001), "\(failure) \(history)")
    }
  }
}
