public import JobrunModel

/// The live numbers of a run. The executor writes them; scripts, progress and summary read them.
@Loop
public final class RunStatistics: StatisticsReader {
  private let clock: any MonotonicClock
  private var startedAt: MonotonicInstant?
  private var endedAt: MonotonicInstant?
  private var total: Int?
  private var began = 0
  private var ok = 0
  private var failed = 0
  private var skipped = 0
  private var unfinished = 0
  private var reused = 0
  private var failures: [ErrorClass: (count: Int, firstMessage: String)] = [:]
  private var models: [String: ModelStatistics] = [:]
  /// The first model asked; while it is the only one, its numbers are the run's.
  private var firstModel: ModelStatistics?
  /// The numbers of all models together; nil while there is at most one.
  private var sum: CallStatistics?
  private var hookTime = Duration.zero
  private var waitClock: WaitClock

  /// Tells how much of the input was read, 0–1, where that can be known; for `eta_s`.
  public var inputShare: (@Loop () -> Double?)?
  /// The numbers of the job's own.
  public var ownCounters: Counters?
  /// Tells how many requests may be in flight.
  var concurrency: (@Loop () -> Int)?

  public init(clock: any MonotonicClock) {
    self.clock = clock
    waitClock = WaitClock(now: clock.now)
  }

  // MARK: Written by the executor

  func begin(total: Int?) {
    self.total = total
    startedAt = clock.now
  }

  /// - Parameter isComplete: The input was read to its end, so its number of items is known.
  func end(isComplete: Bool) {
    endedAt = clock.now
    heldBack(by: nil, at: clock.now)
    if isComplete { total = began }
  }

  /// The numbers of a model, from its first request.
  func addModel(_ name: String) -> ModelStatistics {
    let model = ModelStatistics(clock: clock)
    models[name] = model
    if let firstModel {
      if sum == nil { sum = firstModel.calls }
    } else {
      firstModel = model
    }
    return model
  }

  func itemBegan() { began += 1 }

  func itemEnded(_ result: ItemResult) {
    switch result {
    case .ok: ok += 1
    case .skipped: skipped += 1
    case .unfinished: unfinished += 1
    case .failed(let failure):
      failed += 1
      failures[failure.errorClass, default: (0, failure.message)].count += 1
    }
  }

  /// Every answer of an item came from the journal.
  func itemReused() { reused += 1 }

  func ranHooks(_ duration: Duration) { hookTime += duration }

  func requestBegan(_ model: ModelStatistics, isRetry: Bool) {
    sum?.requestBegan(isRetry: isRetry)
    model.calls.requestBegan(isRetry: isRetry)
  }

  func requestEnded(_ model: ModelStatistics, _ answer: Answer, at now: MonotonicInstant) {
    failuresInARow = 0
    sum?.requestEnded(answer, at: now)
    model.calls.requestEnded(answer, at: now)
  }

  func requestFailed(_ model: ModelStatistics, _ error: AttemptError) {
    failuresInARow += 1
    lastFailure = error
    let now = clock.now
    sum?.requestFailed(error, at: now)
    model.calls.requestFailed(error, at: now)
  }

  func waited(_ duration: Duration, for reason: WaitReason, model: ModelStatistics) {
    sum?.waited(duration, for: reason)
    model.calls.waited(duration, for: reason)
  }

  func backedOff(_ duration: Duration, model: ModelStatistics) {
    sum?.backedOff(duration)
    model.calls.backedOff(duration)
  }

  /// From now on this keeps requests back; nil: nothing does.
  func heldBack(by reason: WaitReason?, at now: MonotonicInstant) { waitClock.change(to: reason, at: now) }

  // MARK: Read by everybody

  private var calls: CallStatistics { sum ?? firstModel?.calls ?? CallStatistics() }

  /// Items that were pulled from the input so far.
  public var itemsBegun: Int { began }

