internal import Dispatch
internal import JobrunModel
internal import Synchronization

/// Writes chunks to files on a queue of its own, so that a slow disk never stops the loop.
///
/// The first error is kept and told to everybody who asks; what comes behind it is dropped.
final class WriteQueue: Sendable {
  private struct Shared {
    var error: RunError?
    /// Counts the changes that somebody may wait for.
    var generation = 0
    var waiters: [CheckedContinuation<Void, Never>] = []
  }

  private let queue = DispatchQueue(label: "jobrun.output")
  private let pending = Atomic<Int>(0)
  private let failed = Atomic<Bool>(false)
  private let shared = Mutex(Shared())

  /// The bytes handed over and not written.
  var unwrittenBytes: Int { pending.load(ordering: .acquiring) }

  var hasFailed: Bool { failed.load(ordering: .acquiring) }

  func throwIfFailed() throws(RunError) {
    guard hasFailed, let error = shared.withLock({ $0.error }) else { return }
    throw error
  }

  /// Hands a chunk over; returns at once.
  func write(_ bytes: [UInt8], to file: OutputFile) {
    pending.add(bytes.count, ordering: .acquiringAndReleasing)
    queue.async {
      self.attempt { () throws(RunError) in try file.write(bytes) }
      self.pending.subtract(bytes.count, ordering: .acquiringAndReleasing)
      self.signal()
    }
  }

  /// Does `work` behind all the chunks and waits for its end; a cancellation changes nothing.
  ///
  /// - Throws: The first error of all; after an earlier one `work` is not done.
  @Loop
  func finish(_ work: @escaping @Sendable () throws(RunError) -> Void) async throws(RunError) {
    await withCheckedContinuation { continuation in
      queue.async {
        self.attempt(work)
        continuation.resume()
      }
    }
    try throwIfFailed()
  }

  /// What `wait(since:)` wants, read before the look at what one waits for.
  var generation: Int { shared.withLock { $0.generation } }

  /// Waits until something has changed since `generation`, or the task is cancelled.
  @Loop
  func wait(since generation: Int) async {
    await withTaskCancellationHandler {
      await withCheckedContinuation { continuation in
        let isLate = shared.withLock { shared in
          if shared.generation != generation || Task.isCancelled { return true }
          shared.waiters.append(continuation)
          return false
        }
        if isLate { continuation.resume() }
      }
    } onCancel: {
      signal()
    }
  }

  /// Wakes everybody who waits for a change.
  func signal() {
    let waiters = shared.withLock { shared in
      defer { shared.waiters = [] }
      shared.generation += 1
      return shared.waiters
    }
    for waiter in waiters { waiter.resume() }
  }

  private func attempt(_ work: () throws(RunError) -> Void) {
    if hasFailed { return }
    do throws(RunError) {
      try work()
    } catch {
      shared.withLock { $0.error = error }
      failed.store(true, ordering: .releasing)
    }
  }
}
