internal import JobrunModel

/// One item's life, from its record to its outcome.
@Loop
final class ItemRunner {
  private let script: any ScriptEngine
  private let calls: JournalledCalls
  private let sink: any OutcomeSink
  private let clock: any MonotonicClock
  private let statistics: RunStatistics
  private let journal: (any AnswerJournal)?

  init(
    script: any ScriptEngine, calls: JournalledCalls, sink: any OutcomeSink, clock: any MonotonicClock,
    statistics: RunStatistics, journal: (any AnswerJournal)?
  ) {
    self.journal = journal
    self.script = script
    self.calls = calls
    self.sink = sink
    self.clock = clock
    self.statistics = statistics
  }

  /// - Throws: `RunError` where the outcome cannot be stored.
  func run(_ record: ItemRecord) async throws(RunError) {
    statistics.itemBegan()
    // The record becomes an item and a request; `prompt` and `on_request` run.
    var (item, step) = measuringHooks { script.begin(record) }
    let reference = calls.reference(to: record, id: item.id)
    // Whether every answer so far came from the journal; nil before the first.
    var isReused: Bool?
    var asked: [RequestIdentity] = []
    while true {
      switch step {
      case .call(var request):
        // An answer that was bought before, or one that is: limits, a slot, the send and its retries, the journal. No hook
        // runs and nothing is held while it waits.
        let call: CallEnd
        do throws(RunError) {
          if let claimed = try calls.claim(&request, for: reference, asked: &asked) {
            call = claimed
          } else {
            call = try await calls.buy(request, for: reference)
          }
        } catch {
          script.abandon(item)
          statistics.itemEnded(.unfinished)
          throw error
        }
        guard case .ended(let result) = call else {
          script.abandon(item)
          return try end(reference, record, .unfinished)
        }
        if case .success(let answer) = result {
          isReused = answer.isFromJournal && isReused ?? true
        } else {
          isReused = false
        }
        // `on_reply` and `parse` run, or what a failure means is decided.
        step = measuringHooks { script.resume(item, with: result) }
      case .finished(let result):
        if isReused == true { statistics.itemReused() }
        return try end(reference, record, result)
      }
    }
  }

  private func end(_ item: ItemReference, _ record: ItemRecord, _ result: ItemResult) throws(RunError) {
    statistics.itemEnded(result)
    if case .failed(let failure) = result { journal?.itemFailed(item, failure) }
    try sink.put(ItemOutcome(id: item.id, record: record, result: result))
  }

  private func measuringHooks<T>(_ body: () -> T) -> T {
    let start = clock.now
    defer { statistics.ranHooks(start.duration(to: clock.now)) }
    return body()
  }
}
