public import JobrunModel

/// A model as a run asks it: over which transport, within which limits.
public struct ModelRoute {
  /// How the job calls it.
  public var key: String
  public var transport: any ChatTransport
  public var endpoint: EndpointDescription
  public var limits: Limits
  public var timeouts: Timeouts
  public var price: Price?
  /// The limits are the model's own, not those of all models.
  public var hasOwnLimits = false
  /// Tells its requests from another model's with the same bytes; empty where there is none.
  public var identityScope = ""

  public init(
    key: String, transport: any ChatTransport, endpoint: EndpointDescription, limits: Limits = Limits(),
    timeouts: Timeouts = Timeouts(), price: Price? = nil
  ) {
    self.key = key
    self.transport = transport
    self.endpoint = endpoint
    self.limits = limits
    self.timeouts = timeouts
    self.price = price
  }
}

extension ModelRoute {
  /// - Returns: The limits to change; nil: none.
  mutating func change(_ settings: RunSettings) -> LimitSettings? {
    let own = settings.models.first { $0.key == key }
    price = own?.price ?? price
    if own?.limits != nil { hasOwnLimits = true }
    guard let limits = own?.limits ?? (hasOwnLimits ? nil : settings.limits) else { return nil }
    self.limits = limits.applied(to: self.limits)
    return limits
  }
}

/// The state of one scope (host, key, model): its limiter, breaker and learned numbers, and who waits for it.
///
/// It holds the pure values together and passes facts on to them; it decides nothing itself.
@Loop
final class ModelScope {
  private(set) var route: ModelRoute
  let statistics: ModelStatistics
  var limiter: RateLimiter
  var breaker = Breaker()
  var stopRule: StopRule
  var line = WaitingLine<Waiter>()
  /// What keeps the first in line back.
  var blockedBy: WaitReason?
  /// Other models take this one's requests: its key or its quota is no good.
  var isOut = false
  /// There is a budget: requests are estimated, limits of tokens or not.
  var countsSpending = false
  private var estimate = TokenEstimate()
  private var adaptiveTimeout: AdaptiveTimeout?
  private var timeLimits: TimeLimits
  /// The item whose call goes alone while nothing is known of the provider; nil: none does yet.
  private(set) var canary: Int?
  /// Its request is in flight: others of its item wait, too.
  private var isCanaryOut = false

  init(_ route: ModelRoute, keepsGoing: Bool, statistics: ModelStatistics, now: MonotonicInstant) {
    self.route = route
    self.statistics = statistics
    limiter = RateLimiter(route.limits, now: now)
    statistics.limits = route.limits
    stopRule = StopRule(endpoint: route.endpoint, keepsGoing: keepsGoing)
    timeLimits = TimeLimits(route.timeouts)
    if route.timeouts.total == .adaptive { adaptiveTimeout = AdaptiveTimeout() }
  }

  /// The time limits of a try that begins now.
  var limits: TimeLimits { timeLimits }

  /// Takes another price or other limits, where the change is for this model.
  func change(_ settings: RunSettings, at now: MonotonicInstant) {
    guard let limits = route.change(settings) else { return }
    limiter.change(limits, at: now)
    statistics.limits = limiter.current
  }

  /// Calls that have another model to ask go there. When the breaker's time is over, one of them is the probe.
  func takesNothing(at now: MonotonicInstant) -> Bool { isOut || breaker.next(at: now) != .none }

  func cost(of request: ChatRequest) -> RequestCost {
    var cost =
      limiter.countsTokens
      ? estimate.cost(bytes: request.body.count, maximumOutput: request.maximumOutputTokens) : .nothing
    if countsSpending {
      cost.size = RequestSize(bytes: request.body.count, maximumOutput: request.maximumOutputTokens)
    }
    return cost
  }

  /// What a request may spend, by what is known now.
  func demand(of size: RequestSize) -> Spending {
    Budget.demand(of: estimate.cost(bytes: size.bytes, maximumOutput: size.maximumOutput), price: route.price)
  }

  // MARK: Before a send

