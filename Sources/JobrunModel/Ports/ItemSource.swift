/// The port that items come through: pulled one by one, never pushed.
@Loop
public protocol ItemSource: AnyObject {
  /// The number of items, where it is known without reading them.
  var total: Int? { get }

  /// The next record, or nil at the end. Suspends while the bytes are on their way.
  ///
  /// A record that cannot be read is no error: it comes as `.malformed` and fails its item.
  /// - Throws: `RunError` where the input as a whole cannot be read on.
  func next() async throws(RunError) -> ItemRecord?

  /// The next record where it is read already; nil: `next` is to be asked.
  func nextAtHand() -> ItemRecord?

  /// Ends the input early: a `next` that waits returns nil at once, and so does every later one.
  func stop()
}

/// Records one after another, read where they are asked for: what `jobrun.rows` gives to scripts.
public protocol RecordIterator: AnyObject {
  /// The next record, or nil at the end. Blocks for the disk.
  func next() throws(RunError) -> ItemRecord?
}
