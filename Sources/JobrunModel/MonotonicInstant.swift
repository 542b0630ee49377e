/// A point on a monotonic clock, in nanoseconds since an arbitrary origin. It never jumps with the wall clock.
public struct MonotonicInstant: InstantProtocol, Hashable, Sendable {
  public var nanoseconds: Int64

  public init(nanoseconds: Int64) { self.nanoseconds = nanoseconds }

  public static func < (a: Self, b: Self) -> Bool { a.nanoseconds < b.nanoseconds }

  public func advanced(by duration: Duration) -> Self { advanced(byNanoseconds: duration.clampedNanoseconds) }

  /// The same without a `Duration`, whose 128 bits cost a division.
  public func advanced(byNanoseconds count: Int64) -> Self {
    let (sum, overflow) = nanoseconds.addingReportingOverflow(count)
    return Self(nanoseconds: overflow ? (count < 0 ? .min : .max) : sum)
  }

  public func duration(to other: Self) -> Duration {
    .nanoseconds(other.nanoseconds.subtractingReportingOverflow(nanoseconds).partialValue)
  }
}

extension Duration {
  /// The duration in nanoseconds, at most ±292 years: never a trap.
  public var clampedNanoseconds: Int64 {
    let (seconds, attoseconds) = components
    let (whole, overflow) = seconds.multipliedReportingOverflow(by: 1_000_000_000)
    if overflow { return seconds < 0 ? .min : .max }
    let (sum, carried) = whole.addingReportingOverflow(attoseconds / 1_000_000_000)
    return carried ? (seconds < 0 ? .min : .max) : sum
  }

  /// The duration in seconds.
  public var seconds: Double { Double(components.seconds) + Double(components.attoseconds) * 1e-18 }

  /// A duration from a finite number of seconds; values beyond ±292 years are clamped, NaN is zero.
  public static func clamped(seconds: Double) -> Duration {
    if seconds.isNaN { return .zero }
    let limit = 9.2e9
    return .nanoseconds(Int64(max(-limit, min(limit, seconds)) * 1e9))
  }
}

/// A clock of monotonic instants; the reactor's in the program, a manual one in tests.
public protocol MonotonicClock: Clock, Sendable where Instant == MonotonicInstant, Duration == Swift.Duration {}
