import JobrunModel
import Testing

@testable import JobrunExecutor

/// Bands for two minutes against simulated providers of 600 requests or 600,000 tokens a minute. What a run uses is
/// measured from second 10 to 130.
@Suite struct LimiterSimulationTests {
  private static let seeds = 0..<6 as Range<UInt64>
  private static let quotas: [SimulatedProvider.Quota] = [.slidingMinute, .strictSecond, .bucket(seconds: 1)]

  /// What a refusal does and says.
  struct Refusals: CustomTestStringConvertible, Sendable {
    var areCharged: Bool
    var tellWait: Bool

    var testDescription: String { "charged: \(areCharged), wait told: \(tellWait)" }

    static let all = [(false, false), (false, true), (true, false), (true, true)].map(Self.init)
  }

  private func requests(_ limit: Double?, _ quota: SimulatedProvider.Quota, _ refusals: Refusals)
    -> [SimulatedRun.Result]
  {
    var limits = Limits()
    limits.requests = limit
    let provider = SimulatedProvider(
      quota, perMinute: 600, chargesRefused: refusals.areCharged, tellsWait: refusals.tellWait)
    return Self.seeds.map { seed in
      var run = SimulatedRun(limits, provider, seed: seed)
      return run.run()
    }
  }

  private func tokens(_ limit: Double?, burst: Double = 10, _ tokens: SimulatedRun.Tokens) -> [SimulatedRun.Result] {
    var limits = Limits()
    limits.tokens = limit
    return Self.seeds.map { seed in
      var run = SimulatedRun(
        limits, SimulatedProvider(.bucket(seconds: burst), perMinute: 600_000), tokens: tokens, seed: seed)
      return run.run()
    }
  }

  // MARK: Requests a minute

  @Test(arguments: quotas, Refusals.all) func `the right limit is used, and nothing is refused`(
    quota: SimulatedProvider.Quota, refusals: Refusals
  ) {
    for (seed, result) in requests(600, quota, refusals).enumerated() {
      #expect(result.refusals == 0, "seed \(seed)")
      #expect(result.used >= 0.93 && result.used <= 0.96, "seed \(seed)")
    }
  }

  @Test(arguments: quotas, Refusals.all) func `a limit that is 30 % too high costs few refusals and little time`(
    quota: SimulatedProvider.Quota, refusals: Refusals
  ) {
    for (seed, result) in requests(780, quota, refusals).enumerated() {
      #expect(result.refusals > 0, "seed \(seed)")
      #expect(result.requestsPerItem <= 1.03, "seed \(seed)")
      #expect(result.used >= 0.8, "seed \(seed)")
    }
  }

  @Test(arguments: quotas, Refusals.all) func `a quota that nobody knows is found`(
    quota: SimulatedProvider.Quota, refusals: Refusals
  ) {
    let results = requests(nil, quota, refusals)
    for (seed, result) in results.enumerated() {
      // Most of them are of the first burst: as many requests as there are slots, once the first has come back.
      #expect(result.requestsPerItem <= 1.08, "seed \(seed)")
      #expect(result.used >= 0.75, "seed \(seed)")
    }
    #expect(results.reduce(0) { $0 + $1.used } / Double(results.count) >= 0.8)
  }

  // MARK: Tokens a minute

  @Test(arguments: [0.15, 0.3, 0.6], [false, true])
  func
    `the right limit of tokens is used, though estimates begin wrong by a factor of two`(
      perByte: Double, reports: Bool
    )
  {
    for (seed, result) in tokens(600_000, .init(perByte: perByte, reports: reports)).enumerated() {
      #expect(result.refusals == 0, "seed \(seed)")
      #expect(result.used >= 0.93, "seed \(seed)")
    }
  }

  @Test(arguments: [780_000, nil], [0.15, 0.6]) func `a wrong or unknown limit of tokens is found`(
    limit: Double?, perByte: Double
  ) {
    for (seed, result) in tokens(limit, .init(perByte: perByte)).enumerated() {
      #expect(result.requestsPerItem <= 1.08, "seed \(seed)")
      #expect(result.used >= 0.9, "seed \(seed)")
    }
  }

  @Test(arguments: [780_000, nil], [10.0, 1]) func `what headers say of tokens prevents refusals`(
    limit: Double?, burst: Double
  ) {
    for (seed, result) in tokens(limit, burst: burst, .init(perByte: 0.3, reports: true)).enumerated() {
      #expect(result.requestsPerItem <= 1.02, "seed \(seed)")
      #expect(result.used >= 0.9, "seed \(seed)")
    }
  }

  @Test(arguments: [0.15, 0.6]) func `a provider that bears no burst of tokens refuses a few, and then none`(
    perByte: Double
  ) {
    for (seed, result) in tokens(600_000, burst: 1, .init(perByte: perByte)).enumerated() {
      #expect(result.requestsPerItem <= 1.05, "seed \(seed)")
      #expect(result.used >= 0.9, "seed \(seed)")
    }
  }

  @Test(arguments: [600_000, nil] as [Double?]) func `a provider that charges for what was allowed is found out`(
    limit: Double?
  ) {
    for (seed, result) in tokens(limit, .init(perByte: 0.3, chargedOutput: 1_024)).enumerated() {
      #expect(result.requestsPerItem <= 1.08, "seed \(seed)")
      #expect(result.used >= 0.9, "seed \(seed)")
    }
  }
}
