internal import JobrunModel

/// Room for items in flight: taken before an item is pulled, given back when its outcome is stored.
///
/// An item that waits out a back-off lends its room, so that others go on meanwhile; at most a thousand do, because each
/// holds its record and its coroutine.
@Loop
final class RoomForItems {
  private static let mostLent = 1_000

  /// Room that nobody has; below zero while more was taken than there is (see `reclaim`).
  private var free: Int
  private var count: Int
  /// How much of it is for items whose requests have no slot yet.
  private var spare: Int
  private var waiting: UnsafeContinuation<Bool, Never>?
  private var isClosed = false
  private var lent = 0
  /// Items that wait and could not lend.
  private var notLent = 0

  init(_ count: Int, spare: Int) {
    (self.count, self.spare) = (count, spare)
    free = count
  }

  /// There is room for so many from now on; those that are beyond it go on.
  func resize(_ count: Int, spare: Int) {
    free += count - self.count
    (self.count, self.spare) = (count, spare)
    wake()
  }

  /// Takes room where there is some.
  func takeNow() -> Bool {
    guard free > 0, !isClosed else { return false }
    free -= 1
    return true
  }

  /// Takes room, or waits for some. One at a time may wait.
  /// - Returns: false where the run starts nothing new.
  func take() async -> Bool {
    if takeNow() { return true }
    if isClosed { return false }
    return await withUnsafeContinuation { waiting = $0 }
  }

  /// Whoever waits goes on when a quarter of the spare room is free, because some items begun in a row cost less than each
  /// alone.
  func giveBack() {
    free += 1
    if free >= spare / 4 { wake() }
  }

  func close() {
    isClosed = true
    waiting.take()?.resume(returning: false)
  }

  func lend() {
    if lent < Self.mostLent {
      lent += 1
      free += 1
      wake()
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
      free -= 1
    }
  }

  private func wake() {
    guard free > 0, let waiting = waiting.take() else { return }
    free -= 1
    waiting.resume(returning: true)
  }
}
