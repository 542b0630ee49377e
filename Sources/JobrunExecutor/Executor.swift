public import JobrunModel

/// How a run is driven.
public struct ExecutorOptions: Sendable {
  /// Requests in flight at most.
  public var concurrency: Concurrency
  public var retry = RetryLimits()
  /// Goes on although the first requests are all rejected, or twenty items in a row fail in a hook.
  public var keepsGoing = false
  /// What may be spent in the journal's whole life; nil: as much as it takes.
  public var budget: BudgetLimits?
  /// Rows with which the run is at its end; nil: at the input's.
  public var accept: Int?
  /// How long a drain waits for the requests in flight.
  public var drainLimit: Duration = .seconds(30)
  /// How long the machine has slept since it was started, where the system tells; looked at each second.
  public var timeAsleep: (@Sendable () -> Duration)?

  public init(concurrency: Concurrency) { self.concurrency = concurrency }

  /// Items begun and not ended at most: those in flight, and some whose requests are rendered already, so that a free
  /// slot never waits for a hook.
  var itemsInFlight: Int { concurrency.maximum + spareItems }
  var spareItems: Int { min(concurrency.maximum, 64) }
}

/// Why a run ended.
public enum RunEnd: Sendable, Equatable {
  case completed
  /// There are as many rows as were wanted; what was begun is in the output, too.
  case accepted
  /// Drained before the input's end; what was done is in the output. Where nothing was done, an earlier output stays.
  case stopped(RunError)
  /// Given up; an output of an earlier run stays as it was.
  case aborted(RunError)
}

/// Pulls items from the source, lets each live its life, and sees to it that every one of them ends.
///
/// Nothing is pushed: an item is pulled when there is room for it in flight and its outcome will find room in the
/// sink. So memory does not depend on the number of items.
@Loop
public final class Executor {
  private let options: ExecutorOptions
  private let source: any ItemSource
  private let script: any ScriptEngine
  private let sink: any OutcomeSink
  private let journal: (any AnswerJournal)?
  private let clock: any MonotonicClock
  private let statistics: RunStatistics
  private let dispatcher: Dispatcher
  private let scopes: ScopeTable
  private let calls: CallRunner
  private let runner: ItemRunner
  private let naps: Naps
  private let room: RoomForItems
  private let controller: RunController
  private let drainBegan = LoopSemaphore(permits: 0)
  private var stopReason: RunError?
  private var failure: RunError?
  private var isAborted = false
  /// The output has its name.
  private var isInPlace = false
  private var hookRule: HookRule
  private var acceptRule: AcceptRule?
  /// The run has as many rows as are wanted.
  private var isAccepted = false
  /// A hook is broken.
  private var isBroken = false
  /// The budget is used up: nothing is sent any more, what the journal has is still used.
  private var budgetEnd: RunError?

  /// - Parameter notify: Tells the user what the provider's answers say of the job's settings.
  public init(
    options: ExecutorOptions, source: any ItemSource, script: any ScriptEngine, models: ModelTable,
    sink: any OutcomeSink, journal: (any AnswerJournal)? = nil, clock: any MonotonicClock, statistics: RunStatistics,
    notify: @escaping @Loop (String) -> Void = { _ in }
  ) {
    self.journal = journal
    self.options = options
    self.source = source
    self.script = script
    self.sink = sink
    self.clock = clock
    self.statistics = statistics
    room = RoomForItems(options.itemsInFlight, spare: options.spareItems)
    hookRule = HookRule(keepsGoing: options.keepsGoing)
    acceptRule = options.accept.map(AcceptRule.init)
    dispatcher = Dispatcher(options.concurrency, clock: clock, statistics: statistics)
    scopes = ScopeTable(
      models, keepsGoing: options.keepsGoing, clock: clock, statistics: statistics, dispatcher: dispatcher)
    calls = CallRunner(
      scopes: scopes, dispatcher: dispatcher, policy: RetryPolicy(limits: options.retry), clock: clock,
      statistics: statistics, room: room, journal: journal)
    naps = Naps(clock: clock)
    let journalled = JournalledCalls(journal: journal, calls: calls, scopes: scopes, room: room)
    let branches = BranchRunner(
      script: script, calls: journalled, naps: naps, room: room, clock: clock, statistics: statistics)
    runner = ItemRunner(
      script: script, calls: journalled, branches: branches, sink: sink, clock: clock, statistics: statistics,
      journal: journal)
    controller = RunController(options, dispatcher: dispatcher, scopes: scopes, room: room)
    statistics.begin(total: source.total)
    statistics.concurrency = { [dispatcher] in dispatcher.limit }
    calls.notify = notify
    journal?.blocked = { [dispatcher] in dispatcher.hold($0, by: .journal) }
    calls.stop = { [weak self] in self?.drain(because: $0) }
    dispatcher.setBudget(options.budget, spent: journal?.spentBefore ?? Spending())
    dispatcher.outOfBudget = { [weak self] in self?.outOfBudget($0) }
    runner.ended = { [weak self] in self?.itemEnded($0) }
    controller.stop = { [weak self] in self?.drain(because: $0) }
    controller.setBudget = { [weak self] in self?.setBudget($0) }
    script.control = controller
  }

