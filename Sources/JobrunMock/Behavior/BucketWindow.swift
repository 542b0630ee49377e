/// A token bucket that begins full.
struct BucketWindow: RateWindow {
  /// What flows in during a second.
  let rate: Double
  let capacity: Double
  /// Below zero: in debt.
  private var level: Double
  private var instant = Duration.zero

  /// Sums of fractions are not exact: who comes back when told to must find room.
  private static let tolerance = 1e-6

  /// - Parameter burst: The time that fills an empty bucket; it holds at least 1.
  init(rate: Double, burst: Duration) {
    self.rate = rate
    capacity = max(1, rate * (burst / .seconds(1)))
    level = capacity
  }

  private mutating func refill(at now: Duration) {
    guard now > instant else { return }
    level = min(capacity, level + rate * ((now - instant) / .seconds(1)))
    instant = now
  }

  mutating func wait(for cost: Double, at now: Duration) -> Duration {
    refill(at: now)
    let missing = min(cost, capacity) - level
    return missing <= Self.tolerance ? .zero : .seconds(missing / rate)
  }

  /// Charges `cost`; a refusal may empty the bucket and never leaves a debt.
  mutating func charge(_ cost: Double, isRefused: Bool, at now: Duration) {
    refill(at: now)
    level = isRefused ? min(level, max(0, level - cost)) : level - cost
  }

  mutating func rest(at now: Duration) -> (remaining: Double, reset: Duration) {
    refill(at: now)
    return (max(0, level + Self.tolerance), .seconds((capacity - level) / rate))
  }
}
