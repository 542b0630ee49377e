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

  init(_ count: Int) { permits = LoopSemaphore(permits: count) }

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
