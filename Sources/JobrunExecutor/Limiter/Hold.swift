internal import JobrunModel

/// Keeps everything of a scope back after a refusal, then lets one request probe.
///
/// A pure value. open → held (a refusal) → probing (the time is over and one request went) → open (it was let through, or
/// has not come back for much longer than a refusal takes), or held again (it was refused, too).
struct Hold: Equatable {
  enum State: Equatable {
    case open
    case held(until: MonotonicInstant)
    /// One request is out; what it meets decides. An answer takes its time, a refusal does not: one that has not come
    /// back until then was let through.
    case probing(until: MonotonicInstant)
  }

  private static let base = 1.0
  private static let cap = 20.0
  /// How long a probe is waited for: three times what the last refusal took, within this.
  private static let patience = (least: 0.25, most: 5.0)

  private(set) var state = State.open
  /// Episodes of refusals in a row.
  private(set) var strikes = 0
  /// When the present episode began: what was sent before is part of it.
  private(set) var began: MonotonicInstant?
  private var patience = Self.patience.least

  /// A request was refused.
  ///
  /// - Parameters:
  ///   - sentAt: When it was sent.
  ///   - wait: What the provider asks to wait; nil: from 1 s, doubling with each episode up to 20 s, the half of it
  ///     jitter: a probe that comes much too early makes the next wait longer than it need be.
  ///   - random: Two numbers in `0 ..< 1`, so that processes that share a quota do not come back together.
  /// - Returns: Whether this is a new episode, and not an echo of the last one.
  mutating func refused(
    sentAt: MonotonicInstant, wait: Duration?, at now: MonotonicInstant, random: (Double, Double)
  ) -> Bool {
    let isNew = began.map { sentAt > $0 } ?? true
    if isNew {
      strikes += 1
      began = now
      patience = max(Self.patience.least, min(Self.patience.most, 3 * sentAt.duration(to: now).seconds))
    }
    var seconds = (0.5 + 0.5 * random.0) * min(Self.cap, Self.base * Double(1 << max(0, min(strikes - 1, 10))))
    if let wait { seconds = wait.seconds * (1 + 0.1 * random.0) + 0.25 * random.1 }
    let until = now.advanced(by: .clamped(seconds: seconds))
    if isNew {
      state = .held(until: until)
    } else if case .held(let other) = state, wait != nil {
      // An echo can make a hold longer; one that comes after the hold is out of date.
      state = .held(until: max(other, until))
    }
    return isNew
  }

  /// A request was let through: the provider takes requests again. One from before the episode says nothing of it.
  mutating func accepted(sentAt: MonotonicInstant) {
    guard began.map({ sentAt > $0 }) ?? true else { return }
    state = .open
    strikes = 0
  }

  /// The probe ended in a way that says nothing of limits: another one goes.
  mutating func probeFailed(sentAt: MonotonicInstant, at now: MonotonicInstant) {
    guard case .probing = state, began.map({ sentAt > $0 }) ?? true else { return }
    state = .held(until: now)
  }

  /// Whether a request may go; it is the probe where the state was `held`.
  func next(at now: MonotonicInstant) -> Wait {
    switch state {
    case .open: .none
    case .held(let until): until <= now ? .none : .until(until)
    case .probing(let until): until <= now ? .none : .until(until)
    }
  }

  /// A request goes. Returns whether it is the probe.
  mutating func sent(at now: MonotonicInstant) -> Bool {
    switch state {
    case .open: return false
    case .held:
      state = .probing(until: now.advanced(by: .clamped(seconds: patience)))
      return true
    case .probing:
      state = .open
      return false
    }
  }
}

/// Whether somebody has to wait, and for what.
enum Wait: Equatable {
  case none
  case until(MonotonicInstant)
  /// Until the end of a request that is out.
  case forAnEvent
}
