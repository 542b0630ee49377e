public import JobrunModel

/// A threshold, and what it was compared with at the end of a run.
public struct ThresholdVerdict: Sendable, Equatable {
  public var threshold: Threshold
  /// In the threshold's unit; nil where the run has no such number: it bought no answer, so there is no latency.
  public var value: Double?

  /// What cannot be judged has not failed.
  public var holds: Bool { value.map(threshold.holds) ?? true }
}

/// Compares the thresholds of a job with the numbers of a run that came to its end.
@Loop
public enum ThresholdCheck {
  public static func verdicts(
    on thresholds: [Threshold], by statistics: any StatisticsReader
  ) -> [ThresholdVerdict] {
    thresholds.map { ThresholdVerdict(threshold: $0, value: value(of: $0, in: statistics)) }
  }

  private static func value(of threshold: Threshold, in statistics: any StatisticsReader) -> Double? {
    switch threshold.measure {
    case .failed: ofItems(.itemsFailed, threshold, statistics)
    case .skipped: ofItems(.itemsSkipped, threshold, statistics)
    case .unfinished: ofItems(.itemsUnfinished, threshold, statistics)
    case .errors: share(failedTries(statistics), of: statistics.count(.requests))
    case .p50: statistics.number(.latencyP50)
    case .p90: statistics.number(.latencyP90)
    case .p95: statistics.number(.latencyP95)
    case .p99: statistics.number(.latencyP99)
    case .mean: statistics.number(.latencyMean)
    case .max: statistics.number(.latencyMax)
    // Every model has a price then: without any cost there was no answer.
    case .cost: statistics.number(.costUSD) ?? 0
    case .requests: Double(statistics.count(.requests))
    case .retries: Double(statistics.count(.retries))
    case .elapsed: statistics.number(.elapsed) ?? 0
    }
  }

  private static func ofItems(
    _ name: StatisticName, _ threshold: Threshold, _ statistics: any StatisticsReader
  ) -> Double {
    let count = statistics.count(name)
    guard threshold.unit == .percent else { return Double(count) }
    return share(count, of: statistics.count(.itemsDone) + statistics.count(.itemsUnfinished))
  }

  private static func failedTries(_ statistics: any StatisticsReader) -> Int {
    StatisticName.allCases.filter { $0.errorClass != nil }.reduce(0) { $0 + statistics.count($1) }
  }

  /// In %; 0 of nothing is 0 %.
  private static func share(_ part: Int, of whole: Int) -> Double {
    whole > 0 ? 100 * Double(part) / Double(whole) : 0
  }
}
