internal import JobrunModel

/// Reads an input piece by piece and gives the records of each as a batch. Not safe to share: one owner at a time.
protocol BatchReader: AnyObject {
  /// The number of items, where it is known beforehand.
  var total: Int? { get }
  /// The input's size; nil where it has none.
  var bytesTotal: Int? { get }
  /// Ends a read that waits for somebody else, from any thread; nil where none does.
  var interruption: (@Sendable () -> Void)? { get }

  /// The next records, or nil at the end. Blocks.
  func nextBatch() throws(RunError) -> RecordBatch?
}

extension BatchReader {
  var total: Int? { nil }
  var bytesTotal: Int? { nil }
  var interruption: (@Sendable () -> Void)? { nil }
}

/// The records that one piece of an input completed.
struct RecordBatch: Sendable {
  /// Never empty.
  var records: [ItemRecord]
  /// The input's bytes up to the batch, and with it.
  var bytesBefore = 0
  var bytesAfter = 0
}

/// The bytes that a `RecordReader` cuts into records. Not safe to share: one owner at a time.
protocol InputBytes: AnyObject {
  /// As messages name it.
  var name: String { get }
  /// The size of what is read from the disk; nil where it has none.
  var byteCount: Int? { get }
  /// How much of `byteCount` was read.
  var bytesConsumed: Int { get }
  /// As in `BatchReader`.
  var interruption: (@Sendable () -> Void)? { get }

  /// Reads what there is into `buffer`, waiting for at least one byte; 0 at the end.
  func read(into buffer: UnsafeMutableRawBufferPointer) throws(RunError) -> Int

  func close()
}

extension InputBytes {
  var interruption: (@Sendable () -> Void)? { nil }
}
