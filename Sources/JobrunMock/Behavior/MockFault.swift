/// A fault that takes the place of a share of the answers, after the latency of each. No limit is charged for it.
public struct MockFault: Sendable {
  public var steps: [MockStep]
  /// The share of requests that get it, from 0 to 1.
  public var share: Double

  public init(_ steps: [MockStep], share: Double) {
    self.steps = steps
    self.share = share
  }
}

extension [MockFault] {
  /// The steps that a request gets instead of an answer, if any: the same for the same seed and ordinal.
  ///
  /// Errors draw from the same number and begin at its other end, so that each share is exact.
  func drawn(ordinal: Int, seed: UInt64) -> [MockStep]? {
    if isEmpty { return nil }
    var remaining = 1 - uniform(seed: seed, ordinal: ordinal, stream: 0)
    for fault in self {
      if remaining <= fault.share { return fault.steps }
      remaining -= fault.share
    }
    return nil
  }
}
