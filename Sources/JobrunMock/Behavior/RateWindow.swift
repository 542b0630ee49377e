/// The state of one limit: what has been charged, and when there is room again.
///
/// Instants are durations since the server's start and never go back.
protocol RateWindow: Sendable {
  /// How long to wait until there is room, if nothing else is charged; zero where there is room now.
  mutating func wait(for cost: Double, at now: Duration) -> Duration
  /// Charges what was accepted, or, where `isRefused`, what was not.
  mutating func charge(_ cost: Double, isRefused: Bool, at now: Duration)
  /// What there is room for now, and how long until the window is as if nothing had been charged.
  mutating func rest(at now: Duration) -> (remaining: Double, reset: Duration)
}

/// What is limited.
enum RateAxis: String, Sendable {
  case requests
  case tokens

  /// A limit that windows can count with: one that is not above zero, or that no counter holds, is clamped.
  static func clamped(_ limit: Double) -> Double { limit > 0.001 ? min(limit, 1e12) : 0.001 }
}

extension MockWindow {
  /// The window of a limit of so many a minute, with nothing charged.
  func start(limit: Double, axis: RateAxis) -> any RateWindow {
    let perSecond = RateAxis.clamped(limit) / 60
    return switch (self, axis) {
    case (.tokenBucket(let burst), _): BucketWindow(rate: perSecond, burst: burst)
    case (.slidingMinute, _): SlidingWindow(span: .seconds(60), capacity: RateAxis.clamped(limit))
    case (.perSecond, .requests): SlidingWindow(span: .seconds(1), capacity: perSecond)
    case (.perSecond, .tokens): SlidingWindow(span: .seconds(10), capacity: perSecond * 10)
    }
  }
}
