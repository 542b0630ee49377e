import JobrunModel
import Testing

@testable import JobrunStorage

@Suite("Lines")
struct LineRecordParserTests {
  @Test(
    "Text lines become records with the lines they stand on",
    arguments: [
      ("", []),
      ("\n", []),
      ("a", ["1@1 a"]),
      ("a\n", ["1@1 a"]),
      ("a\nb\n", ["1@1 a", "2@2 b"]),
      ("a\r\nb\r\n", ["1@1 a", "2@2 b"]),
      ("a\nb\r", ["1@1 a", "2@2 b"]),
      ("a\r\r\n", ["1@1 a\r"]),
      ("a\rb\n", ["1@1 a\rb"]),
      ("\u{FEFF}a\nb", ["1@1 a", "2@2 b"]),
      ("\u{FEFF}", []),
      ("\u{FEFF}\n\u{FEFF}b", ["1@2 \u{FEFF}b"]),
      ("\n\n a \n \t \r\nb", ["1@3  a ", "2@5 b"]),
      ("a\u{85}b\u{2028}c\u{2029}d\u{0B}e\u{0C}f\n", ["1@1 a\u{85}b\u{2028}c\u{2029}d\u{0B}e\u{0C}f"]),
      ("말로는\n😀\n", ["1@1 말로는", "2@2 😀"]),
    ])
  func text(input: String, records: [String]) {
    #expect(parse(input, with: LineRecordParser(.text)) == records)
  }

  @Test(
    "A line that is no text fails alone and says where",
    arguments: [
      ([0x61, 0xFF], "line 2: invalid UTF-8 (0xFF) at byte 2"),
      ([0x61, 0x00, 0x62], "line 2: a NUL at byte 2"),
      ([0x00, 0xFF], "line 2: a NUL at byte 1"),
      ([0xE2, 0x80], "line 2: invalid UTF-8 (0xE2) at byte 1"),
      ([0xED, 0xA0, 0x80], "line 2: invalid UTF-8 (0xED) at byte 1"),
    ] as [([UInt8], String)])
  func malformed(line: [UInt8], reason: String) {
    let records = parse(Array("a\n".utf8) + line + Array("\r\nb\n".utf8), with: LineRecordParser(.text))
    #expect(records == ["1@1 a", "2@2 ! \(reason) <\(JobrunStorageTests.text(line))>", "3@3 b"])
  }

  @Test("JSON lines are not decoded, but must be UTF-8")
  func json() {
    let input = Array("{\"a\":1}\r\n\n{broken\n".utf8) + [0x22, 0xC3, 0x22, 0x0A] + Array("[]".utf8)
    let records = parse(input, with: LineRecordParser(.json))
    #expect(
      records == [
        "1@1 {\"a\":1}", "2@3 {broken", "3@4 ! line 4: invalid UTF-8 (0xC3) at byte 2 <\"\u{FFFD}\">", "4@5 []",
      ])
  }

  @Test("A kind of line stays what it is", arguments: [LineRecordParser.Kind.text, .json, .failedJSON])
  func kinds(kind: LineRecordParser.Kind) throws {
    var parser = LineRecordParser(kind)
    var records: [ItemRecord] = []
    try [UInt8]("{}\n".utf8).withUnsafeBytes { try parser.parse($0, into: &records) }
    switch (kind, try #require(records.first).content) {
    case (.text, .text), (.json, .json), (.failedJSON, .failedJSON): break
    default: Issue.record("\(records)")
    }
  }

  @Test(
    "A line above the cap is passed over, wherever it stands",
    arguments: [
      ("12345678\n123456789\nb\n", ["1@1 12345678", "2@2 ! line 2: longer than 8 bytes <123456789>", "3@3 b"]),
      ("123456789", ["1@1 ! line 1: longer than 8 bytes <123456789>"]),
      ("1234567\r\n12345678\r\n", ["1@1 1234567", "2@2 ! line 2: longer than 8 bytes <12345678\r>"]),
      (
        "123456789\n123456789\n",
        [
          "1@1 ! line 1: longer than 8 bytes <123456789>", "2@2 ! line 2: longer than 8 bytes <123456789>",
        ]
      ),
    ])
  func cap(input: String, records: [String]) {
    #expect(parse(input, with: LineRecordParser(.text, cap: 8)) == records)
  }

  @Test("A line of 40 MiB leaves only its beginning behind")
  func hugeLine() throws {
    var parser = LineRecordParser(.json)
    var records: [ItemRecord] = []
    let mebibyte = [UInt8](repeating: 0x61, count: 1 << 20)
    for _ in 0..<40 { try mebibyte.withUnsafeBytes { try parser.parse($0, into: &records) } }
    try [UInt8]("\nb\n".utf8).withUnsafeBytes { try parser.parse($0, into: &records) }
    try parser.finish(into: &records)
    #expect(records.map(\.line) == [1, 2])
    guard case .malformed(let reason, let raw) = records[0].content else {
      Issue.record("\(records[0])")
      return
    }
    #expect(reason == "line 1: longer than 16 MiB")
    #expect(raw.count == 4096)
    #expect(describe(records[1]) == "2@2 b")
  }
}
