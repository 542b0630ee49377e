internal import JobrunModel

/// A sample of records, or of packs of them, evenly spread over an input whose length nobody knows: every one of them, or
/// every second, every fourth, … so that it stays small.
struct RecordSample {
  /// Packs that are kept at most.
  let most: Int
  /// Their bytes at most; one pack is kept in any case.
  let mostBytes: Int
  private(set) var packs: [[ItemRecord]] = []
  /// The distance of two kept packs.
  private(set) var stride = 1
  /// Packs that were offered.
  private(set) var offered = 0
  private var bytes = 0

  init(most: Int = 1_000, mostBytes: Int = 64 << 20) {
    self.most = most
    self.mostBytes = mostBytes
  }

  /// All that were offered are in it.
  var isWhole: Bool { packs.count == offered }

  /// Offers records that share one request.
  mutating func offer(_ pack: [ItemRecord]) {
    defer { offered += 1 }
    guard offered % stride == 0 else { return }
    packs.append(pack)
    bytes += Self.size(of: pack)
    while packs.count > 1, packs.count > most || bytes > mostBytes { thin() }
  }

  /// Drops every second pack.
  private mutating func thin() {
    stride *= 2
    packs = packs.enumerated().filter { $0.offset % 2 == 0 }.map(\.element)
    bytes = packs.reduce(0) { $0 + Self.size(of: $1) }
  }

  private static func size(of pack: [ItemRecord]) -> Int { pack.reduce(0) { $0 + size(of: $1) } }

  private static func size(of record: ItemRecord) -> Int {
    switch record.content {
    case .text(let bytes), .json(let bytes), .failedJSON(let bytes), .malformed(_, let bytes): bytes.count
    case .columns(_, let fields): fields.reduce(0) { $0 + $1.count }
    }
  }
}
