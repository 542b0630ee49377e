internal import JobrunModel

/// What keeps a request back.
public enum WaitReason: String, Sendable, CaseIterable {
  case requests = "RPM"
  case tokens = "TPM"
  /// The provider's refusals: a hold, or the rate that was learned from them.
  case refusals = "429"
  case breaker
  /// The first request of a scope goes alone.
  case canary
  /// Requests in flight.
  case slots
  /// What is left of the budget is reserved for requests in flight.
  case budget
  /// The job has paused the run.
  case pause
}

/// What the limiter says to a request.
enum Admission: Equatable {
  case go
  case wait(Wait, for: WaitReason)
}

/// The limits of one scope (host, key, model): requests and tokens a minute, holds after refusals, and the rate that was
/// learned from them.
///
/// A pure value: facts and the instant in, decision out. It never waits and never holds anything while somebody does.
struct RateLimiter {
  private(set) var requests: RequestRate?
  private(set) var buckets = PerTokenKind<TokenBucket?>(repeating: nil)
  private(set) var sendRate = SendRate()
  private(set) var hold = Hold()
  private var given: Limits
  /// The limits in force: what the user gave, or lower, or what the provider says where the user gave nothing.
  private(set) var current: Limits
  /// Tokens and requests taken so far, to see what was sent after another request.
  private(set) var taken = Taken()

  struct Taken: Equatable, Sendable {
    var requests = 0
    var tokens = PerTokenKind(repeating: 0.0)
  }

  init(_ limits: Limits, now: MonotonicInstant) {
    given = limits
    current = limits
    requests = limits.requests.map { RequestRate(perMinute: $0, burstSeconds: limits.burstSeconds, now: now) }
    for kind in TokenKind.all {
      if let limit = limits[kind] { buckets[kind] = TokenBucket(perMinute: limit, now: now) }
    }
  }

  /// Whether there is any limit of tokens; without one nothing needs to be estimated.
  var countsTokens: Bool { buckets.total != nil || buckets.input != nil || buckets.output != nil }

  /// Takes other limits from the user. What is used up stays so, and what the provider says still lowers them.
  mutating func change(_ settings: LimitSettings, at now: MonotonicInstant) {
    let before = given
    given = settings.applied(to: given)
    if let burst = settings.burstSeconds { requests?.change(burstSeconds: burst) }
    if let limit = Self.lowest(given.requests, current.requests == before.requests ? nil : current.requests) {
      current.requests = limit
      if requests == nil { requests = RequestRate(perMinute: limit, burstSeconds: given.burstSeconds, now: now) }
      requests?.change(perMinute: limit)
    }
    for kind in TokenKind.all {
      let reported = current[kind] == before[kind] ? nil : current[kind]
      guard let limit = Self.lowest(given[kind], reported) else { continue }
      current[kind] = limit
      if buckets[kind] == nil { buckets[kind] = TokenBucket(perMinute: limit, now: now) }
      buckets[kind]?.change(perMinute: limit, now: now)
    }
  }

  private static func lowest(_ given: Double?, _ reported: Double?) -> Double? {
    guard let given, let reported else { return given ?? reported }
    return min(given, reported)
  }

  // MARK: Before a send

  mutating func admit(_ cost: RequestCost, at now: MonotonicInstant) -> Admission {
    let held = hold.next(at: now)
    if held != .none { return .wait(held, for: .refusals) }
    let paced = sendRate.next(at: now)
    if paced > now { return .wait(.until(paced), for: .refusals) }
    if let next = requests?.next(at: now), next > now { return .wait(.until(next), for: .requests) }
    var latest = now
    if countsTokens {
      for kind in TokenKind.all {
        if let next = buckets[kind]?.next(for: cost[kind], at: now) { latest = max(latest, next) }
      }
    }
    return latest > now ? .wait(.until(latest), for: .tokens) : .go
  }

  /// Counts a request that `admit` let go.
  mutating func take(_ cost: RequestCost, at now: MonotonicInstant) -> Reservation {
    let isProbe = hold.sent(at: now)
    if isProbe {
      sendRate.probes(at: now)
      requests?.dropBurst(now: now)
    }
    requests?.take(at: now)
    sendRate.sent(at: now)
    if countsTokens {
      for kind in TokenKind.all {
        buckets[kind]?.take(cost[kind], at: now)
        taken.tokens[kind] += cost[kind]
      }
    }
    taken.requests += 1
    return Reservation(cost: cost, sentAt: now, isProbe: isProbe, taken: taken)
  }

  // MARK: After it

  /// An answer came: the reservation is settled with what was really used.
  mutating func succeeded(_ reservation: Reservation, usage: TokenUsage?, at now: MonotonicInstant) {
    ended(reservation, at: now)
    hold.accepted(sentAt: reservation.sentAt)
    // Where the provider does not say, or nonsense, the estimate stays.
    guard countsTokens, let usage, usage.isPlausible else { return }
    for kind in TokenKind.all { settle(reservation.cost[kind] - usage[kind], kind, at: now) }
  }

