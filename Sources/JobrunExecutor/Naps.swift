internal import JobrunModel

/// Waits that scripts wish for; they end early when the run does.
@Loop
final class Naps {
  private let clock: any MonotonicClock
  private var waiting: [Int: UnsafeContinuation<Bool, Never>] = [:]
  private var last = 0
  private var isClosed = false

  init(clock: any MonotonicClock) { self.clock = clock }

  /// - Returns: false where the run ends first.
  func sleep(for duration: Duration) async -> Bool {
    if isClosed { return false }
    last += 1
    let nap = last
    let deadline = clock.now.advanced(by: duration)
    return await withTaskGroup(of: Void.self) { timer in
      let isOver = await withUnsafeContinuation { continuation in
        waiting[nap] = continuation
        timer.addImmediateTask { @Loop in
          guard (try? await self.clock.sleep(until: deadline, tolerance: nil)) != nil else { return }
          self.waiting.removeValue(forKey: nap)?.resume(returning: true)
        }
      }
      timer.cancelAll()
      return isOver
    }
  }

  /// Wakes everybody, and all who come later.
  func close() {
    isClosed = true
    let all = waiting.values
    waiting = [:]
    for continuation in all { continuation.resume(returning: false) }
  }
}