  /// - Parameter age: The item's place in the input.
  func admit(_ cost: RequestCost, age: Int, at now: MonotonicInstant) -> Admission {
    if !stopRule.isProven, isCanaryOut || (canary != nil && canary != age) {
      return .wait(.forAnEvent, for: .canary)
    }
    let broken = breaker.next(at: now)
    if broken != .none { return .wait(broken, for: .breaker) }
    return limiter.admit(cost, at: now)
  }

  /// Takes what `admit` let go.
  func take(_ cost: RequestCost, age: Int, at now: MonotonicInstant) -> Permit {
    if !stopRule.isProven {
      canary = canary ?? age
      isCanaryOut = true
    }
    return Permit(scope: self, reservation: limiter.take(cost, at: now), isBreakerProbe: breaker.sent(at: now))
  }

  // MARK: After it

  /// - Returns: What to tell the user.
  func succeeded(
    _ permit: Permit, _ request: ChatRequest, _ answer: Answer, isRetry: Bool, at now: MonotonicInstant
  ) -> String? {
    stopRule.succeededOnce()
    isCanaryOut = false
    breaker.ended(.good, probeSentAt: permit.breakerProbeSentAt, isRetry: isRetry, at: now, random: 0)
    let usage = answer.usage
    limiter.succeeded(permit.reservation, usage: usage, at: now)
    let note = answer.limits.flatMap { learn($0, permit, at: now) }
    if limiter.countsTokens || countsSpending, let usage { estimate.learn(bytes: request.body.count, usage: usage) }
    noteLatency(answer.latency)
    return note
  }

  /// - Parameter isEcho: It tells of an overload that was answered already by fewer requests at once.
  /// - Returns: What to tell the user.
  func failed(
    _ permit: Permit, _ error: AttemptError, isEcho: Bool, at now: MonotonicInstant, random: (Double, Double)
  ) -> String? {
    isCanaryOut = false
    // A round of requests that are refused together is one sign, not as many as the requests.
    let isCounted = !isEcho || error.errorClass != .overloaded
    breaker.ended(
      isCounted ? FailureJudgement.outcome(of: error) : .neutral, probeSentAt: permit.breakerProbeSentAt, at: now,
      random: random.0)
    switch error.errorClass {
    case .rateLimit:
      limiter.refused(
        permit.reservation, wait: error.retryAfter, isOfTokens: FailureJudgement.isOfTokens(error), at: now,
        random: random)
    case .overloaded where error.retryAfter != nil:
      limiter.refused(
        permit.reservation, wait: error.retryAfter, isOfTokens: false, lowersRate: false, at: now, random: random)
    default:
      let isCharged = error.dispatched != .no && (error.status == 408 || error.status < 400)
      limiter.failed(permit.reservation, isCharged: isCharged, at: now)
    }
    if error.errorClass == .timeout { noteLatency(permit.reservation.sentAt.duration(to: now)) }
    return error.limits.flatMap { learn($0, permit, at: now) }
  }

  /// A call of this item is over, or goes on elsewhere: another may be the canary.
  func leave(age: Int) {
    if canary == age { canary = nil }
  }

  private func learn(_ reported: ReportedLimits, _ permit: Permit, at now: MonotonicInstant) -> String? {
    defer { statistics.limits = limiter.current }
    return limiter.learn(reported, from: permit.reservation, at: now)
  }

  private func noteLatency(_ latency: Duration) {
    guard adaptiveTimeout != nil else { return }
    adaptiveTimeout?.ended(after: latency)
    if let total = adaptiveTimeout?.total { timeLimits = TimeLimits(route.timeouts, total: total) }
  }
}

/// The right to send one request: a slot, and what was reserved.
struct Permit: Sendable {
  let scope: ModelScope
  let reservation: Reservation
  let isBreakerProbe: Bool
  /// What is reserved of the budget; nil without one.
  var reserved: Spending?

  var sentAt: MonotonicInstant { reservation.sentAt }
  var breakerProbeSentAt: MonotonicInstant? { isBreakerProbe ? sentAt : nil }
}
