public import JobrunModel

/// How a run is driven.
public struct ExecutorOptions: Sendable {
  /// Requests in flight at most.
  public var concurrency: Int
  /// How long a drain waits for the requests in flight.
  public var drainLimit: Duration = .seconds(30)

  public init(concurrency: Int) { self.concurrency = max(1, concurrency) }

  /// Items begun and not ended at most: those in flight, and some whose requests are rendered already, so that a free
  /// slot never waits for a hook.
  var itemsInFlight: Int { concurrency + min(concurrency, 64) }
}

/// Why a run ended.
public enum RunEnd: Sendable, Equatable {
  case completed
  /// Drained before the input's end; what was done is in the output.
  case stopped(reason: String)
  /// Given up; an output of an earlier run stays as it was.
  case aborted(reason: String)
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
  private let transport: any ChatTransport
  private let sink: any OutcomeSink
  private let clock: any MonotonicClock
  private let statistics: RunStatistics
  private let runner: ItemRunner

  /// Room for items in flight; taken before an item is pulled, given back when its outcome is stored.
  private let room: LoopSemaphore
  private let slots: LoopSemaphore
  private let drainBegan = LoopSemaphore(permits: 0)
  private var stopReason: String?
  private var failure: RunError?
  private var isAborted = false

  public init(
    options: ExecutorOptions, source: any ItemSource, script: any ScriptEngine, transport: any ChatTransport,
    sink: any OutcomeSink, clock: any MonotonicClock, statistics: RunStatistics
  ) {
    self.options = options
    self.source = source
    self.script = script
    self.transport = transport
    self.sink = sink
    self.clock = clock
    self.statistics = statistics
    room = LoopSemaphore(permits: options.itemsInFlight)
    slots = LoopSemaphore(permits: options.concurrency)
    runner = ItemRunner(
      script: script, transport: transport, sink: sink, slots: slots, clock: clock, statistics: statistics)
    statistics.begin(concurrency: options.concurrency, total: source.total)
  }

  /// Runs the job to its end. Every item that was begun has an outcome when it returns.
  /// - Returns: why it ended, and what the `finish` hooks want written beside the output.
  /// - Throws: `RunError` where the run as a whole failed; an output of an earlier run stays as it is then.
  public func run() async throws(RunError) -> (end: RunEnd, files: [(name: String, contents: [UInt8])]) {
    try script.setup()
    await withDiscardingTaskGroup { supervision in
      supervision.addImmediateTask { @Loop in await self.limitDrain() }
      await self.runItems()
      self.drainBegan.close()
      supervision.cancelAll()
    }
    statistics.end(isComplete: stopReason == nil)
    let files = finishScript()
    if let failure {
      await sink.abandon()
      throw failure
    }
    if let stopReason, isAborted {
      await sink.abandon()
      return (.aborted(reason: stopReason), [])
    }
    try await sink.finish()
    return (stopReason.map { .stopped(reason: $0) } ?? .completed, files)
  }

  private func finishScript() -> [(name: String, contents: [UInt8])] {
    guard failure == nil else { return [] }
    do throws(RunError) {
      return try script.finish()
    } catch {
      failure = error
      return []
    }
  }

  /// Starts nothing new and lets the requests in flight end, for as long as `drainLimit`. `run` returns then.
  public func drain(reason: String) {
    guard stopReason == nil else { return }
    stopReason = reason
    source.stop()
    room.close()
    slots.close()
    drainBegan.release()
  }

  /// Gives the run up: ends the requests in flight, too.
  public func stop(reason: String) {
    isAborted = true
    drain(reason: reason)
    cancelRequests()
  }

  private func cancelRequests() {
    runner.isStopping = true
    transport.cancelAll()
  }

  /// Requests that were sent and have not ended.
  public var requestsInFlight: Int { options.concurrency - slots.available }

  private func runItems() async {
    await withDiscardingTaskGroup { items in
      while await room.acquire() {
        do throws(RunError) {
          if !sink.hasRoom { try await sink.waitForRoom() }
          guard stopReason == nil, let record = try await source.next() else { break }
          items.addImmediateTask { @Loop in
            do throws(RunError) {
              try await self.runner.run(record)
            } catch {
              self.fail(error)
            }
            self.room.release()
          }
        } catch {
          fail(error)
        }
      }
    }
  }

  /// Ends the run because of an error of its own; the first one counts.
  private func fail(_ error: RunError) {
    if failure == nil { failure = error }
    drain(reason: error.message)
  }

  /// Waits for a drain to begin, and ends what it leaves in flight for too long. Cancelled when there is nothing left.
  private func limitDrain() async {
    guard await drainBegan.acquire() else { return }
    guard (try? await clock.sleep(for: options.drainLimit)) != nil else { return }
    cancelRequests()
  }
}