  /// HTTP tries that failed since the last answer, and how the last one did.
  public private(set) var failuresInARow = 0
  public private(set) var lastFailure: AttemptError?

  /// Items that have an outcome.
  public var itemsDone: Int { ok + failed + skipped }

  /// Items that failed, by class, the most frequent first.
  public var failuresByClass: [(errorClass: ErrorClass, count: Int, firstMessage: String)] {
    failures.map { ($0.key, $0.value.count, $0.value.firstMessage) }.sorted {
      ($1.1, $0.0.rawValue) < ($0.1, $1.0.rawValue)
    }
  }

  /// What keeps requests back now.
  public var heldBackNow: WaitReason? { waitClock.reason }

  /// How long each reason was what kept requests back.
  public var heldBackBy: [WaitReason: Duration] { waitClock.totals(at: endedAt ?? clock.now) }

  /// Requests in flight on average, by Little's law.
  public var meanInFlight: Double {
    elapsed > 0 ? (calls.latency.mean ?? 0) * Double(calls.latency.count) / elapsed : 0
  }

  public func latency(percentile: Double) -> Double? { calls.latency.percentile(percentile) }

  public func firstToken(percentile: Double) -> Double? { calls.firstToken?.percentile(percentile) }

  public var modelNames: [String] { models.keys.sorted() }

  public func model(_ name: String) -> (any StatisticsReader)? { models[name] }

  public var counters: [(name: String, value: StatisticValue)] { ownCounters?.all ?? [] }

  public func value(of name: StatisticName) -> StatisticValue? {
    switch name {
    case .itemsTotal: total.map { .integer($0) }
    case .itemsDone: .integer(itemsDone)
    case .itemsOK: .integer(ok)
    case .itemsFailed: .integer(failed)
    case .itemsSkipped: .integer(skipped)
    case .itemsUnfinished: .integer(unfinished)
    case .itemsReused: .integer(reused)
    case .itemsInFlight: .integer(began - itemsDone - unfinished)
    case .elapsed: .number(elapsed)
    case .eta: eta.map { .number($0) }
    case .concurrency: .integer(concurrency?() ?? 0)
    case .limitsRequests, .limitsTokens: models.values.compactMap { $0.value(of: name) }.max()
    case .limitsHeld:
      .number(heldBackBy.filter { $0.key == .refusals || $0.key == .breaker }.values.reduce(.zero, +).seconds)
    case .waitHook: .number(hookTime.seconds)
    default: callValue(of: name)
    }
  }

  /// What this run has spent, as far as the provider says.
  var spending: Spending {
    let calls = calls
    return Spending(
      usd: calls.costUSD ?? 0, inputTokens: Double(calls.tokens.input), outputTokens: Double(calls.tokens.output),
      requests: Double(calls.requests))
  }

  private func callValue(of name: StatisticName) -> StatisticValue? {
    let now = endedAt ?? clock.now
    if sum != nil { return sum?.value(of: name, at: now) }
    if let firstModel { return firstModel.calls.value(of: name, at: now) }
    var none = CallStatistics()
    return none.value(of: name, at: now)
  }

  private var elapsed: Double {
    guard let startedAt else { return 0 }
    return startedAt.duration(to: endedAt ?? clock.now).seconds
  }

  /// At the rate so far: from the items where their number is known, else from the share of the input read.
  private var eta: Double? {
    if endedAt != nil { return 0 }
    guard itemsDone > 0 else { return nil }
    let share =
      total.map { Double(itemsDone) / Double(max(1, $0)) }
      ?? inputShare?().map { $0 * Double(itemsDone) / Double(began) }
    guard let share, share > 0 else { return nil }
    return elapsed * max(0, 1 / share - 1)
  }
}

extension StatisticValue {
  fileprivate var number: Double {
    switch self {
    case .integer(let value): Double(value)
    case .number(let value): value
    }
  }
}

extension [StatisticValue] {
  fileprivate func max() -> StatisticValue? { self.max { $0.number < $1.number } }
}
