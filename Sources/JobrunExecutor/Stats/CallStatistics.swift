internal import JobrunModel

/// The numbers of requests: of a whole run, or of one model in it.
struct CallStatistics {
  private(set) var requests = 0
  private(set) var retries = 0
  private(set) var maybeBilled = 0
  private(set) var tokens = TokenUsage()
  private(set) var costUSD: Double?
  private(set) var errors: [ErrorClass: Int] = [:]
  private(set) var latency = LatencyHistogram()
  /// Times to the first token; nil while no answer was streamed.
  private(set) var firstToken: LatencyHistogram?
  private(set) var limiterWait = Duration.zero
  private(set) var slotWait = Duration.zero
  private(set) var backOff = Duration.zero
  private var window = RateWindow()

  mutating func begin(at now: MonotonicInstant) { window.begin(at: now) }

  mutating func requestBegan(isRetry: Bool) {
    requests += 1
    if isRetry { retries += 1 }
  }

  mutating func requestEnded(_ answer: Answer, at now: MonotonicInstant) {
    latency.record(answer.latency)
    if let time = answer.firstToken {
      if firstToken == nil { firstToken = LatencyHistogram() }
      firstToken?.record(time)
    }
    let usage = answer.usage ?? TokenUsage()
    tokens.input += usage.input
    tokens.output += usage.output
    tokens.cached += usage.cached
    tokens.total += usage.total
    if let cost = answer.costUSD { costUSD = (costUSD ?? 0) + cost }
    window.add(RateWindow.Sums(requests: 1, tokens: usage.input + usage.output), at: now)
  }

  mutating func requestFailed(_ error: AttemptError, at now: MonotonicInstant) {
    errors[error.errorClass, default: 0] += 1
    if error.mayBeBilled { maybeBilled += 1 }
    window.add(RateWindow.Sums(requests: 1, failures: 1), at: now)
  }

  mutating func waited(_ duration: Duration, for reason: WaitReason) {
    if reason == .slots { slotWait += duration } else { limiterWait += duration }
  }

  mutating func backedOff(_ duration: Duration) { backOff += duration }

  /// The value of a name that is about requests; nil for the others and while it is unknown.
  mutating func value(of name: StatisticName, at now: MonotonicInstant) -> StatisticValue? {
    switch name {
    case .requests: .integer(requests)
    case .retries: .integer(retries)
    case .maybeBilled: .integer(maybeBilled)
    case .tokensInput: .integer(tokens.input)
    case .tokensOutput: .integer(tokens.output)
    case .tokensCached: .integer(tokens.cached)
    case .costUSD: costUSD.map { .number($0) }
    case .ratePerSecond: rate(at: now) { Double($0.requests) / $1 }
    case .ratePerMinute: rate(at: now) { Double($0.requests) / $1 * 60 }
    case .rateTokens: rate(at: now) { Double($0.tokens) / $1 * 60 }
    case .rateErrors:
      rate(at: now) { sums, _ in sums.requests > 0 ? Double(sums.failures) / Double(sums.requests) : 0 }
    case .latencyP50: latency.percentile(50).map { .number($0) }
    case .latencyP90: latency.percentile(90).map { .number($0) }
    case .latencyP95: latency.percentile(95).map { .number($0) }
    case .latencyP99: latency.percentile(99).map { .number($0) }
    case .latencyMean: latency.mean.map { .number($0) }
    case .latencyMax: latency.maximum.map { .number($0) }
    case .firstTokenP50: firstToken?.percentile(50).map { .number($0) }
    case .firstTokenP90: firstToken?.percentile(90).map { .number($0) }
    case .firstTokenP95: firstToken?.percentile(95).map { .number($0) }
    case .firstTokenP99: firstToken?.percentile(99).map { .number($0) }
    case .firstTokenMean: firstToken?.mean.map { .number($0) }
    case .firstTokenMax: firstToken?.maximum.map { .number($0) }
    case .waitLimiter: .number(limiterWait.seconds)
    case .waitSlot: .number(slotWait.seconds)
    case .waitBackOff: .number(backOff.seconds)
    default: name.errorClass.map { .integer(errors[$0] ?? 0) }
    }
  }

  private mutating func rate(
    at now: MonotonicInstant, _ compute: (RateWindow.Sums, Double) -> Double
  ) -> StatisticValue {
    let (sums, seconds) = window.sums(at: now)
    return .number(compute(sums, seconds))
  }

  /// The shares of the limits that the last 30 s used; nil where there is none.
  mutating func use(of limits: Limits, at now: MonotonicInstant) -> (requests: Double?, tokens: Double?) {
    let (sums, seconds) = window.sums(at: now)
    return (
      limits.requests.map { Double(sums.requests) / seconds * 60 / $0 },
      limits.tokens.map { Double(sums.tokens) / seconds * 60 / $0 }
    )
  }
}
