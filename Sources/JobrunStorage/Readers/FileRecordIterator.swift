internal import JobrunModel

/// Records read where they are asked for; blocks for the disk.
final class FileRecordIterator: RecordIterator {
  private let reader: RecordReader
  private var records: [ItemRecord] = []
  private var position = 0

  init(reader: RecordReader) { self.reader = reader }

  func next() throws(RunError) -> ItemRecord? {
    if position == records.count {
      records = try reader.nextBatch()?.records ?? []
      position = 0
      if records.isEmpty { return nil }
    }
    defer { position += 1 }
    return records[position]
  }
}
