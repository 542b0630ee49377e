/// The behaviours that have a name on the command line.
public enum MockProfile: String, Sendable, CaseIterable {
  /// A pleasant provider: log-normal latency with a median of 120 ms, no errors.
  case plain
  /// Answers at once.
  case fast
  /// A provider that keeps its limits by the second, as OpenAI says of itself.
  case strict
  /// Fails in every way now and then.
  case flaky
  /// A model server without a gateway before it: too many requests at once get 503.
  case overloaded

  /// - Throws: `UnknownMockProfile`, whose message lists the known ones.
  public init(named name: String) throws(UnknownMockProfile) {
    guard let profile = Self(rawValue: name) else { throw UnknownMockProfile(name: name) }
    self = profile
  }

  /// What it does, in one line.
  public var summary: String {
    switch self {
    case .plain: "answers after some 120 ms"
    case .fast: "answers at once"
    case .strict: "some 400 ms; 600 requests a minute by the second, refused ones count; 100,000 tokens a minute"
    case .flaky: "as plain, but 5 % 500, 2 % 503, 1 % 429, 2 % resets, 1 % cut JSON"
    case .overloaded: "some 300 ms; more than 8 requests at once get 503"
    }
  }

  public func behavior(seed: UInt64 = 1) -> MockBehavior {
    switch self {
    case .plain: MockBehavior(latency: .around(.milliseconds(120)), seed: seed)
    case .fast: MockBehavior(seed: seed)
    case .strict:
      MockBehavior(
        latency: .around(.milliseconds(400)),
        limits: MockLimits(
          requestsPerMinute: 600, tokensPerMinute: 100_000, window: .perSecond, tokenWindow: .tokenBucket(),
          countsRejected: true), seed: seed)
    case .flaky:
      MockBehavior(
        latency: .around(.milliseconds(120)),
        errors: [.server(share: 0.05), .overloaded(share: 0.02), .rateLimit(share: 0.01)],
        faults: [MockFault(.resetBeforeHead, share: 0.02), MockFault(.truncatedJSON, share: 0.01)], seed: seed)
    case .overloaded: MockBehavior(latency: .around(.milliseconds(300)), concurrencyLimit: 8, seed: seed)
    }
  }
}

extension MockLatency {
  /// As latencies of real providers nearly are.
  fileprivate static func around(_ median: Duration) -> Self { .logNormal(median: median, sigma: 0.4) }
}

/// A profile was asked for that does not exist.
public struct UnknownMockProfile: Error, Sendable, Equatable, CustomStringConvertible {
  public var name: String

  public var description: String {
    let known = MockProfile.allCases.map(\.rawValue).joined(separator: ", ")
    return "no mock profile \"\(name)\": the known ones are \(known)"
  }
}
