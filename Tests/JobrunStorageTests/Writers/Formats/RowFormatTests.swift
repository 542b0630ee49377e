import JobrunModel
import Testing

@testable import JobrunStorage

@Suite("Rows as lines of the output")
struct RowFormatTests {
  @Test("JSON lines are the rows as they are, whatever the columns")
  func jsonLines() {
    let written = write([#"{"b":"é,","a":null}"#, "{}"], to: OutputSpec(path: "x.jsonl", columns: ["a"]))
    #expect(written == #"{"b":"é,","a":null}"# + "\n{}\n")
  }

  @Test("A CSV has the columns given, in their order, whatever the order in a row")
  func givenColumns() {
    let spec = OutputSpec(path: "x.csv", columns: ["b", "a", "c"])
    #expect(write([], to: spec) == "b,a,c\n")
    #expect(write([#"{"a":1,"b":2,"c":3}"#, #"{"c":6,"a":4}"#, "{}"], to: spec) == "b,a,c\n2,1,3\n,4,6\n,,\n")
  }

  @Test("Without columns they are the keys of the first row that has any")
  func firstRow() {
    let spec = OutputSpec(path: "x.csv")
    #expect(write([], to: spec) == "")
    #expect(write([#"{"b":1,"a":null}"#, #"{"a":2}"#], to: spec) == "b,a\n1,\n,2\n")
    #expect(write(["{}", "{}", #"{"b":1,"a":2}"#, "{}"], to: spec) == "b,a\n,\n,\n1,2\n,\n")
  }

  @Test(
    "Values are written as in the row",
    arguments: [
      ("9007199254740993", "9007199254740993"),
      ("-18446744073709551616", "-18446744073709551616"),
      ("-0.50e+10", "-0.50e+10"),
      ("true", "true"), ("false", "false"), ("null", ""),
      ("\"\"", ""), ("\"null\"", "null"), (#""\u00e9\n\"""#, "\"é\n\"\"\""),
      (#"[1,"x",null]"#, #""[1,""x"",null]""#), ("[]", "[]"),
      (#"{"k":"=1"}"#, #""{""k"":""=1""}""#), ("{}", "{}"),
      ("\"=1\"", "'=1"), ("\"-1\"", "-1"), ("-1", "-1"),
    ])
  func values(value: String, field: String) {
    #expect(write([#"{"a":0,"b":\#(value)}"#], to: OutputSpec(path: "x.csv")) == "a,b\n0,\(field)\n")
  }

  @Test("Names of columns are texts as others: decoded, quoted, guarded")
  func names() {
    let row = #"{"a,b":1,"=x":2,"\u00e9\"":3}"#
    #expect(write([row, row], to: OutputSpec(path: "x.csv")) == "\"a,b\",'=x,\"é\"\"\"\n1,2,3\n1,2,3\n")
    #expect(write([row], to: OutputSpec(path: "x.csv", columns: ["é\"", "=x"])) == "\"é\"\"\",'=x\n3,2\n")
  }

  @Test("The guard can be off")
  func raw() {
    var spec = OutputSpec(path: "x.csv")
    spec.guardsFormulas = false
    #expect(write([#"{"=a":"=1"}"#], to: spec) == "=a\n=1\n")
  }

  @Test("A value without a column is told once, with its item and how to name columns")
  func surplus() {
    var format = RowFormat(OutputSpec(path: "x.csv", columns: ["id", "a"]))
    var lines: [UInt8] = []
    let rows = [
      #"{"id":1}"#, #"{"id":2,"null":null}"#, #"{"id":3,"b":1,"c,\n":[]}"#, #"{"id":4,"b":1}"#, #"{"id":5,"d":1}"#,
    ]
    let warnings = rows.enumerated().map {
      format.append(Array($1.utf8), of: .string("no. \($0 + 1)"), to: &lines)
    }
    #expect(
      warnings == [
        nil, nil,
        """
        item no. 3: there is no column for "b", "c,\n"; such values are left out, here and in later rows
          the columns are "id", "a"; the job can name others: output = { path = …, columns = { … } }
        """, nil, nil,
      ])
    #expect(text(lines) == "1,\n2,\n3,\n4,\n5,\n")
  }

  @Test("A warning lists no more than twenty names")
  func manyNames() throws {
    var format = RowFormat(OutputSpec(path: "x.csv", columns: ["id"]))
    var lines: [UInt8] = []
    let row = "{" + (1...30).map { "\"k\($0)\":\($0)" }.joined(separator: ",") + "}"
    let warning = try #require(format.append(Array(row.utf8), of: .integer(1), to: &lines))
    #expect(warning.contains("\"k20\", …; such"))
    #expect(text(lines) == "\"\"\n")
  }

  @Test(
    "Every short text of what matters comes back from the reader",
    arguments: [(0x2C, "csv", true), (0x2C, "csv", false), (0x09, "tsv", true), (0x09, "tsv", false)])
  func roundTrip(separator: UInt8, ending: String, guards: Bool) throws {
    let alphabet = [",", "\t", "\"", "\n", "\r", " ", "=", "'", "a", "é", "\u{2028}"]
    let pairs = alphabet.flatMap { first in alphabet.map { first + $0 } }
    let texts = [""] + alphabet + pairs + pairs.flatMap { pair in alphabet.map { pair + $0 } }
    // Alone in its record, then between two others.
    for columns in [["a"], ["a", "b", "c"]] {
      var spec = OutputSpec(path: "x." + ending, columns: columns)
      spec.guardsFormulas = guards
      let rows = texts.map { text in
        var json: [UInt8] = []
        JSONText.append(string: text, to: &json)
        let value = JobrunStorageTests.text(json)
        return "{" + columns.map { "\"\($0)\":\(value)" }.joined(separator: ",") + "}"
      }
      let expected = texts.map { text in
        let isFormula = guards && ["=", "\t", "\r"].contains { text.unicodeScalars.starts(with: $0.unicodeScalars) }
        return [String](repeating: isFormula ? "'" + text : text, count: columns.count)
      }
      #expect(try read(write(rows, to: spec), separator: separator) == expected)
    }
  }

  private func write(_ rows: [String], to spec: OutputSpec) -> String {
    var format = RowFormat(spec)
    var lines = format.header
    for row in rows { _ = format.append(Array(row.utf8), of: .integer(1), to: &lines) }
    return text(lines)
  }

  /// The fields of all records that the repository's own reader finds.
  private func read(_ file: String, separator: UInt8) throws -> [[String]] {
    var parser = DelimitedRecordParser(separator: separator)
    var records: [ItemRecord] = []
    try Array(file.utf8).withUnsafeBytes { try parser.parse($0, into: &records) }
    try parser.finish(into: &records)
    return records.map { record in
      guard case .columns(_, let fields) = record.content else { return [describe(record)] }
      return fields.map(text)
    }
  }
}
