import Testing

@testable import JobrunStorage

@Suite("Fields of a CSV or TSV")
struct FieldWriterTests {
  @Test(
    "A field is quoted where it must be, and only there",
    arguments: [
      ("", ""),
      ("plain", "plain"),
      ("two words", "two words"),
      ("it's", "it's"),
      ("é 끝\u{2028}", "é 끝\u{2028}"),
      ("a,b", "\"a,b\""),
      ("a\tb", "a\tb"),
      ("say \"hi\"", "\"say \"\"hi\"\"\""),
      ("\"", "\"\"\"\""),
      ("a\nb", "\"a\nb\""),
      ("a\r\nb", "\"a\r\nb\""),
      ("a\r", "\"a\r\""),
      (" a", "\" a\""),
      ("a ", "\"a \""),
      ("a\t", "\"a\t\""),
      (" ", "\" \""),
    ])
  func quoting(field: String, written: String) { #expect(write(field, guards: false) == written) }

  @Test("In a TSV the tab is the separator, and the comma is not")
  func tabs() {
    #expect(write("a\tb", separator: 0x09) == "\"a\tb\"")
    #expect(write("a,b", separator: 0x09) == "a,b")
  }

  @Test(
    "A text that a spreadsheet would run gets an apostrophe",
    arguments: [
      ("=1+1", "'=1+1"),
      ("=", "'="),
      ("@SUM(A1)", "'@SUM(A1)"),
      ("+49 (0) 30", "'+49 (0) 30"),
      ("- a point", "'- a point"),
      ("-", "'-"),
      ("\0x", "'\0x"),
      ("\tx", "\"'\tx\""),
      ("\r=x", "\"'\r=x\""),
      ("=HYPERLINK(\"x\",\"y\")", "\"'=HYPERLINK(\"\"x\"\",\"\"y\"\")\""),
      ("-5 apples", "'-5 apples"),
      ("-1-2", "'-1-2"),
      ("+", "'+"), ("--5", "'--5"), ("-.", "'-."), ("-1.2.3", "'-1.2.3"), ("-1e", "'-1e"), ("-1e+", "'-1e+"),
      ("-e5", "'-e5"), ("+0x10", "'+0x10"), ("-5\n", "\"'-5\n\""), ("-1,5", "\"'-1,5\""),
    ])
  func formulas(field: String, written: String) {
    #expect(write(field, guards: true) == written)
    #expect(!write(field, guards: false).contains("'"))
  }

  @Test(
    "A number is none, and neither is what only contains such a character",
    arguments: [
      "-5", "+5", "-5.", "-.5", "-0.50", "+3.2e1", "-3E-10", "+0049", "5", "a=b", "'=1", "x-1", "*", "/",
    ])
  func numbers(field: String) { #expect(write(field, guards: true) == field) }

  @Test("What was no string is never a formula")
  func values() {
    #expect(write("-5", guards: true, isText: false) == "-5")
    #expect(write("[\"=1\",2]", guards: true, isText: false) == "\"[\"\"=1\"\",2]\"")
  }

  private func write(
    _ field: String, separator: UInt8 = 0x2C, guards: Bool = true, isText: Bool = true
  ) -> String {
    var record: [UInt8] = []
    let writer = FieldWriter(separator: separator, guardsFormulas: guards)
    Array(field.utf8).withUnsafeBytes { writer.append($0, isText: isText, to: &record) }
    return text(record)
  }
}
