internal import JobrunModel

/// How long each reason was what kept requests back: at every instant it is one, or none. A pure value.
struct WaitClock {
  private(set) var reason: WaitReason?
  private var since: MonotonicInstant
  private var spent: [WaitReason: Duration] = [:]

  init(now: MonotonicInstant) { since = now }

  mutating func change(to next: WaitReason?, at now: MonotonicInstant) {
    guard next != reason else { return }
    if let reason { spent[reason, default: .zero] += since.duration(to: now) }
    (reason, since) = (next, now)
  }

  func totals(at now: MonotonicInstant) -> [WaitReason: Duration] {
    var totals = spent
    if let reason { totals[reason, default: .zero] += since.duration(to: now) }
    return totals
  }
}
