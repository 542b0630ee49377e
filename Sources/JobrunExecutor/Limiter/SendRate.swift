internal import JobrunModel

/// The rate that a provider was found to take, where its quota is not known or not what was said.
///
/// Without a limit until the first refusal. Then 0.85 of what the provider accepted in 10 s, by the instants of the
/// sends; 2 % more each second; lower again at the next refusal of a request that was sent after the last decrease.
/// Less than ten requests are no measurement: the rate that they give doubles each second, until the next refusal.
///
/// A provider that takes nothing for longer than 5 s then counts in windows up to a minute. What it accepted in the
/// minute before the refusal was for that minute, or for the time until it takes requests again. A pure value.
struct SendRate {
  private static let decrease = 0.85
  private static let growthPerSecond = 0.02
  /// Never slower than a request in five seconds.
  private static let least = 0.2
  private static let longestWindow: Int64 = 60
  private static let shortWindow: Int64 = 10
  private static let longHold = 5.0
  /// Fewer requests than this since a probe are no measurement.
  private static let enough = 10
  private static let seconds = 64

  /// Requests a second; nil while nothing was refused.
  private(set) var rate: Double?
  private var grownAt = MonotonicInstant(nanoseconds: 0)
  private var lastSend = MonotonicInstant(nanoseconds: 0)
  /// Sends less refusals, by the second of the send.
  private var accepted = [Int](repeating: 0, count: seconds)
  private var newestSecond: Int64 = 0
  private var firstSecond: Int64?
  /// Since when requests go without a long pause: what counts for the rate of the moment.
  private var busySince: Int64 = 0
  /// Requests sent since the last probe.
  private var sentSinceProbe = 0
  /// The last refusal that began an episode, and what was accepted in the minute before it.
  private var refusal: (at: MonotonicInstant, from: Int64, accepted: Int)?
  /// The rate rests on too few requests to be one.
  private var isGuess = false

  /// When the next request may go.
  func next(at now: MonotonicInstant) -> MonotonicInstant {
    guard let rate else { return now }
    return max(now, lastSend.advanced(byNanoseconds: Int64(1e9 / rate)))
  }

  mutating func sent(at now: MonotonicInstant) {
    advance(to: now)
    accepted[index(newestSecond)] += 1
    sentSinceProbe += 1
    lastSend = now
    guard let old = rate else { return }
    let elapsed = max(0, min(60, grownAt.duration(to: now).seconds))
    // 2^t, closely enough: of an hour's pause no more than its first seconds count.
    let growth = isGuess ? 1 + min(elapsed, 4) : 1 + Self.growthPerSecond * elapsed
    rate = min(old * growth, 1e6)
    grownAt = now
  }

  /// What was sent before says nothing: the first request went alone.
  mutating func restart(at now: MonotonicInstant) {
    advance(to: now)
    firstSecond = newestSecond
    busySince = newestSecond
  }

  /// A request was refused; it was none of those that the provider takes.
  mutating func refused(sentAt: MonotonicInstant) {
    let second = Self.second(sentAt)
    if newestSecond - second < Int64(Self.seconds), accepted[index(second)] > 0 { accepted[index(second)] -= 1 }
    if let refusal, sentAt <= refusal.at, second >= refusal.from { self.refusal?.accepted -= 1 }
  }

  /// Lowers the rate, once for all refusals of an episode.
  mutating func lower(at now: MonotonicInstant) {
    advance(to: now)
    let minute = acceptedSince(firstSecond ?? newestSecond, within: Self.longestWindow)
    refusal = (now, minute.from, minute.count)
    let (count, from) = acceptedSince(busySince, within: Self.shortWindow)
    grownAt = now
    isGuess = count < Self.enough && (rate == nil || isGuess)
    if let rate, sentSinceProbe < Self.enough || count == 0 {
      limit(to: rate)
    } else if count > 0 {
      limit(to: Double(count) / max(1, Double(now.nanoseconds) / 1e9 - Double(from)))
    }
  }

  /// A request probes after a hold.
  mutating func probes(at now: MonotonicInstant) {
    advance(to: now)
    (grownAt, sentSinceProbe) = (now, 0)
    guard let refusal, refusal.at.duration(to: now).seconds > Self.longHold else { return }
    busySince = newestSecond
    isGuess = isGuess || refusal.accepted < Self.enough
    guard refusal.accepted > 0 else { return }
    let span = Double(now.nanoseconds) / 1e9 - Double(refusal.from)
    limit(to: Double(refusal.accepted) / max(1, min(Double(Self.longestWindow), span)))
  }

  private mutating func limit(to measured: Double) {
    rate = max(Self.least, min(rate ?? .infinity, measured) * Self.decrease)
  }

  private func acceptedSince(_ second: Int64, within window: Int64) -> (count: Int, from: Int64) {
    let from = max(newestSecond - window + 1, min(second, newestSecond))
    return ((from...newestSecond).reduce(0) { $0 + accepted[index($1)] }, from)
  }

  private mutating func advance(to now: MonotonicInstant) {
    let second = Self.second(now)
    if firstSecond == nil { (firstSecond, newestSecond, busySince) = (second, second, second) }
    guard second > newestSecond else { return }
    for passed in max(newestSecond + 1, second - Int64(Self.seconds) + 1)...second { accepted[index(passed)] = 0 }
    newestSecond = second
  }

  private static func second(_ instant: MonotonicInstant) -> Int64 { instant.nanoseconds / 1_000_000_000 }

  private func index(_ second: Int64) -> Int { Int(second & Int64(Self.seconds - 1)) }
}
