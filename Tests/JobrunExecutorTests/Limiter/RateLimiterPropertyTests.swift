import JobrunModel
import Testing

@testable import JobrunExecutor

/// Random runs of a limiter: whatever the provider does, nothing gets stuck and the user's limits hold.
@Suite struct RateLimiterPropertyTests {
  private struct Run {
    var random: SplitMix64
    var now = instant(1_000)
    var limiter: RateLimiter
    let given: Limits
    var out: [Reservation] = []
    var sent: [MonotonicInstant] = []

    init(seed: UInt64) {
      random = SplitMix64(seed: seed)
      var limits = Limits()
      if random.chance(0.7) { limits.requests = random.magnitude(1, 1e6) }
      for kind in TokenKind.all where random.chance(0.4) { limits[kind] = random.magnitude(1e3, 1e9) }
      given = limits
      limiter = RateLimiter(limits, now: now)
    }

    mutating func cost() -> RequestCost {
      let (input, output) = (random.magnitude(1, 1e4), random.magnitude(1, 1e4))
      return RequestCost(input: input, output: output, leastInput: input, leastOutput: 0)
    }

    mutating func reported() -> ReportedLimits {
      var reported = ReportedLimits()
      reported.requests.limit = random.chance(0.5) ? Int(random.magnitude(1, 1e9)) : nil
      reported.tokens.limit = random.chance(0.5) ? Int(random.magnitude(1e3, 1e12)) : nil
      reported.tokens.remaining = random.chance(0.5) ? random.below(100_000) : nil
      reported.outputTokens.remaining = random.chance(0.2) ? random.below(1_000) : nil
      return reported
    }

    mutating func end(_ reservation: Reservation, isCalm: Bool) {
      switch random.below(isCalm ? 2 : 4) {
      case 0:
        let usage = TokenUsage(input: random.below(20_000), output: random.below(20_000))
        limiter.succeeded(reservation, usage: random.chance(0.8) ? usage : nil, at: now)
      case 1: limiter.failed(reservation, isCharged: random.chance(0.5), at: now)
      default:
        limiter.refused(
          reservation, wait: random.chance(0.5) ? .clamped(seconds: random.magnitude(1e-3, 100)) : nil,
          isOfTokens: random.chance(0.3), lowersRate: random.chance(0.8), at: now,
          random: (random.uniform(), random.uniform()))
      }
      if random.chance(0.3) { _ = limiter.learn(reported(), from: reservation, at: now) }
    }
  }

  @Test(arguments: 0..<2_000 as Range<UInt64>) func `a request may go at the instant that was told, and always does`(
    seed: UInt64
  ) {
    var run = Run(seed: seed)
    for _ in 0..<150 {
      if run.random.chance(0.3) { run.now = run.now + run.random.magnitude(1e-3, 30) }
      let cost = run.cost()
      if case .wait(.until(let instant), _) = run.limiter.admit(cost, at: run.now) {
        #expect(instant > run.now, "seed \(seed): told to wait until now")
        var again = run.limiter
        if case .wait(.until(let later), _) = again.admit(cost, at: run.now + run.random.uniform()) {
          // Each gate is asked once the one before it is open, so it can be later than was told, never earlier.
          #expect(later + 1e-6 >= min(instant, run.now + 1), "seed \(seed)")
        }
        run.now = instant
      }
      // One gate after another: four are enough, for a hold, the learned rate, requests and tokens.
      for _ in 0..<4 {
        guard case .wait(.until(let instant), _) = run.limiter.admit(cost, at: run.now) else { break }
        run.now = instant
      }
      let admission = run.limiter.admit(cost, at: run.now)
      #expect(admission == .go, "seed \(seed): still \(admission)")
      run.out.append(run.limiter.take(cost, at: run.now))
      while !run.out.isEmpty, run.out.count > 10 || run.random.chance(0.5) {
        run.end(run.out.remove(at: run.random.below(run.out.count)), isCalm: false)
      }
    }
  }

  @Test(arguments: 0..<2_000 as Range<UInt64>) func `no header raises a limit above what the user gave`(seed: UInt64) {
    var run = Run(seed: seed)
    for _ in 0..<100 {
      run.now = run.now + run.random.magnitude(1e-3, 10)
      let cost = run.cost()
      if case .go = run.limiter.admit(cost, at: run.now) {
        run.out.append(run.limiter.take(cost, at: run.now))
        run.sent.append(run.now)
      }
      if !run.out.isEmpty, run.random.chance(0.6) {
        run.end(run.out.remove(at: run.random.below(run.out.count)), isCalm: run.random.chance(0.9))
      }
      if let given = run.given.requests { #expect((run.limiter.current.requests ?? 0) <= given, "seed \(seed)") }
      for kind in TokenKind.all {
        guard let given = run.given[kind] else { continue }
        #expect((run.limiter.current[kind] ?? 0) <= given, "seed \(seed)")
        #expect((run.limiter.buckets[kind]?.rate ?? 0) <= given * 0.95 / 60 * 1.000_001, "seed \(seed)")
      }
    }
    guard let given = run.given.requests else { return }
    let perSecond = given * 0.95 / 60
    for first in run.sent.indices {
      for last in run.sent.indices[first...] {
        let seconds = run.sent[first].duration(to: run.sent[last]).seconds
        let most = max(1, perSecond) + perSecond * seconds * 1.001 + 1e-6
        #expect(Double(last - first) <= most, "seed \(seed)")
      }
    }
  }

  @Test func `no number traps`() {
    var reported = ReportedLimits()
    for dimension in [\ReportedLimits.requests, \.tokens, \.inputTokens, \.outputTokens] {
      reported[keyPath: dimension] = .init(limit: .max, remaining: .min)
    }
    for limit in [nil, 1e-9, 1, 1e15, .greatestFiniteMagnitude] as [Double?] {
      for tokens in [0, 1, Double(Int.max)] {
        var limits = Limits()
        (limits.requests, limits.tokens, limits.inputTokens) = (limit, limit, limit)
        var limiter = RateLimiter(limits, now: instant(0))
        let cost = RequestCost(input: tokens, output: tokens, leastInput: tokens, leastOutput: tokens)
        for now in [instant(0), instant(9e9), .end] {
          _ = limiter.current.impossibility(of: cost)
          _ = limiter.admit(cost, at: now)
          let reservation = limiter.take(cost, at: now)
          _ = limiter.learn(reported, from: reservation, at: now)
          limiter.refused(
            reservation, wait: .seconds(1e18), isOfTokens: tokens > 0, at: now, random: (0.999, 0.999))
          limiter.succeeded(reservation, usage: TokenUsage(input: .max, output: .max), at: now)
          limiter.failed(reservation, isCharged: false, at: now)
        }
      }
    }
  }
}
