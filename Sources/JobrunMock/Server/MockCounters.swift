import Synchronization

/// What the server has seen so far. Any thread may read it while the server runs.
final class MockCounters: Sendable {
  private struct Kept {
    var requests: [MockRequest] = []
    var counts: [String: Int] = [:]
    var waiters: [(atLeast: Int, continuation: CheckedContinuation<Void, Never>)] = []
  }

  private let received = Atomic<Int>(0)
  private let answered = Atomic<Int>(0)
  private let refused = Atomic<Int>(0)
  private let accepted = Atomic<Int>(0)
  private let open = Atomic<Int>(0)
  private let current = Atomic<Int>(0)
  private let maximum = Atomic<Int>(0)
  private let isStopped = Atomic<Bool>(false)
  private let hasWaiters = Atomic<Bool>(false)
  private let kept = Mutex(Kept())

  var requestsReceived: Int { received.load(ordering: .sequentiallyConsistent) }
  var responsesSent: Int { answered.load(ordering: .relaxed) }
  var requestsRefused: Int { refused.load(ordering: .relaxed) }
  var connectionsAccepted: Int { accepted.load(ordering: .relaxed) }
  var connectionsOpen: Int { open.load(ordering: .relaxed) }
  var inFlight: Int { current.load(ordering: .relaxed) }
  var inFlightMaximum: Int { maximum.load(ordering: .relaxed) }
  var recordedRequests: [MockRequest] { kept.withLock { $0.requests } }
  var requestCounts: [String: Int] { kept.withLock { $0.counts } }

  /// Counts a connection and gives its ordinal, from 1.
  func connectionAccepted() -> Int {
    open.add(1, ordering: .relaxed)
    return accepted.add(1, ordering: .relaxed).newValue
  }

  func connectionClosed() { open.subtract(1, ordering: .relaxed) }

  /// Counts a complete request and gives its ordinal, from 1.
  func requestReceived() -> Int {
    let ordinal = received.add(1, ordering: .sequentiallyConsistent).newValue
    if hasWaiters.load(ordering: .sequentiallyConsistent) { resumeWaiters() }
    return ordinal
  }

  /// Counts an answer that is 429 or 503.
  func requestRefused() { refused.add(1, ordering: .relaxed) }

  func answerBegan() {
    let value = current.add(1, ordering: .relaxed).newValue
    if value > maximum.load(ordering: .relaxed) { maximum.max(value, ordering: .relaxed) }
  }

  /// - Parameter sent: False where the connection ended before the answer.
  func answerEnded(sent: Bool) {
    current.subtract(1, ordering: .relaxed)
    if sent { answered.add(1, ordering: .relaxed) }
  }

  func record(_ request: MockRequest) { kept.withLock { $0.requests.append(request) } }

  func count(_ key: String) { kept.withLock { $0.counts[key, default: 0] += 1 } }

  /// Waits until so many complete requests have been received, the server has stopped, or the task is cancelled.
  func requests(atLeast count: Int) async {
    while requestsReceived < count, !Task.isCancelled, !isStopped.load(ordering: .sequentiallyConsistent) {
      await withTaskCancellationHandler {
        await withCheckedContinuation { continuation in
          kept.withLock { $0.waiters.append((count, continuation)) }
          hasWaiters.store(true, ordering: .sequentiallyConsistent)
          resumeWaiters(all: Task.isCancelled || isStopped.load(ordering: .sequentiallyConsistent))
        }
      } onCancel: {
        resumeWaiters(all: true)
      }
    }
  }

  func stop() {
    isStopped.store(true, ordering: .sequentiallyConsistent)
    resumeWaiters(all: true)
  }

  /// Resumes those whose number is reached.
  ///
  /// - Parameter all: Resumes the others too: they look again for themselves.
  private func resumeWaiters(all: Bool = false) {
    let due = kept.withLock { kept in
      let now = requestsReceived
      let due = kept.waiters.filter { all || $0.atLeast <= now }
      kept.waiters.removeAll { all || $0.atLeast <= now }
      hasWaiters.store(!kept.waiters.isEmpty, ordering: .sequentiallyConsistent)
      return due
    }
    for waiter in due { waiter.continuation.resume() }
  }
}
