internal import JobrunModel

/// Gives so many records without any field.
final class CountReader: BatchReader {
  let total: Int?
  private let count: Int
  private var given = 0

  init(_ count: Int) {
    self.count = count
    total = count
  }

  func nextBatch() -> RecordBatch? {
    if given == count { return nil }
    let end = min(count, given + 1024)
    defer { given = end }
    return RecordBatch(
      records: ((given + 1)...end).map { ItemRecord(content: .json(Array("{}".utf8)), index: $0, line: $0) })
  }
}
