internal import JobrunModel

/// Sums over the last 30 seconds, in steps of one second.
///
/// A pure value: the instant is an argument.
struct RateWindow {
  struct Sums: Equatable {
    var requests = 0
    var failures = 0
    var tokens = 0
  }

  private static let length = 30

  private var buckets = [Sums](repeating: Sums(), count: length)
  /// The second that the newest bucket stands for; nil before the first entry.
  private var newest: Int64?
  private var start: MonotonicInstant?

  /// Begins to count: rates are over the time since then while that is less than the window.
  mutating func begin(at now: MonotonicInstant) { start = now }

  mutating func add(_ sums: Sums, at now: MonotonicInstant) {
    advance(to: now)
    let index = Self.index(of: Self.second(of: now))
    buckets[index].requests += sums.requests
    buckets[index].failures += sums.failures
    buckets[index].tokens += sums.tokens
  }

  /// What was added in the window that ends now, and the window's length in seconds, at least one.
  mutating func sums(at now: MonotonicInstant) -> (sums: Sums, seconds: Double) {
    advance(to: now)
    var total = Sums()
    for bucket in buckets {
      total.requests += bucket.requests
      total.failures += bucket.failures
      total.tokens += bucket.tokens
    }
    // The oldest bucket is on its way out: the window is between 29 and 30 seconds long.
    let whole = Double(Self.length - 1) + Double(now.nanoseconds % 1_000_000_000) / 1e9
    let sinceStart = start.map { $0.duration(to: now).seconds } ?? whole
    return (total, max(1, min(whole, sinceStart)))
  }

  private mutating func advance(to now: MonotonicInstant) {
    let second = Self.second(of: now)
    guard let last = newest, last < second else {
      if newest == nil { newest = second }
      return
    }
    for passed in (last + 1)...max(last + 1, min(second, last + Int64(Self.length))) {
      buckets[Self.index(of: passed)] = Sums()
    }
    if second - last > Int64(Self.length) { buckets = [Sums](repeating: Sums(), count: Self.length) }
    newest = second
  }

  private static func second(of instant: MonotonicInstant) -> Int64 { instant.nanoseconds / 1_000_000_000 }

  private static func index(of second: Int64) -> Int { Int(second % Int64(length)) }
}
