internal import JobrunModel

/// The live numbers of one model.
@Loop
final class ModelStatistics: StatisticsReader {
  var calls = CallStatistics()
  /// The limits in force.
  var limits = Limits()
  private let clock: any MonotonicClock

  init(clock: any MonotonicClock) {
    self.clock = clock
    calls.begin(at: clock.now)
  }

  func value(of name: StatisticName) -> StatisticValue? {
    switch name {
    case .limitsRequests: calls.use(of: limits, at: clock.now).requests.map { .number($0) }
    case .limitsTokens: calls.use(of: limits, at: clock.now).tokens.map { .number($0) }
    default: calls.value(of: name, at: clock.now)
    }
  }

  func latency(percentile: Double) -> Double? { calls.latency.percentile(percentile) }

  func firstToken(percentile: Double) -> Double? { calls.firstToken?.percentile(percentile) }

  var modelNames: [String] { [] }

  func model(_ name: String) -> (any StatisticsReader)? { nil }
}