  /// The request failed for another reason than a limit.
  ///
  /// - Parameter isCharged: The provider may have worked on it.
  mutating func failed(_ reservation: Reservation, isCharged: Bool, at now: MonotonicInstant) {
    ended(reservation, at: now)
    if reservation.isProbe { hold.probeFailed(sentAt: reservation.sentAt, at: now) }
    if !isCharged { giveBack(reservation, at: now) }
  }

  /// The provider refused the request, because of a limit.
  ///
  /// - Parameters:
  ///   - isOfTokens: It says that tokens were the reason.
  ///   - lowersRate: The refusal was of a rate, not of an overload.
  mutating func refused(
    _ reservation: Reservation, wait: Duration?, isOfTokens: Bool, lowersRate: Bool = true, at now: MonotonicInstant,
    random: (Double, Double)
  ) {
    ended(reservation, at: now)
    giveBack(reservation, at: now)
    sendRate.refused(sentAt: reservation.sentAt)
    let isNew = hold.refused(sentAt: reservation.sentAt, wait: wait, at: now, random: random)
    // A probe that is refused says that the hold was too short, not that requests came too fast.
    guard isNew, lowersRate, !reservation.isProbe else { return }
    sendRate.lower(at: now)
    if isOfTokens {
      for kind in TokenKind.all { buckets[kind]?.forbidBurst(now: now) }
    } else {
      requests?.forbidBurst(now: now)
    }
  }

  /// What piled up while the first request was alone is no leave for a burst.
  private mutating func ended(_ reservation: Reservation, at now: MonotonicInstant) {
    guard reservation.taken.requests == 1 else { return }
    requests?.dropBurst(now: now)
    sendRate.restart(at: now)
  }

  private mutating func giveBack(_ reservation: Reservation, at now: MonotonicInstant) {
    for kind in TokenKind.all { settle(reservation.cost[kind], kind, at: now) }
  }

  private mutating func settle(_ unused: Double, _ kind: TokenKind, at now: MonotonicInstant) {
    buckets[kind]?.settle(unused, at: now)
    taken.tokens[kind] -= unused
  }

  /// Takes over what the provider's headers say. Limits only ever become lower than what the user gave.
  ///
  /// - Returns: What to tell the user, once: the provider allows less than the job takes for granted.
  mutating func learn(_ reported: ReportedLimits, from reservation: Reservation, at now: MonotonicInstant) -> String? {
    var notes: [String] = []
    if let limit = adopted(reported.requests.limit, given.requests), limit != current.requests {
      if let given = given.requests, limit < given { notes.append("\(reported.requests.limit ?? 0) requests") }
      current.requests = limit
      if requests == nil {
        requests = RequestRate(perMinute: limit, burstSeconds: given.burstSeconds, now: now)
      }
      requests?.change(perMinute: limit)
    }
    if let remaining = reported.requests.remaining {
      let sentAfter = taken.requests - reservation.taken.requests
      if remaining <= sentAfter { requests?.dropBurst(now: now) }
    }
    learn(reported.tokens, .total, from: reservation, at: now, &notes)
    learn(reported.inputTokens, .input, from: reservation, at: now, &notes)
    learn(reported.outputTokens, .output, from: reservation, at: now, &notes)
    guard !notes.isEmpty else { return nil }
    return "the provider allows \(notes.joined(separator: " and ")) a minute: less than `limits` says"
  }

  private mutating func learn(
    _ dimension: ReportedLimits.Dimension, _ kind: TokenKind, from reservation: Reservation, at now: MonotonicInstant,
    _ notes: inout [String]
  ) {
    if let limit = adopted(dimension.limit, given[kind]), limit != current[kind] {
      if let given = given[kind], limit < given { notes.append("\(dimension.limit ?? 0) tokens") }
      current[kind] = limit
      if buckets[kind] == nil { buckets[kind] = TokenBucket(perMinute: limit, now: now) }
      buckets[kind]?.change(perMinute: limit, now: now)
    }
    if let remaining = dimension.remaining {
      let takenAfter = taken.tokens[kind] - reservation.taken.tokens[kind]
      buckets[kind]?.lower(to: Double(remaining) - takenAfter, since: reservation.sentAt, at: now)
    }
  }

  /// The limit to follow where the provider reports one: never above what the user gave.
  private func adopted(_ reported: Int?, _ given: Double?) -> Double? {
    guard let reported, reported > 0 else { return nil }
    return min(Double(reported), given ?? .infinity)
  }
}

/// What a request has taken of a limiter.
struct Reservation: Equatable, Sendable {
  var cost: RequestCost
  var sentAt: MonotonicInstant
  /// It goes out alone after a hold, to see whether the provider takes requests again.
  var isProbe: Bool
  /// All that was taken up to it, itself included.
  var taken: RateLimiter.Taken
}
