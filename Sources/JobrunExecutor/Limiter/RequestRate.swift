internal import JobrunModel

/// Lets requests through at a rate, with a burst after a pause: GCRA, the generic cell rate algorithm (ITU-T I.371).
///
/// `T = 60 s / (rate · headroom)` is the distance of two requests, `B` how many may go out at once after a pause. The
/// state is one instant, the theoretical arrival time (`TAT`): a request may go at `TAT + T − B·T`. A pure value.
struct RequestRate: Equatable {
  /// The part of a limit that is used: clocks and networks jitter, and a refused request counts too.
  static let headroom = 0.95

  /// Nanoseconds from one request to the next.
  private(set) var interval: Int64
  private(set) var burst: Int64
  private var burstSeconds: Double
  private var arrival: MonotonicInstant

  /// - Parameters:
  ///   - perMinute: The limit as the provider has it.
  ///   - burstSeconds: The burst, as seconds of the rate.
  ///   - now: The burst counts as used up now: nobody knows what was sent before.
  init(perMinute: Double, burstSeconds: Double, now: MonotonicInstant) {
    interval = Self.interval(perMinute)
    self.burstSeconds = burstSeconds
    burst = Self.burst(perMinute, burstSeconds)
    arrival = now
    dropBurst(now: now)
  }

  private static func burst(_ perMinute: Double, _ seconds: Double) -> Int64 {
    max(1, Int64(min(perMinute * headroom / 60 * seconds, 1e9)))
  }

  private static func interval(_ perMinute: Double) -> Int64 {
    Int64(min(60e9 / (max(perMinute, 1e-6) * headroom), 9e18))
  }

  /// When the next request may go.
  func next(at now: MonotonicInstant) -> MonotonicInstant {
    max(arrival, now).advanced(byNanoseconds: -(burst - 1).multipliedClamped(by: interval))
  }

  /// Counts a request that goes now.
  mutating func take(at now: MonotonicInstant) { arrival = max(arrival, now).advanced(byNanoseconds: interval) }

  /// Another limit from now on; what is used up stays so.
  mutating func change(perMinute: Double) {
    interval = Self.interval(perMinute)
    burst = Self.burst(perMinute, burstSeconds)
  }

  /// Another burst from now on, at the next change of the limit.
  mutating func change(burstSeconds: Double) { self.burstSeconds = burstSeconds }

  /// The next request may go at once, and the ones behind it at their distance.
  mutating func dropBurst(now: MonotonicInstant) {
    arrival = max(arrival, now.advanced(byNanoseconds: (burst - 1).multipliedClamped(by: interval)))
  }

  /// No burst from now on: the provider counts in windows shorter than ours.
  mutating func forbidBurst(now: MonotonicInstant) {
    guard burst > 1 else { return }
    dropBurst(now: now)
    arrival = arrival.advanced(byNanoseconds: -(burst - 1).multipliedClamped(by: interval))
    (burst, burstSeconds) = (1, 0)
  }
}

extension Int64 {
  /// The product, at the end of the range where it would be beyond.
  func multipliedClamped(by other: Int64) -> Int64 {
    let (product, overflow) = multipliedReportingOverflow(by: other)
    return overflow ? ((self < 0) == (other < 0) ? .max : .min) : product
  }
}
