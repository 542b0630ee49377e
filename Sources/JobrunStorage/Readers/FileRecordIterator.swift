internal import JobrunModel

/// Records read where they are asked for; blocks for the disk.
final class FileRecordIterator: RecordIterator {
  private let reader: any BatchReader
  private var records: [ItemRecord] = []
  private var position = 0

  init(reader: any BatchReader) { self.reader = reader }

  // A command whose rows nobody wants any more ends here.
  deinit { reader.interruption?() }

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
