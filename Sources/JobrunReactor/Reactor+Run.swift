internal import Dispatch
internal import JobrunModel
internal import Synchronization

extension Reactor {
  /// Runs `body` on the loop, under its task-executor preference, while the calling thread waits.
  ///
  /// For `main`. Never call it on the loop.
  public func runBlocking<T: Sendable>(_ body: @escaping @Loop @Sendable () async -> T) -> T {
    let outcome = Outcome<T>()
    // The program's one unstructured task: everything else is a child of it.
    Task(executorPreference: self) { outcome.set(await body()) }
    return outcome.wait()
  }
}

/// A value that one thread waits for.
private final class Outcome<T: Sendable>: Sendable {
  private let value = Mutex<T?>(nil)
  private let isSet = DispatchSemaphore(value: 0)

  func set(_ value: T) {
    self.value.withLock { $0 = value }
    isSet.signal()
  }

  func wait() -> T {
    isSet.wait()
    guard let value = value.withLock({ $0 }) else { preconditionFailure("signalled before it was set") }
    return value
  }
}
