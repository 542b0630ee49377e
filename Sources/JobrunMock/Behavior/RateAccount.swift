/// What one model has used of its limits.
struct RateAccount: Sendable {
  private var requests: Meter?
  private var tokens: Meter?
  private let countsRejected: Bool

  private struct Meter {
    let limit: Double
    var window: any RateWindow

    init(_ limit: Double, _ axis: RateAxis, _ window: MockWindow) {
      self.limit = RateAxis.clamped(limit)
      self.window = window.start(limit: limit, axis: axis)
    }

    mutating func gauge(at now: Duration) -> RateStatus.Gauge {
      let rest = window.rest(at: now)
      return RateStatus.Gauge(
        limit: Int(limit.rounded(.up)), remaining: Int(rest.remaining.rounded(.down)), reset: rest.reset)
    }
  }

  init(_ limits: MockLimits) {
    requests = limits.requestsPerMinute.map { Meter($0, .requests, limits.window) }
    tokens = limits.tokensPerMinute.map { Meter($0, .tokens, limits.tokenWindow ?? limits.window) }
    countsRejected = limits.countsRejected
  }

  /// Charges a request that costs so many tokens, or says why not.
  mutating func admit(tokens count: Int, at now: Duration) -> MockRefusal? {
    let cost = Double(count)
    let isTooLarge = tokens.map { cost > $0.limit } ?? false
    let requestWait = requests?.window.wait(for: 1, at: now) ?? .zero
    let tokenWait = isTooLarge ? .zero : tokens?.window.wait(for: cost, at: now) ?? .zero
    if !isTooLarge, requestWait == .zero, tokenWait == .zero {
      requests?.window.charge(1, isRefused: false, at: now)
      tokens?.window.charge(cost, isRefused: false, at: now)
      return nil
    }
    if countsRejected { requests?.window.charge(1, isRefused: true, at: now) }
    let gauges = status(at: now)
    if isTooLarge { return .tooLarge(limit: gauges.tokens?.limit ?? 0, requested: count) }
    let wait = requests?.window.wait(for: 1, at: now) ?? .zero
    // Waiting for the slower of the two must be enough.
    if tokenWait > wait, let gauge = gauges.tokens {
      return .rate(.tokens, gauge, requested: count, wait: tokenWait)
    }
    return gauges.requests.map { .rate(.requests, $0, requested: 1, wait: wait) }
  }

  mutating func status(at now: Duration) -> RateStatus {
    RateStatus(requests: requests?.gauge(at: now), tokens: tokens?.gauge(at: now))
  }
}

/// The state of the limits, as headers tell it.
struct RateStatus: Sendable, Equatable {
  struct Gauge: Sendable, Equatable {
    /// A minute's number.
    var limit: Int
    /// What there is room for now.
    var remaining: Int
    /// The time until it is as if nothing had been used.
    var reset: Duration
  }

  var requests: Gauge?
  var tokens: Gauge?
}

/// Why a request is not accepted.
enum MockRefusal: Sendable, Equatable {
  /// The model server has an outage or too many requests at once.
  case overloaded
  /// No waiting helps: more tokens than a whole minute's.
  case tooLarge(limit: Int, requested: Int)
  /// The one of the two limits that takes longer to have room.
  case rate(RateAxis, RateStatus.Gauge, requested: Int, wait: Duration)
}
