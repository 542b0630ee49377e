internal import JobrunModel

/// Finds how many requests at once bring the most: a hill climb on goodput, with a cut per overload. A pure value.
///
/// Goodput is `L · Σ tokens / Σ latency` over requests that were sent and ended under the same limit `L` (Little's law;
/// without `usage` requests stand for tokens). It begins at 8 and doubles while that brings more than 10 %. Then it
/// holds, and tries a quarter more every three windows. It does not grow while something else keeps requests back.
///
/// Overloads cut it to 0.7, once an episode; a single one in a window is noise. So it is with a fixed number, too, which
/// comes back by one for each round of requests that went well.
struct ConcurrencyControl {
  private enum Phase: Equatable {
    /// Up to the fixed number, by one a round.
    case recovering
    case doubling
    /// - Parameter windows: Still to wait before the next try.
    case holding(windows: Int)
    case trying(from: Int, goodput: Double)
  }

  private(set) var minimum: Int
  private(set) var maximum: Int
  /// What the user wants.
  private var wanted: Concurrency
  private(set) var limit: Int
  private var phase = Phase.doubling
  private var best = (goodput: 0.0, limit: 1)
  /// When the limit last changed: what was sent before says nothing of it.
  private var changed: MonotonicInstant
  private var samples = 0
  private var work = 0.0
  private var latency = 0.0
  private var overloads = 0
  private var isHeldBack = false

  init(_ concurrency: Concurrency, now: MonotonicInstant) {
    changed = now
    wanted = concurrency
    maximum = concurrency.maximum
    switch concurrency {
    case .fixed(let count):
      (minimum, limit, phase) = (1, count, .recovering)
    case .adaptive(let minimum, let maximum):
      self.minimum = minimum
      limit = min(maximum, max(minimum, 8))
    }
  }

  /// The user wants another number. The same again changes nothing: a cut after an overload stays.
  mutating func set(_ concurrency: Concurrency, at now: MonotonicInstant) {
    guard concurrency != wanted else { return }
    let limit = limit
    self = ConcurrencyControl(concurrency, now: now)
    // A search goes on from where it was.
    if case .adaptive = concurrency { self.limit = min(maximum, max(minimum, limit)) }
  }

  /// Something else than the limit kept requests back during this window.
  mutating func heldBack() { isHeldBack = true }

  /// A request ended well.
  mutating func succeeded(
    sentAt: MonotonicInstant, latency seconds: Double, tokens: Int?, inFlight: Int, at now: MonotonicInstant
  ) {
    guard sentAt >= changed else { return }
    samples += 1
    if phase == .recovering {
      guard samples >= limit else { return }
      (samples, overloads) = (0, 0)
      // The limit grows; what is in flight stays a sample of it.
      if limit < maximum { limit += 1 }
      return
    }
    work += tokens.map(Double.init) ?? 1
    latency += seconds
    if inFlight * 2 < limit { isHeldBack = true }
    if samples >= max(12, limit / 2) { closeWindow(at: now) }
  }

  /// The provider was overloaded, or refused a connection, or let a request time out.
  ///
  /// - Returns: Whether it is a sign of its own, and no echo of an overload that was answered already.
  @discardableResult
  mutating func overloaded(sentAt: MonotonicInstant, at now: MonotonicInstant) -> Bool {
    guard sentAt >= changed else { return false }
    overloads += 1
    guard overloads > 1 || limit <= 2 else { return true }
    set(max(minimum, limit * 7 / 10), at: now)
    if phase != .recovering {
      phase = .holding(windows: 6)
      best = (0, limit)
    }
    return true
  }

  private mutating func closeWindow(at now: MonotonicInstant) {
    let goodput = latency > 0 ? Double(limit) * work / latency : 0
    let mayGrow = !isHeldBack
    (samples, overloads, work, latency, isHeldBack) = (0, 0, 0, 0, false)
    guard mayGrow else { return }
    switch phase {
    case .recovering: break
    case .doubling where goodput > 1.1 * best.goodput:
      best = (goodput, limit)
      if limit == maximum { phase = .holding(windows: 3) }
      set(limit * 2, at: now)
    case .doubling:
      set(best.limit, at: now)
      phase = .holding(windows: 3)
    case .holding(let windows) where windows > 1: phase = .holding(windows: windows - 1)
    case .holding:
      phase = .trying(from: limit, goodput: goodput)
      set(limit + max(1, limit / 4), at: now)
    case .trying(let from, let before):
      if goodput <= 1.04 * before { set(from, at: now) }
      phase = .holding(windows: 3)
    }
  }

  private mutating func set(_ value: Int, at now: MonotonicInstant) {
    limit = min(maximum, max(minimum, value))
    changed = now
    (samples, overloads, work, latency, isHeldBack) = (0, 0, 0, 0, false)
  }
}
