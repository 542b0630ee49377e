import JobrunModel

/// A provider's quota, in virtual time: what it accepts, and what it says where it does not.
struct SimulatedProvider: CustomStringConvertible {
  enum Quota: Hashable, Sendable {
    /// At most the quota in any 60 s.
    case slidingMinute
    /// At most a sixtieth of it in each second of the clock.
    case strictSecond
    /// A bucket that fills evenly and holds so many seconds of it.
    case bucket(seconds: Double)
  }

  let quota: Quota
  let perMinute: Double
  /// A refused request uses the quota, too.
  var chargesRefused = false
  /// A refusal says how long to wait.
  var tellsWait = false
  private var entries: [(at: Double, cost: Double)] = []
  private var sum = 0.0
  private var second = 0.0
  private var level = 0.0
  private var filled = 0.0

  init(_ quota: Quota, perMinute: Double, chargesRefused: Bool = false, tellsWait: Bool = false) {
    self.quota = quota
    self.perMinute = perMinute
    self.chargesRefused = chargesRefused
    self.tellsWait = tellsWait
    if case .bucket(let seconds) = quota { level = seconds * perMinute / 60 }
  }

  var description: String { "\(quota), charges refused: \(chargesRefused), tells wait: \(tellsWait)" }

  enum Verdict {
    case accepted
    case refused(wait: Duration?)
  }

  /// A request of a cost (1, or its tokens) arrives at an instant, in seconds.
  mutating func receive(cost: Double, at now: Double) -> Verdict {
    let room: Double
    let wait: Double
    switch quota {
    case .slidingMinute:
      while let first = entries.first, first.at <= now - 60 {
        sum -= first.cost
        entries.removeFirst()
      }
      room = perMinute - sum
      wait = (entries.first?.at ?? now) + 60 - now
    case .strictSecond:
      if now.rounded(.down) != second { (second, sum) = (now.rounded(.down), 0) }
      room = perMinute / 60 - sum
      wait = second + 1 - now
    case .bucket(let seconds):
      level = min(seconds * perMinute / 60, level + (now - filled) * perMinute / 60)
      filled = now
      room = level
      wait = (cost - level) * 60 / perMinute
    }
    if cost <= room + 1e-9 {
      use(cost, at: now)
      return .accepted
    }
    if chargesRefused { use(min(cost, max(room, quota == .slidingMinute ? cost : room)), at: now) }
    return .refused(wait: tellsWait ? .clamped(seconds: max(0.001, wait)) : nil)
  }

  /// What it has left, as its headers would say.
  var remaining: Double {
    switch quota {
    case .slidingMinute: perMinute - sum
    case .strictSecond: perMinute / 60 - sum
    case .bucket: level
    }
  }

  private mutating func use(_ cost: Double, at now: Double) {
    sum += cost
    level -= cost
    if quota == .slidingMinute { entries.append((now, cost)) }
  }
}