  /// Runs the job to its end. Every item that was begun has an outcome when it returns.
  /// - Returns: why it ended, and what the `finish` hooks want written beside the output.
  /// - Throws: `RunError` where the run as a whole failed; an output of an earlier run stays as it is then.
  public func run() async throws(RunError) -> (end: RunEnd, files: [(name: String, contents: [UInt8])]) {
    await withDiscardingTaskGroup { commits in
      if let journal { commits.addImmediateTask { @Loop in await journal.run() } }
      await runSupervised()
      journal?.endNotes()
    }
    if let failure { throw failure }
    guard let stopReason else { return (.completed, script.files) }
    if isAccepted, isInPlace { return (.accepted, script.files) }
    return isInPlace ? (.stopped(stopReason), script.files) : (.aborted(stopReason), [])
  }

  /// Runs the hooks and the items, and beside them what watches over them.
  private func runSupervised() async {
    await withDiscardingTaskGroup { supervision in
      supervision.addImmediateTask { @Loop in await self.limitDrain() }
      supervision.addImmediateTask { @Loop in await self.dispatcher.runTimers() }
      supervision.addImmediateTask { @Loop in await self.watchSleep() }
      if script.hasTick { supervision.addImmediateTask { @Loop in await self.runTicks() } }
      do throws(RunError) {
        try await self.runner.runHooks { self.script.beginSetup() }
        await self.runItems()
        self.controller.stop = nil  // there is nothing left to stop
        try await self.putInPlace()
        try await self.runner.runHooks(atEnd: true) { self.script.beginFinish() }
      } catch {
        // A run that is being stopped says why itself.
        if error.code != .stopped || self.stopReason == nil { self.failure = self.failure ?? error }
      }
      self.drainBegan.close()
      self.dispatcher.close()
      supervision.cancelAll()
    }
  }

  /// Puts the output in its place, before the `finish` hooks look at it.
  private func putInPlace() async throws(RunError) {
    statistics.end(isComplete: stopReason == nil)
    stopReason = stopReason ?? budgetEnd
    guard failure == nil, hasSomethingToPut else {
      await sink.abandon()
      if let failure { throw failure }
      return
    }
    try await sink.finish()
    isInPlace = true
  }

  /// A run that has done nothing, or nothing right, has nothing to put in the place of an earlier output.
  private var hasSomethingToPut: Bool {
    // All that there is may be unfinished where nothing may be sent.
    if stopReason == nil { return statistics.itemsDone > 0 || statistics.count(.itemsUnfinished) == 0 }
    if isAborted { return false }
    return isAccepted || statistics.itemsDone > 0 && !(isBroken && statistics.count(.itemsOK) == 0)
  }

  /// Starts nothing new and lets the requests in flight end, for as long as `drainLimit`. `run` returns then.
  public func drain(reason: String) { drain(because: RunError(.stopped, reason)) }

  /// - Parameter isUrgent: False: nobody waits for the end, so the requests in flight have their own time limits.
  private func drain(because reason: RunError, isUrgent: Bool = true) {
    // Also where the run is at its end already, in no hurry.
    if isUrgent { drainBegan.release() }
    guard stopReason == nil else { return }
    stopReason = reason
    source.stop()
    room.close()
    dispatcher.close()
    naps.close()
  }

  // MARK: Ends of the job's own

  private func itemEnded(_ result: ItemResult) {
    if let error = hookRule.judge(result), stopReason == nil {
      isBroken = true
      drain(because: error, isUrgent: false)
    }
    if acceptRule?.isReached(by: result) == true, stopReason == nil {
      isAccepted = true
      drain(because: RunError(.stopped, "accepted"), isUrgent: false)
    }
    if budgetEnd != nil { endWithoutBudget() }
  }

