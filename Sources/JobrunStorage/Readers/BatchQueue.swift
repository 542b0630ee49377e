internal import Dispatch
internal import JobrunModel
internal import Synchronization

/// Reads batches on a queue of its own, one when it is asked for, and wakes the one who waits for it.
final class BatchQueue: Sendable {
  enum Next: Sendable {
    case batch(RecordBatch)
    case end
    case failed(RunError)
    /// The task was cancelled, and the batch will be there for the next call; or the queue was stopped.
    case cancelled
  }

  private enum State {
    /// Nothing is under way. → `awaited`
    case idle
    /// A batch is being read and waited for. → `idle`, `abandoned`
    case awaited(CheckedContinuation<Next, Never>)
    /// A batch is being read; who waited was cancelled. → `awaited`, `ready`
    case abandoned
    /// A batch that nobody waited for. → `idle`
    case ready(Next)
    /// No batch is wanted any more; a read may still be under way. From every state.
    case stopped

    var waiter: CheckedContinuation<Next, Never>? {
      if case .awaited(let continuation) = self { continuation } else { nil }
    }
  }

  /// Safety: after `init` the reader is touched only on `queue`, which is serial.
  private struct Confined: @unchecked Sendable {
    let reader: any BatchReader
  }

  private let confined: Confined
  private let queue = DispatchQueue(label: "jobrun.input")
  private let state = Mutex(State.idle)

  init(reader: sending any BatchReader) { confined = Confined(reader: reader) }

  /// The next batch. One caller at a time.
  ///
  /// On the loop, as its closures are then: closures without isolation would run on the global pool.
  @Loop
  func next() async -> Next {
    await withTaskCancellationHandler {
      await withCheckedContinuation { wait($0) }
    } onCancel: {
      abandon()
    }
  }

  @Loop
  private func wait(_ continuation: CheckedContinuation<Next, Never>) {
    // Under the lock, so that a cancellation comes either before the test or finds the continuation.
    let (answer, starts): (Next?, Bool) = state.withLock { state in
      switch state {
      case .ready(let next):
        state = .idle
        return (next, false)
      case .stopped:
        return (.cancelled, false)
      case _ where Task.isCancelled:
        return (.cancelled, false)
      case .idle:
        state = .awaited(continuation)
        return (nil, true)
      case .abandoned:
        state = .awaited(continuation)
        return (nil, false)
      case .awaited:
        return (.failed(RunError(.internal, "the input is read by two callers at once")), false)
      }
    }
    if let answer { continuation.resume(returning: answer) }
    if starts { queue.async { self.read() } }
  }

  /// Answers who waits, and everybody later, with `.cancelled`.
  func stop() {
    let continuation = state.withLock { state in
      defer { state = .stopped }
      return state.waiter
    }
    continuation?.resume(returning: .cancelled)
  }

  private func abandon() {
    let continuation = state.withLock { state in
      let waiter = state.waiter
      if waiter != nil { state = .abandoned }
      return waiter
    }
    continuation?.resume(returning: .cancelled)
  }

  private func read() {
    let next: Next
    do throws(RunError) {
      next = try confined.reader.nextBatch().map { .batch($0) } ?? .end
    } catch {
      next = .failed(error)
    }
    let continuation = state.withLock { state in
      let waiter = state.waiter
      switch state {
      case .awaited: state = .idle
      case .idle, .abandoned, .ready: state = .ready(next)
      case .stopped: break
      }
      return waiter
    }
    continuation?.resume(returning: next)
  }
}
