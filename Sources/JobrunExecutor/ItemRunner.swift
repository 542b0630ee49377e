internal import JobrunModel

/// One item's life, from its record to its outcome.
@Loop
final class ItemRunner {
  private let script: any ScriptEngine
  private let calls: JournalledCalls
  private let branches: BranchRunner
  private let sink: any OutcomeSink
  private let clock: any MonotonicClock
  private let statistics: RunStatistics
  private let journal: (any AnswerJournal)?
  /// Told how each item ended, once its outcome is stored.
  var ended: (@Loop (ItemResult) -> Void)?

  init(
    script: any ScriptEngine, calls: JournalledCalls, branches: BranchRunner, sink: any OutcomeSink,
    clock: any MonotonicClock, statistics: RunStatistics, journal: (any AnswerJournal)?
  ) {
    self.journal = journal
    self.script = script
    self.calls = calls
    self.branches = branches
    self.sink = sink
    self.clock = clock
    self.statistics = statistics
  }

  /// - Throws: `RunError` where the outcome cannot be stored.
  func run(_ record: ItemRecord) async throws(RunError) {
    statistics.itemBegan()
    // The record becomes an item and a request; `prompt` and `on_request` run, or `process`.
    var (item, step) = measuringHooks { script.begin(record) }
    var life = ItemLife(calls.reference(to: record, id: item.id))
    while true {
      switch consume step {
      case .call(var request):
        // An answer that was bought before, or one that is: limits, a slot, the send and its retries, the journal. No hook
        // runs and nothing is held while it waits.
        let call: CallEnd
        let asking = life.nextRequest()
        do throws(RunError) {
          if let claimed = try calls.claim(&request, for: asking, asked: &life.asked) {
            call = claimed
          } else {
            call = try await calls.buy(request, for: asking)
          }
        } catch {
          script.abandon(item)
          statistics.itemEnded(.unfinished)
          throw error
        }
        guard case .ended(let result) = consume call else {
          script.abandon(item)
          return try end(life.reference, record, .unfinished)
        }
        life.note(result)
        // `on_reply` and `parse` run, or what a failure means is decided; or the hook that made the call goes on.
        step = measuringHooks { script.resume(item, with: result) }
      case .finished(let result):
        if life.isReused == true { statistics.itemReused() }
        return try end(life.reference, record, result)
      // Several things at once, or a wait of the script's own.
      case .fork(let branches): step = try await runBranches(from: .fork(branches), of: item, &life)
      case .sleep(let duration): step = try await runBranches(from: .sleep(duration), of: item, &life)
      case .wait, .finishedPack, .divided: step = .finished(.unfinished)  // not of an item alone
      }
    }
  }

  private func runBranches(
    from step: ScriptStep, of item: ScriptItem, _ life: inout ItemLife
  ) async throws(RunError) -> ScriptStep {
    do throws(RunError) {
      return try await branches.run([ScriptBranch(item: item, step: step)], &life)
    } catch {
      statistics.itemEnded(.unfinished)
      throw error
    }
  }

  private func end(
    _ item: ItemReference, _ record: ItemRecord, _ result: ItemResult, tells: Bool = true
  ) throws(RunError) {
    statistics.itemEnded(result)
    if case .failed(let failure) = result { journal?.itemFailed(item, failure) }
    try sink.put(ItemOutcome(id: item.id, record: record, result: result))
    if tells { ended?(result) }
  }

  private func measuringHooks<T>(_ body: () -> T) -> T {
    let start = clock.now
    defer { statistics.ranHooks(start.duration(to: clock.now)) }
    return body()
  }

  // MARK: Packs

  /// The life of items that share a request; where its answer does not serve all, both halves are asked.
  ///
  /// - Throws: `RunError` where an outcome cannot be stored.
  func run(pack records: [ItemRecord]) async throws(RunError) {
    for _ in records { statistics.itemBegan() }
    try await ask(records)
  }

  private func ask(_ records: [ItemRecord]) async throws(RunError) {
    let (item, ids, first) = measuringHooks { script.begin(pack: records) }
    var life = ItemLife(calls.reference(toPack: records, id: item.id))
    let results: [ItemResult]
    let step: ScriptStep
    do throws(RunError) {
      step = try await branches.run([ScriptBranch(item: item, step: first)], &life)
    } catch {
      for _ in records { statistics.itemEnded(.unfinished) }
      throw error
    }
    var isCommon = false
    switch step {
    case .divided where records.count > 1: return try await askHalves(records)
    case .finishedPack(let each) where each.count == records.count: results = each
    case .finished(let result): (results, isCommon) = (records.map { _ in result }, true)
    default: results = records.map { _ in .unfinished }
    }
    for ((record, id), result) in zip(zip(records, ids), results) {
      if life.isReused == true { statistics.itemReused() }
      try end(calls.reference(to: record, id: id), record, result, tells: !isCommon)
    }
    // One result of all is one sign of what the hooks are like.
    if isCommon, let result = results.first { ended?(result) }
  }

  private func askHalves(_ records: [ItemRecord]) async throws(RunError) {
    let middle = (records.count + 1) / 2
    let failure = await withTaskGroup(of: RunError?.self) { halves in
      for half in [Array(records[..<middle]), Array(records[middle...])] {
        halves.addImmediateTask { @Loop in
          do throws(RunError) {
            try await self.ask(half)
            return nil
          } catch {
            return error
          }
        }
      }
      var first: RunError?
      for await error in halves { first = first ?? error }
      return first
    }
    if let failure { throw failure }
  }

  // MARK: Hooks of the run

  /// Runs `setup` or `finish`, which may make calls like an item.
  ///
  /// - Parameter atEnd: Calls fail where the run sends nothing any more, so that the hooks go on.
  /// - Throws: `RunError` (`job`) where a hook fails.
  func runHooks(atEnd: Bool = false, _ begin: () -> (item: ScriptItem, step: ScriptStep)?) async throws(RunError) {
    guard let (item, step) = measuringHooks(begin) else { return }
    var life = ItemLife(ItemReference(id: item.id, index: 0), goesOn: atEnd)
    let end = try await branches.run([ScriptBranch(item: item, step: step)], &life)
    switch end {
    case .finished(.failed(let failure)): throw RunError(hookOfRun: failure)
    case .finished(.unfinished) where !atEnd:
      throw RunError(
        .stopped, "`setup` did not come to its end: it waits for an answer that is not to be had",
        hint: "a run that may send requests gets it")
    default: return
    }
  }
}
