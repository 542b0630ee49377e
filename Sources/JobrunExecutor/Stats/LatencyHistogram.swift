internal import Histogram

/// Latencies, with three significant digits, between a microsecond and an hour.
struct LatencyHistogram {
  private var histogram = Histogram<UInt64>(
    highestTrackableValue: 3_600_000_000, numberOfSignificantValueDigits: .three)

  var count: UInt64 { histogram.totalCount }

  mutating func record(_ latency: Duration) {
    let microseconds = latency.components.seconds * 1_000_000 + latency.components.attoseconds / 1_000_000_000_000
    histogram.record(UInt64(max(1, min(microseconds, 3_600_000_000))))
  }

  /// In seconds; nil before the first.
  func percentile(_ percentile: Double) -> Double? {
    guard count > 0, percentile.isFinite else { return nil }
    return Double(histogram.valueAtPercentile(max(0, min(100, percentile)))) / 1e6
  }

  var mean: Double? { count > 0 ? histogram.mean / 1e6 : nil }

  var maximum: Double? { count > 0 ? Double(histogram.max) / 1e6 : nil }
}

/// Counts, such as tokens, with two significant digits.
struct CountHistogram {
  private var histogram = Histogram<UInt64>(highestTrackableValue: 1 << 30, numberOfSignificantValueDigits: .two)

  var count: UInt64 { histogram.totalCount }

  mutating func record(_ value: Int) { histogram.record(UInt64(max(1, min(value, 1 << 30)))) }

  func value(atPercentile percentile: Double) -> Double { Double(histogram.valueAtPercentile(percentile)) }
}
