import JobrunModel
import Testing

@testable import JobrunStorage

@Suite("CSV and TSV")
struct DelimitedRecordParserTests {
  static let comma: UInt8 = 0x2C

  @Test(
    "Fields are read by RFC 4180",
    arguments: [
      ("", []),
      ("a,b\n", []),
      ("a,b", []),
      ("a,b\n1,2", ["1@2 a=1|b=2"]),
      ("a,b\r\n1,2\r\n", ["1@2 a=1|b=2"]),
      ("\u{FEFF}a,b\n1,2\n", ["1@2 a=1|b=2"]),
      ("\u{FEFF}\"a\",b\n1,2\n", ["1@2 a=1|b=2"]),
      ("\n\na,b\n\n1,2\n\r\n3,4\n", ["1@5 a=1|b=2", "2@7 a=3|b=4"]),
      ("a,b\n,\n", ["1@2 a=|b="]),
      ("a,b\n\"\",\"\"\n", ["1@2 a=|b="]),
      ("a\n\"\"\nx\n", ["1@2 a=", "2@3 a=x"]),
      ("a,b\n\"1,5\",\"say \"\"hi\"\"\"\n", ["1@2 a=1,5|b=say \"hi\""]),
      ("a,b\n\"\"\"\",\"\"\"\"\"\"\n", ["1@2 a=\"|b=\"\""]),
      ("a,b\n\"x\ny\",2\n3,4\n", ["1@2 a=x\ny|b=2", "2@4 a=3|b=4"]),
      ("a,b\r\n\"x\r\n\r\ny\",2\r\n3,4", ["1@2 a=x\r\n\r\ny|b=2", "2@5 a=3|b=4"]),
      ("a,b\n1,\"x\n\"\"\ny\"\n3,4\n", ["1@2 a=1|b=x\n\"\ny", "2@5 a=3|b=4"]),
      ("a,b\n\"x\n1\",\"y\n2\"\n", ["1@2 a=x\n1|b=y\n2"]),
      ("a,\"b\nc\"\n1,2\n", ["1@3 a=1|b\nc=2"]),
      ("a,b\n1\"2,3\"\n", ["1@2 a=1\"2|b=3\""]),
      ("a,b\nx\"y,\"1,2\"\n", ["1@2 a=x\"y|b=1,2"]),
      ("a,b\n 1 , 2 \n", ["1@2 a= 1 |b= 2 "]),
      ("a\tb,c\n1\t2,3\n", ["1@2 a\tb=1\t2|c=3"]),
      ("a,b\n끝,\"잊히지\n않는다\"\n", ["1@2 a=끝|b=잊히지\n않는다"]),
    ])
  func csv(input: String, records: [String]) {
    #expect(parse(input, with: DelimitedRecordParser(separator: Self.comma)) == records)
  }

  @Test(
    "A TSV is the same with tabs",
    arguments: [
      ("a\tb\n1,5\t2\n", ["1@2 a=1,5|b=2"]),
      ("a\tb\n\"1\t5\"\t\"x\ny\"\n", ["1@2 a=1\t5|b=x\ny"]),
      ("a\tb\n\t\n", ["1@2 a=|b="]),
    ])
  func tsv(input: String, records: [String]) {
    #expect(parse(input, with: DelimitedRecordParser(separator: 0x09)) == records)
  }

  @Test(
    "A record that cannot be read fails alone and says where",
    arguments: [
      ("1,2,3\n", "line 2: 3 fields, 2 columns expected", 2, "1,2,3"),
      ("1\n", "line 2: 1 field, 2 columns expected", 2, "1"),
      ("\"1\"2,3\n", "line 2: text behind a closing quote, at byte 4", 2, "\"1\"2,3"),
      ("\"1\" ,3\n", "line 2: text behind a closing quote, at byte 4", 2, "\"1\" ,3"),
      ("1,\"x\ny\"z\n", "line 3: text behind a closing quote, at byte 3", 2, "1,\"x\ny\"z"),
      ("1,\"x\ny\",3\n", "line 2: 3 fields, 2 columns expected", 2, "1,\"x\ny\",3"),
      ("1,a\0b\n", "line 2: a NUL at byte 4", 2, "1,a\0b"),
      ("1,\"x\ny\0\"\n", "line 3: a NUL at byte 2", 2, "1,\"x\ny\0\""),
    ])
  func malformed(record: String, reason: String, line: Int, raw: String) {
    let lines = record.split(separator: "\n", omittingEmptySubsequences: false).count - 1
    let records = parse("a,b\n" + record + "3,4\n", with: DelimitedRecordParser(separator: Self.comma))
    #expect(records == ["1@\(line) ! \(reason) <\(raw)>", "2@\(2 + lines) a=3|b=4"])
  }