  /// A request does not fit into the budget, and never will.
  private func outOfBudget(_ error: RunError) {
    guard error.code == .stopped else { return drain(because: error) }
    budgetEnd = budgetEnd ?? error
    dispatcher.close()
    endWithoutBudget()
  }

  /// Ends the run where nothing can be had without a request any more, also while it waits for input.
  private func endWithoutBudget() {
    guard let budgetEnd, journal?.hasUnclaimed != true else { return }
    drain(because: budgetEnd, isUrgent: false)
  }

  /// Sets other limits of what may be spent, also where there was no budget; nil: none. Not once it was used up.
  public func setBudget(_ limits: BudgetLimits?) {
    var spent = (journal?.spentBefore ?? Spending()) + statistics.spending
    // Those in flight are added when they end.
    spent.requests -= Double(dispatcher.inFlight)
    dispatcher.setBudget(limits, spent: spent)
  }

  /// What was spent of the budget, of all runs with the journal, as text; nil without a budget.
  public var budgetText: String? { dispatcher.budget?.text }

  /// Gives the run up: ends the requests in flight, too.
  public func stop(reason: String) {
    isAborted = true
    journal?.giveUp()
    sink.giveUp()
    drain(reason: reason)
    cancelRequests()
  }

  private func cancelRequests() {
    calls.isStopping = true
    for transport in scopes.transports { transport.cancelAll() }
  }

  /// Requests that were sent and have not ended.
  public var requestsInFlight: Int { dispatcher.inFlight }

  private func runItems() async {
    await withDiscardingTaskGroup { items in
      // What is at hand is taken without a suspension: of the many items of a run, nearly every one.
      while true {
        if !room.takeNow() { guard await room.take() else { break } }
        do throws(RunError) {
          if !sink.hasRoom { try await sink.waitForRoom() }
          guard stopReason == nil else { break }
          var atHand = source.nextAtHand()
          if atHand == nil { atHand = try await source.next() }
          guard let record = atHand else { break }
          if let size = script.packSize {
            let pack = try await fill(record, size)
            if pack.isEmpty { break }
            items.addImmediateTask { @Loop in
              await self.live { () throws(RunError) in try await self.runner.run(pack: pack) }
            }
          } else {
            items.addImmediateTask { @Loop in
              do throws(RunError) {
                try await self.runner.run(record)
              } catch {
                self.fail(error)
              }
              self.room.giveBack()
            }
          }
        } catch {
          fail(error)
        }
      }
    }
  }

  private func live(_ life: () async throws(RunError) -> Void) async {
    do throws(RunError) {
      try await life()
    } catch {
      fail(error)
    }
    room.giveBack()
  }

  /// The records of a pack, which has always the same ones: only the input's end makes it smaller. Empty where the run
  /// stops meanwhile.
  private func fill(_ first: ItemRecord, _ size: Int) async throws(RunError) -> [ItemRecord] {
    var pack = [first]
    while pack.count < size, let record = try await source.next() { pack.append(record) }
    return stopReason == nil ? pack : []
  }

  /// Ends the run because of an error of its own; the first one counts.
  private func fail(_ error: RunError) {
    if failure == nil { failure = error }
    drain(because: error)
  }

  /// Waits for a drain to begin, and ends what it leaves in flight for too long. Cancelled when there is nothing left.
  private func limitDrain() async {
    guard await drainBegan.acquire() else { return }
    guard (try? await clock.sleep(for: options.drainLimit)) != nil else { return }
    cancelRequests()
  }

  /// Runs the `on_tick` hooks every second; an error of theirs drains the run.
  private func runTicks() async {
    while (try? await clock.sleep(for: .seconds(1))) != nil {
      do throws(RunError) {
        try script.tick()
      } catch {
        return drain(because: error)
      }
    }
  }

  /// Ends the requests in flight when the machine has slept: their connections are dead, and nobody would say so.
  private func watchSleep() async {
    guard let timeAsleep = options.timeAsleep else { return }
    var last = timeAsleep()
    while (try? await clock.sleep(for: .seconds(1))) != nil {
      let now = timeAsleep()
      if now - last > .seconds(10) { for transport in scopes.transports { transport.failAll() } }
      last = now
    }
  }
}
