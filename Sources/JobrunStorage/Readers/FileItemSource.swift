public import JobrunModel

/// The items of any input but a function's, read and parsed off the loop, one batch a chunk.
///
/// While records of a batch are at hand `next` does not suspend; the loop is woken once per chunk, never per item.
@Loop
public final class FileItemSource: ItemSource {
  /// Nil: a file's items are not counted beforehand; `bytesRead` and `bytesTotal` give an estimate.
  public let total: Int?
  /// The input's size; nil for pipes, terminals and what is no file.
  public let bytesTotal: Int?

  private let queue: BatchQueue
  private var batch: RecordBatch?
  private var position = 0
  /// The items that the limit leaves; nil without a limit.
  private var remaining: Int?
  private var isAtEnd = false
  /// Ends what gives the bytes, where it would not end by itself.
  private let interruption: (@Sendable () -> Void)?

  init(reader: sending any BatchReader, limit: Int?) {
    bytesTotal = reader.bytesTotal
    total = reader.total.map { min($0, limit ?? .max) }
    interruption = reader.interruption
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
    interruption?()
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
    return nextAtHand()
  }

  public func nextAtHand() -> ItemRecord? {
    guard !isAtEnd, remaining != 0, let batch, position < batch.records.count else { return nil }
    let record = batch.records[position]
    position += 1
    if let left = remaining {
      remaining = left - 1
      if left == 1 { interruption?() }
    }
    return record
  }
}
