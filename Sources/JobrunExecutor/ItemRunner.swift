internal import JobrunModel

/// One item's life, from its record to its outcome.
@Loop
final class ItemRunner {
  private let script: any ScriptEngine
  private let calls: CallRunner
  private let sink: any OutcomeSink
  private let clock: any MonotonicClock
  private let statistics: RunStatistics

  init(
    script: any ScriptEngine, calls: CallRunner, sink: any OutcomeSink, clock: any MonotonicClock,
    statistics: RunStatistics
  ) {
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
    while true {
      switch step {
      case .call(let request):
        // Limits, a slot, the send and its retries; no hook runs and nothing is held while it waits.
        guard case .ended(let result) = await calls.run(request, age: record.index) else {
          script.abandon(item)
          return try end(record, item.id, .unfinished)
        }
        // `on_reply` and `parse` run, or what a failure means is decided.
        step = measuringHooks { script.resume(item, with: result) }
      case .finished(let result):
        return try end(record, item.id, result)
      }
    }
  }

  private func end(_ record: ItemRecord, _ id: ItemID, _ result: ItemResult) throws(RunError) {
    statistics.itemEnded(result)
    try sink.put(ItemOutcome(id: id, record: record, result: result))
  }

  private func measuringHooks<T>(_ body: () -> T) -> T {
    let start = clock.now
    defer { statistics.ranHooks(start.duration(to: clock.now)) }
    return body()
  }
}
