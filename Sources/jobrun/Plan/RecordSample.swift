internal import JobrunModel

/// A sample of records, evenly spread over an input whose length nobody knows: every one of them, or every second, every
/// fourth, … so that it stays small.
struct RecordSample {
  /// Records that are kept at most.
  let most: Int
  /// Their bytes at most; one record is kept in any case.
  let mostBytes: Int
  private(set) var records: [ItemRecord] = []
  /// The distance of two kept records.
  private(set) var stride = 1
  /// Records that were offered.
  private(set) var offered = 0
  private var bytes = 0

  init(most: Int = 1_000, mostBytes: Int = 64 << 20) {
    self.most = most
    self.mostBytes = mostBytes
  }

  /// All that were offered are in it.
  var isWhole: Bool { records.count == offered }

  mutating func offer(_ record: ItemRecord) {
    defer { offered += 1 }
    guard offered % stride == 0 else { return }
    records.append(record)
    bytes += Self.size(of: record)
    while records.count > 1, records.count > most || bytes > mostBytes { thin() }
  }

  /// Drops every second record.
  private mutating func thin() {
    stride *= 2
    records = records.enumerated().filter { $0.offset % 2 == 0 }.map(\.element)
    bytes = records.reduce(0) { $0 + Self.size(of: $1) }
  }

  private static func size(of record: ItemRecord) -> Int {
    switch record.content {
    case .text(let bytes), .json(let bytes), .failedJSON(let bytes), .malformed(_, let bytes): bytes.count
    case .columns(_, let fields): fields.reduce(0) { $0 + $1.count }
    }
  }
}
