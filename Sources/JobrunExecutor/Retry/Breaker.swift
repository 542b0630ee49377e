internal import JobrunModel

/// Stops sending to a provider that fails, and tries it again after a while.
///
/// closed → open after 10 overload or transport failures in a row, or where at least half of 20 and more outcomes in 20 s
/// were such, or where the retry budget is used up. open 5 s · 2^k (at most 120 s, ± 20 %) → half-open: one probe, then
/// 2, then 4 at once; after the seventh success closed, after a failure open again. Nobody fails meanwhile: items wait.
/// A pure value.
struct Breaker: Equatable {
  enum State: Equatable {
    case closed
    case open(until: MonotonicInstant)
    /// - Parameters:
    ///   - out: Probes whose outcome is not known.
    ///   - allowed: Probes at once.
    ///   - passed: Probes of this step that succeeded.
    case halfOpen(out: Int, allowed: Int, passed: Int)
  }

  /// What an outcome says of the provider.
  enum Outcome: Equatable {
    case good
    /// An overload or a broken connection; retrying it costs this much of the budget.
    case bad(cost: Double)
    /// Nothing: the request itself was at fault, or a limit.
    case neutral
  }

  static let longest = Duration.seconds(900)
  private static let inARow = 10
  private static let window = 20_000_000_000 as Int64
  private static let budgetCap = 100.0

  private(set) var state = State.closed
  private(set) var budget = budgetCap
  private var badInARow = 0
  private var openings = 0
  /// When it opened first, since it was last closed.
  private(set) var openSince: MonotonicInstant?
  /// When it became half-open: probes that were sent before are of an earlier try.
  private var probesSince = MonotonicInstant(nanoseconds: 0)
  private var windowStart = MonotonicInstant(nanoseconds: 0)
  private var goodInWindow = 0
  private var badInWindow = 0

  func next(at now: MonotonicInstant) -> Wait {
    switch state {
    case .closed: .none
    case .open(let until): until <= now ? .none : .until(until)
    case .halfOpen(let out, let allowed, _): out < allowed ? .none : .forAnEvent
    }
  }

  /// Whether everything is let through.
  var isClosed: Bool { state == .closed }

  /// For how long the provider has been out.
  func outage(at now: MonotonicInstant) -> Duration { openSince.map { $0.duration(to: now) } ?? .zero }

  /// A request goes. Returns whether it is a probe.
  mutating func sent(at now: MonotonicInstant) -> Bool {
    switch state {
    case .closed: return false
    case .open:
      probesSince = now
      state = .halfOpen(out: 1, allowed: 1, passed: 0)
      return true
    case .halfOpen(let out, let allowed, let passed):
      state = .halfOpen(out: out + 1, allowed: allowed, passed: passed)
      return true
    }
  }

  /// - Parameters:
  ///   - probeSentAt: When the request was sent, if it was a probe.
  ///   - isRetry: The request was not the first try of its call; a success gives back what the try had cost.
  ///   - random: A number in `0 ..< 1`.
  mutating func ended(
    _ outcome: Outcome, probeSentAt: MonotonicInstant?, isRetry: Bool = false, at now: MonotonicInstant, random: Double
  ) {
    if windowStart.advanced(byNanoseconds: Self.window) <= now {
      (windowStart, goodInWindow, badInWindow) = (now, 0, 0)
    }
    switch outcome {
    case .good:
      badInARow = 0
      goodInWindow += 1
      budget = min(Self.budgetCap, budget + (isRetry ? 5 : 1))
    case .bad(let cost):
      badInARow += 1
      badInWindow += 1
      budget = max(0, budget - cost)
    case .neutral: break
    }
    if case .halfOpen(let out, let allowed, let passed) = state, let probeSentAt, probeSentAt >= probesSince {
      probeEnded(outcome, out: out, allowed: allowed, passed: passed, at: now, random: random)
    } else if state == .closed, case .bad = outcome, isOver {
      open(at: now, random: random)
    }
  }

  private var isOver: Bool {
    let outcomes = goodInWindow + badInWindow
    return badInARow >= Self.inARow || (outcomes >= 20 && badInWindow * 2 >= outcomes) || budget <= 0
  }

  private mutating func probeEnded(
    _ outcome: Outcome, out: Int, allowed: Int, passed: Int, at now: MonotonicInstant, random: Double
  ) {
    switch outcome {
    case .bad: open(at: now, random: random)
    case .neutral: state = .halfOpen(out: max(0, out - 1), allowed: allowed, passed: passed)
    case .good where passed + 1 < allowed:
      state = .halfOpen(out: max(0, out - 1), allowed: allowed, passed: passed + 1)
    case .good where allowed < 4: state = .halfOpen(out: max(0, out - 1), allowed: allowed * 2, passed: 0)
    case .good:
      state = .closed
      (openings, openSince, badInARow, badInWindow, goodInWindow) = (0, nil, 0, 0, 0)
      budget = max(budget, Self.budgetCap / 2)
    }
  }

  private mutating func open(at now: MonotonicInstant, random: Double) {
    let seconds = min(120, 5 * Double(1 << min(openings, 10))) * (0.8 + 0.4 * random)
    openings += 1
    if openSince == nil { openSince = now }
    state = .open(until: now.advanced(by: .clamped(seconds: seconds)))
  }
}