  @Test("Invalid UTF-8 names its line and byte, also inside a quoted field")
  func invalidUTF8() {
    let input = Array("a,b\n1,\"x\ny".utf8) + [0xFF] + Array("\"\n3,4\n".utf8)
    let records = parse(input, with: DelimitedRecordParser(separator: Self.comma))
    #expect(
      records == ["1@2 ! line 3: invalid UTF-8 (0xFF) at byte 2 <1,\"x\ny\u{FFFD}\">", "2@4 a=3|b=4"])
  }

  @Test(
    "A quote that is never closed names where it began",
    arguments: [
      ("1,2\n3,\"x\ny\nz\n", ["1@2 a=1|b=2", "2@3 ! line 3: \(unclosed) <3,\"x\ny\nz\n>"]),
      ("\"x\ny\",\"z\nend", ["1@2 ! line 3: \(unclosed) <\"x\ny\",\"z\nend\n>"]),
      ("\"", ["1@2 ! line 2: \(unclosed) <\"\n>"]),
    ])
  func unclosedQuote(input: String, records: [String]) {
    #expect(parse("a,b\n" + input, with: DelimitedRecordParser(separator: Self.comma)) == records)
  }

  static let unclosed = "the quote that opens a field here is not closed before the end of the input"

  @Test(
    "A header that names no columns ends the run",
    arguments: [
      ("a,b,a\n1,2,3\n", "badInput: line 1: columns 1 and 3 are both named \"a\""),
      ("a,,b\n", "badInput: line 1: column 2 has no name"),
      ("\na,b,\n", "badInput: line 2: column 3 has no name"),
      ("\"a\"x,b\n", "badInput: line 1: text behind a closing quote, at byte 4"),
      ("a,\"b\n1,2\n", "badInput: line 1: \(unclosed)"),
      ("a,b\0\n", "badInput: line 1: a NUL at byte 4"),
      ("a,b\r1,2\r3,4", "badInput: line 1: a carriage return in the name of column 2"),
    ])
  func header(input: String, error: String) {
    #expect(parse(input, with: DelimitedRecordParser(separator: Self.comma)) == [error])
  }

  @Test(
    "What is above the cap is passed over",
    arguments: [
      ("123456789\n1,2\n", ["1@2 ! line 2: longer than 8 bytes <123456789>", "2@3 a=1|b=2"]),
      (
        "1,\"3456\n78\"\n1,2\n",
        ["1@2 ! line 2: a record longer than 8 bytes <1,\"3456\n78\">", "2@4 a=1|b=2"]
      ),
      ("1,\"4\n123456789\n1,2\n", ["1@2 ! line 3: longer than 8 bytes <1,\"4\n>", "2@4 a=1|b=2"]),
    ])
  func cap(input: String, records: [String]) {
    #expect(parse("a,b\n" + input, with: DelimitedRecordParser(separator: Self.comma, cap: 8)) == records)
  }

  @Test("A quote that is never closed holds only a beginning of the rest")
  func flatMemory() throws {
    var parser = DelimitedRecordParser(separator: Self.comma, cap: 64 << 10)
    var records: [ItemRecord] = []
    try [UInt8]("a,b\n\"".utf8).withUnsafeBytes { try parser.parse($0, into: &records) }
    let lines = Array(repeatElement(Array("1,2\n".utf8), count: 1 << 10).joined())
    for _ in 0..<40 { try lines.withUnsafeBytes { try parser.parse($0, into: &records) } }
    try parser.finish(into: &records)
    guard records.count == 1, case .malformed(_, let raw) = records[0].content else {
      Issue.record("\(records.count) records")
      return
    }
    #expect(raw.count == 4096)
  }
}
