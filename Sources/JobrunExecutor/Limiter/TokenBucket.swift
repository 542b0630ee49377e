internal import JobrunModel

/// A bucket of prompt and completion tokens that fills at a limit a minute.
///
/// A request takes its estimate at the send and gives back, or takes, the difference to what was really used at its end.
/// One that is larger than the bucket passes when the bucket is full, and leaves a debt: nothing waits for ever.
struct TokenBucket: Equatable {
  /// How much of a limit may be used at once after a pause, in seconds.
  static let capacitySeconds = 10.0

  /// Tokens a second.
  private(set) var rate: Double
  private(set) var capacity: Double
  private(set) var level: Double
  private var updated: MonotonicInstant
  private var capacitySeconds = Self.capacitySeconds

  /// - Parameter now: The bucket holds one second's tokens: nobody knows what was used before.
  init(perMinute: Double, now: MonotonicInstant) {
    rate = max(perMinute, 1e-6) * RequestRate.headroom / 60
    capacity = rate * Self.capacitySeconds
    level = rate
    updated = now
  }

  mutating func change(perMinute: Double, now: MonotonicInstant) {
    fill(now)
    rate = max(perMinute, 1e-6) * RequestRate.headroom / 60
    capacity = rate * capacitySeconds
    level = min(level, capacity)
  }

  private mutating func fill(_ now: MonotonicInstant) {
    let seconds = updated.duration(to: now).seconds
    guard seconds > 0 else { return }
    level = min(capacity, level + seconds * rate)
    updated = now
  }

  /// When a request of so many tokens may go.
  mutating func next(for tokens: Double, at now: MonotonicInstant) -> MonotonicInstant {
    fill(now)
    let missing = min(tokens, capacity) - level
    // Rounded up, so that the tokens are there at the instant.
    return missing <= 1e-6 ? now : now.advanced(by: .clamped(seconds: missing / rate + 1e-6))
  }

  mutating func take(_ tokens: Double, at now: MonotonicInstant) {
    fill(now)
    level -= tokens
  }

  /// Gives back what was reserved and not used; a negative number takes more.
  mutating func settle(_ tokens: Double, at now: MonotonicInstant) {
    fill(now)
    level = min(capacity, level + tokens)
  }

  /// The provider has no tokens left, whatever the bucket says: a second's worth at once from now on, no more.
  mutating func forbidBurst(now: MonotonicInstant) {
    fill(now)
    capacitySeconds = 1
    capacity = rate
    level = min(level, 0)
  }

  /// The provider says what it had left at an instant: never more is taken for there than that and what came since.
  mutating func lower(to tokens: Double, since then: MonotonicInstant, at now: MonotonicInstant) {
    fill(now)
    level = min(level, tokens + max(0, then.duration(to: now).seconds) * rate)
  }
}
