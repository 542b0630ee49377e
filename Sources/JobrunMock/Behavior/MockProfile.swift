/// The behaviours that have a name on the command line.
public enum MockProfile: String, Sendable, CaseIterable {
  /// A pleasant provider: log-normal latency with a median of 120 ms, no errors.
  case plain
  /// Answers at once.
  case fast

  /// - Throws: `UnknownMockProfile`, whose message lists the known ones.
  public init(named name: String) throws(UnknownMockProfile) {
    guard let profile = Self(rawValue: name) else { throw UnknownMockProfile(name: name) }
    self = profile
  }

  public func behavior(seed: UInt64 = 1) -> MockBehavior {
    switch self {
    case .plain: MockBehavior(latency: .logNormal(median: .milliseconds(120), sigma: 0.4), seed: seed)
    case .fast: MockBehavior(seed: seed)
    }
  }
}

/// A profile was asked for that does not exist.
public struct UnknownMockProfile: Error, Sendable, Equatable, CustomStringConvertible {
  public var name: String

  public var description: String {
    let known = MockProfile.allCases.map(\.rawValue).joined(separator: ", ")
    return "no mock profile \"\(name)\": the known ones are \(known)"
  }
}
