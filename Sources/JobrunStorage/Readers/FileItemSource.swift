public import JobrunModel

/// The items of a file or of standard input, read and parsed off the loop, one batch a chunk.
///
/// While records of a batch are at hand `next` does not suspend; the loop is woken once per chunk, never per item.
@Loop
public final class FileItemSource: ItemSource {
  /// Nil: a file's items are not counted beforehand; `bytesRead` and `bytesTotal` give an estimate.
  public let total: Int? = nil
  /// The input's size; nil for pipes and terminals.
  public let bytesTotal: Int?

  private let queue: BatchQueue
  private var batch: RecordReader.Batch?
  private var position = 0
  /// The items that the limit leaves; nil without a limit.
  private var remaining: Int?
  private var isAtEnd = false

  init(reader: sending RecordReader, limit: Int?) {
    bytesTotal = reader.file.byteCount
    queue = BatchQueue(reader: reader)
    remaining = limit
  }

  /// The bytes up to the record that came last: exact at the ends of chunks, interpolated between.
  public var bytesRead: Int {
    guard let batch else { return 0 }
    return batch.bytesBefore + (batch.bytesAfter - batch.bytesBefore) * position / batch.records.count
  }

  /// Ends the input early. A read that is under way is left behind: a pipe may never answer.
  public func stop() {
    isAtEnd = true
    queue.stop()
  }

  /// The records that are at hand before the next one is taken, at least one unless the input is empty; waits for its first
  /// bytes. Nothing is taken. To be called before the first `next`.
  public func beginning() async throws(RunError) -> [ItemRecord] {
    if batch == nil, !isAtEnd {
      switch await queue.next() {
      case .batch(let first): batch = first
      case .end, .cancelled: isAtEnd = true
      case .failed(let error):
        isAtEnd = true
        throw error
      }
    }
    return batch?.records ?? []
  }

  /// The next record, or nil at the end, after `limit` records or after `stop`.
  ///
  /// In a cancelled task it returns nil instead of waiting for bytes; a later call goes on where it stopped.
  public func next() async throws(RunError) -> ItemRecord? {
    if remaining == 0 || isAtEnd { return nil }
    if batch == nil || position == batch?.records.count {
      switch await queue.next() {
      case .batch(let next):
        if isAtEnd { return nil }
        batch = next
        position = 0
      case .end:
        isAtEnd = true
        return nil
      case .failed(let error):
        isAtEnd = true
        throw error
      case .cancelled:
        return nil
      }
    }
    guard let record = batch?.records[position] else { return nil }
    position += 1
    if let left = remaining { remaining = left - 1 }
    return record
  }
}
