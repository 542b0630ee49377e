/// Permits on the loop, given out first come, first served.
///
/// A permit passes from its holder to the first in line directly, so nobody overtakes; nothing polls.
@Loop
public final class LoopSemaphore {
  /// Permits that nobody holds; below zero while more are held than there are (see `reclaim`).
  public private(set) var available: Int
  private var waiters: [UnsafeContinuation<Bool, Never>] = []
  private var first = 0
  private var isClosed = false

  public init(permits: Int) { available = permits }

  /// How many wait in line.
  public var waiting: Int { waiters.count - first }

  /// Takes a permit where one is free and nobody waits for it.
  public func tryAcquire() -> Bool {
    guard available > 0, !isClosed else { return false }
    available -= 1
    return true
  }

  /// Takes a permit, or waits for one.
  /// - Returns: false where the semaphore was closed: the caller holds nothing then.
  public func acquire() async -> Bool {
    if isClosed { return false }
    if tryAcquire() { return true }
    return await withUnsafeContinuation { waiters.append($0) }
  }

  /// Takes a permit whether or not there is one: for whoever lent its own by `release` and goes on.
  public func reclaim() { available -= 1 }

  /// Gives a permit back.
  public func release() {
    if available < 0 {
      available += 1
    } else if let next = popFirst() {
      next.resume(returning: true)
    } else {
      available += 1
    }
  }

  /// Adds permits to those there are, or takes some away, for good: a negative number is made up by later releases.
  public func add(permits: Int) {
    available += permits
    while available > 0, let next = popFirst() {
      available -= 1
      next.resume(returning: true)
    }
  }

  /// Sends everybody in line away, and all who come later.
  public func close() {
    isClosed = true
    while let next = popFirst() { next.resume(returning: false) }
  }

  private func popFirst() -> UnsafeContinuation<Bool, Never>? {
    guard first < waiters.count else { return nil }
    let next = waiters[first]
    first += 1
    if first == waiters.count {
      waiters.removeAll(keepingCapacity: true)
      first = 0
    } else if first > 4_096 {  // a line that never empties must not grow for ever
      waiters.removeSubrange(..<first)
      first = 0
    }
    return next
  }
}
