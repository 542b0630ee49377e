internal import JobrunModel

/// Room for items in flight: taken before an item is pulled, given back when its outcome is stored.
///
/// An item that waits out a back-off lends its room, so that others go on meanwhile; at most a thousand do, because each
/// holds its record and its coroutine.
@Loop
final class RoomForItems {
  private static let mostLent = 1_000

  private let permits: LoopSemaphore
  private var lent = 0
  /// Items that wait and could not lend.
  private var notLent = 0

  private var count: Int

  init(_ count: Int) {
    self.count = count
    permits = LoopSemaphore(permits: count)
  }

  /// There is room for so many from now on; those that are beyond it go on.
  func resize(_ count: Int) {
    permits.add(permits: count - self.count)
    self.count = count
  }

  /// - Returns: false where the run starts nothing new.
  func take() async -> Bool { await permits.acquire() }

  func giveBack() { permits.release() }

  func close() { permits.close() }

  func lend() {
    if lent < Self.mostLent {
      lent += 1
      permits.release()
    } else {
      notLent += 1
    }
  }

  /// Ends a `lend`. Whoever it was, one room less is lent then.
  func reclaim() {
    if notLent > 0 {
      notLent -= 1
    } else {
      lent -= 1
      permits.reclaim()
    }
  }
}
