internal import JobrunModel

/// The total time limit from a model's own latencies: three times the 99th percentile, between 10 s and 600 s.
///
/// 600 s while fewer than 50 answers are known. A try that the limit ended counts with the time that it was given, so a
/// limit that became too short grows again.
struct AdaptiveTimeout {
  static let floor = Duration.seconds(10)
  private static let enough = 50
  private static let factor = 3.0

  private var latencies = LatencyHistogram()
  private var countAtLast = 0
  private(set) var total = TotalTimeout.ceiling

  mutating func ended(after latency: Duration) {
    latencies.record(latency)
    // The percentile is a walk over the histogram: often enough is when there is a tenth more to know.
    let count = Int(latencies.count)
    guard count >= Self.enough, count >= countAtLast + countAtLast / 10, let p99 = latencies.percentile(99) else {
      return
    }
    countAtLast = count
    total = max(Self.floor, min(TotalTimeout.ceiling, .clamped(seconds: p99 * Self.factor)))
  }
}
