import JobrunModel
import Testing

@testable import JobrunStorage

@Suite("Compressed inputs")
struct CompressedBytesTests {
  private let folder: TemporaryFolder

  init() throws { folder = try TemporaryFolder() }

  /// `a\nb\n` and `c\n` as frames of Zstandard.
  private static let zstdFrames: [[UInt8]] = [
    [0x28, 0xB5, 0x2F, 0xFD, 0x20, 0x04, 0x21, 0x00, 0x00, 0x61, 0x0A, 0x62, 0x0A],
    [0x28, 0xB5, 0x2F, 0xFD, 0x20, 0x02, 0x11, 0x00, 0x00, 0x63, 0x0A],
  ]

  static func gzip(_ text: String) -> [UInt8] {
    let compressor = GzipCompressor()
    return compressor.compress(Array(text.utf8)) + compressor.finish()
  }

  private func records(_ name: String) throws -> [String] {
    let rows = try InputOpener.rows(for: InputSpec(path: folder(name)))
    var records: [String] = []
    while let record = try rows.next() { records.append(describe(record)) }
    return records
  }

  private func error(_ name: String) throws -> RunError { try #require(throws: RunError.self) { try records(name) } }

  @Test("are read by the ending before that of the compression, and a record may go on in the next member")
  func formats() throws {
    try folder.write(Self.gzip("a,b\n1,\"2"), to: "x.csv.gz")
    try folder.write(Self.gzip("a,b\n1,\"2") + Self.gzip("\"\n3,4\n") + [0, 0, 0], to: "y.csv.GZ")
    try folder.write(Self.zstdFrames[0] + Self.zstdFrames[1], to: "z.txt.zst")
    #expect(try records("x.csv.gz").first?.contains("is not closed") == true)
    #expect(try records("y.csv.GZ") == ["1@2 a=1|b=2", "2@3 a=3|b=4"])
    #expect(try records("z.txt.zst") == ["1@1 a", "2@2 b", "3@3 c"])
  }

  @Test("are larger than a buffer, whatever they compress to")
  func large() throws {
    let lines = (0..<40_000).map { "\($0) \(String(repeating: "x", count: $0 % 50))" }
    try folder.write(Self.gzip(lines.joined(separator: "\n")), to: "x.txt.gz")
    let same = String(repeating: "same\n", count: 300_000)
    try folder.write(Self.gzip(same), to: "y.txt.gz")
    let read = try records("x.txt.gz")
    #expect(read.count == 40_000)
    #expect(read.last == "40000@40000 \(lines[39_999])")
    #expect(try records("y.txt.gz").count == 300_000)
  }

  @Test("that are cut off anywhere are an error, never a silent end", arguments: ["x.txt.gz", "x.txt.zst"])
  func cutOff(name: String) throws {
    let whole = name.hasSuffix("gz") ? Self.gzip("a\nb\n") : Self.zstdFrames[0]
    for count in whole.indices {
      try folder.write(Array(whole[..<count]), to: name)
      let error = try error(name)
      #expect(error.code == .badInput)
      #expect(error.message == "\(folder(name)) is cut off: it ends inside its compressed contents", "\(count)")
    }
  }

  @Test("with a wrong check sum, other contents or something behind the end are damaged")
  func damaged() throws {
    var wrong = Self.gzip("a\nb\n")
    wrong[wrong.count - 8] ^= 1
    try folder.write(wrong, to: "sum.txt.gz")
    try folder.write("a\nb\n", to: "text.txt.gz")
    try folder.write("a\nb\n", to: "text.txt.zst")
    try folder.write(Self.gzip("a\n") + [0, 1], to: "more.txt.gz")
    for name in ["sum.txt.gz", "text.txt.gz", "text.txt.zst", "more.txt.gz"] {
      let error = try error(name)
      #expect(error.code == .badInput)
      #expect(error.message.hasPrefix("\(folder(name)) is damaged: "), "\(error.message)")
    }
  }
}
