internal import CReactor
public import JobrunModel

extension MonotonicInstant {
  /// The present, on the system's monotonic clock.
  public static var now: MonotonicInstant { MonotonicInstant(nanoseconds: jr_monotonic_ns()) }
}

/// The clock of the program: waits are timers of the reactor.
public struct ReactorClock: MonotonicClock {
  public init() {}

  public var now: MonotonicInstant { .now }

  public var minimumResolution: Duration { .nanoseconds(1) }

  /// Suspends until `deadline`.
  /// - Throws: `CancellationError` as soon as the task is cancelled.
  public func sleep(until deadline: MonotonicInstant, tolerance: Duration? = nil) async throws {
    try await Sleep.run(until: deadline)
  }
}

/// One wait of a task on the reactor's timers.
@Loop
private final class Sleep: TimerTarget {
  private var continuation: CheckedContinuation<Void, any Error>?
  private var timer: TimerID?
  private var isCancelled = false

  static func run(until deadline: MonotonicInstant) async throws {
    let sleep = Sleep()
    try await withTaskCancellationHandler {
      try await sleep.wait(until: deadline)
    } onCancel: {
      Reactor.shared.post { sleep.cancel() }
    }
  }

  private func wait(until deadline: MonotonicInstant) async throws {
    if isCancelled || Task.isCancelled { throw CancellationError() }
    try await withCheckedThrowingContinuation { continuation in
      self.continuation = continuation
      timer = Reactor.shared.schedule(self, at: deadline)
    }
  }

  func timerFired() { continuation.take()?.resume() }

  private func cancel() {
    isCancelled = true
    if let timer { Reactor.shared.cancel(timer) }
    continuation.take()?.resume(throwing: CancellationError())
  }
}
