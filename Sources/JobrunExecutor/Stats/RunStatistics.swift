public import JobrunModel

/// The live numbers of a run. The executor writes them; scripts, progress and summary read them.
@Loop
public final class RunStatistics: StatisticsReader {
  private let clock: any MonotonicClock
  private var startedAt: MonotonicInstant?
  private var endedAt: MonotonicInstant?
  private var concurrency = 0
  private var total: Int?
  private var began = 0
  private var ok = 0
  private var failed = 0
  private var skipped = 0
  private var unfinished = 0
  private var requests = 0
  private var tokens = TokenUsage()
  private var errors: [ErrorClass: Int] = [:]
  private var failures: [ErrorClass: Int] = [:]
  private var latency = LatencyHistogram()
  private var window = RateWindow()
  private var slotWait = Duration.zero
  private var hookTime = Duration.zero

  /// Tells how much of the input was read, 0–1, where that can be known; for `eta_s`.
  public var inputShare: (@Loop () -> Double?)?

  public init(clock: any MonotonicClock) { self.clock = clock }

  // MARK: Written by the executor

  func begin(concurrency: Int, total: Int?) {
    self.concurrency = concurrency
    self.total = total
    startedAt = clock.now
    window.begin(at: clock.now)
  }

  /// - Parameter isComplete: The input was read to its end, so its number of items is known.
  func end(isComplete: Bool) {
    endedAt = clock.now
    if isComplete { total = began }
  }

  func itemBegan() { began += 1 }

  func itemEnded(_ result: ItemResult) {
    switch result {
    case .ok: ok += 1
    case .skipped: skipped += 1
    case .unfinished: unfinished += 1
    case .failed(let failure):
      failed += 1
      failures[failure.errorClass, default: 0] += 1
    }
  }

  func waitedForSlot(_ duration: Duration) { slotWait += duration }

  func ranHooks(_ duration: Duration) { hookTime += duration }

  func requestBegan() { requests += 1 }

  func requestEnded(_ answer: Answer) {
    latency.record(answer.latency)
    let usage = answer.reply.usage ?? TokenUsage()
    tokens.input += usage.input
    tokens.output += usage.output
    tokens.cached += usage.cached
    tokens.total += usage.total
    window.add(RateWindow.Sums(requests: 1, tokens: usage.input + usage.output), at: clock.now)
  }

  func requestFailed(_ error: AttemptError) {
    errors[error.errorClass, default: 0] += 1
    window.add(RateWindow.Sums(requests: 1, failures: 1), at: clock.now)
  }

  // MARK: Read by everybody

  /// Items that were pulled from the input so far.
  public var itemsBegun: Int { began }

  /// Items that failed, by class, the most frequent first.
  public var failuresByClass: [(errorClass: ErrorClass, count: Int)] {
    failures.map { ($0.key, $0.value) }.sorted { ($1.1, $0.0.rawValue) < ($0.1, $1.0.rawValue) }
  }

  public func latency(percentile: Double) -> Double? { latency.percentile(percentile) }

  public func value(of name: StatisticName) -> StatisticValue? {
    switch name {
    case .itemsTotal: total.map { .integer($0) }
    case .itemsDone: .integer(done)
    case .itemsOK: .integer(ok)
    case .itemsFailed: .integer(failed)
    case .itemsSkipped: .integer(skipped)
    case .itemsUnfinished: .integer(unfinished)
    case .itemsInFlight: .integer(began - done - unfinished)
    case .requests: .integer(requests)
    case .tokensInput: .integer(tokens.input)
    case .tokensOutput: .integer(tokens.output)
    case .tokensCached: .integer(tokens.cached)
    case .elapsed: .number(elapsed)
    case .eta: eta.map { .number($0) }
    case .ratePerSecond: rate { Double($0.requests) / $1 }
    case .ratePerMinute: rate { Double($0.requests) / $1 * 60 }
    case .rateTokens: rate { Double($0.tokens) / $1 * 60 }
    case .rateErrors: rate { sums, _ in sums.requests > 0 ? Double(sums.failures) / Double(sums.requests) : 0 }
    case .concurrency: .integer(concurrency)
    case .latencyP50: latency.percentile(50).map { .number($0) }
    case .latencyP90: latency.percentile(90).map { .number($0) }
    case .latencyP95: latency.percentile(95).map { .number($0) }
    case .latencyP99: latency.percentile(99).map { .number($0) }
    case .latencyMean: latency.mean.map { .number($0) }
    case .latencyMax: latency.maximum.map { .number($0) }
    case .waitSlot: .number(slotWait.seconds)
    case .waitHook: .number(hookTime.seconds)
    case .errorsAuth, .errorsQuota, .errorsRateLimit, .errorsTooLarge, .errorsOverloaded, .errorsServer,
      .errorsTimeout, .errorsNetwork, .errorsContextLength, .errorsContentFilter, .errorsBadRequest,
      .errorsBadResponse:
      .integer(ErrorClass(rawValue: String(name.rawValue.dropFirst("errors.".count))).flatMap { errors[$0] } ?? 0)
    }
  }

  private var done: Int { ok + failed + skipped }

  private var elapsed: Double {
    guard let startedAt else { return 0 }
    return startedAt.duration(to: endedAt ?? clock.now).seconds
  }

  /// At the rate so far: from the items where their number is known, else from the share of the input read.
  private var eta: Double? {
    if endedAt != nil { return 0 }
    guard done > 0 else { return nil }
    let share =
      total.map { Double(done) / Double(max(1, $0)) } ?? inputShare?().map { $0 * Double(done) / Double(began) }
    guard let share, share > 0 else { return nil }
    return elapsed * max(0, 1 / share - 1)
  }

  private func rate(_ compute: (RateWindow.Sums, Double) -> Double) -> StatisticValue {
    let (sums, seconds) = window.sums(at: endedAt ?? clock.now)
    return .number(compute(sums, seconds))
  }
}
