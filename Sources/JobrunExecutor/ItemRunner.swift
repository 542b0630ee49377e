internal import JobrunModel

/// One item's life, from its record to its outcome.
@Loop
final class ItemRunner {
  private let script: any ScriptEngine
  private let transport: any ChatTransport
  private let sink: any OutcomeSink
  private let slots: LoopSemaphore
  private let clock: any MonotonicClock
  private let statistics: RunStatistics
  /// Transfers are being cancelled: what they end with is nobody's failure.
  var isStopping = false

  init(
    script: any ScriptEngine, transport: any ChatTransport, sink: any OutcomeSink, slots: LoopSemaphore,
    clock: any MonotonicClock, statistics: RunStatistics
  ) {
    self.script = script
    self.transport = transport
    self.sink = sink
    self.slots = slots
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
        // A slot is held from the send until the answer is in hand, and never while a hook runs.
        guard let result = await call(request) else {
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

  /// Sends one request when a slot is free.
  /// - Returns: nil where the run ends before there is a result.
  private func call(_ request: ChatRequest) async -> Result<Answer, AttemptError>? {
    if !slots.tryAcquire() {
      let queued = clock.now
      guard await slots.acquire() else { return nil }
      statistics.waitedForSlot(queued.duration(to: clock.now))
    }
    defer { slots.release() }
    statistics.requestBegan()
    do {
      let answer = try await transport.send(request)
      statistics.requestEnded(answer)
      return .success(answer)
    } catch {
      if isStopping, error.code == "cancelled" {
        return nil
      }
      statistics.requestFailed(error)
      return .failure(error)
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
