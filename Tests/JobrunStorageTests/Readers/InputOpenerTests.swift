import JobrunModel
import Testing

@testable import JobrunStorage

@Suite("Opening an input")
struct InputOpenerTests {
  private let folder: TemporaryFolder

  init() throws { folder = try TemporaryFolder() }

  private func rows(_ name: String, format: InputSpec.Format? = nil) throws -> [String] {
    let rows = try InputOpener.rows(for: InputSpec(path: folder(name), format: format))
    var records: [String] = []
    while let record = try rows.next() { records.append(kind(record.content) + " " + describe(record)) }
    return records
  }

  private func kind(_ content: ItemRecord.Content) -> String {
    switch content {
    case .text: "text"
    case .json: "json"
    case .failedJSON: "failed"
    case .columns: "columns"
    case .malformed: "malformed"
    }
  }

  @Test(
    "The ending tells the format",
    arguments: [
      ("x.txt", "text 1@1 a", "text 2@2 b"),
      ("x.TXT", "text 1@1 a", "text 2@2 b"),
      ("x.jsonl", "json 1@1 a", "json 2@2 b"),
      ("x.ndjson", "json 1@1 a", "json 2@2 b"),
      ("x.failed.jsonl", "failed 1@1 a", "failed 2@2 b"),
      ("x.csv", "columns 1@2 a=b", nil),
      ("x.tsv", "columns 1@2 a=b", nil),
    ])
  func endings(name: String, first: String, second: String?) throws {
    try folder.write("a\nb\n", to: name)
    #expect(try rows(name) == [first, second].compactMap(\.self))
  }

  @Test("A format that is given replaces the ending, but for failed items")
  func formats() throws {
    try folder.write("a\nb\n", to: "x.log")
    try folder.write("{}\n", to: "x.failed.jsonl")
    #expect(try rows("x.log", format: .text) == ["text 1@1 a", "text 2@2 b"])
    #expect(try rows("x.log", format: .csv) == ["columns 1@2 a=b"])
    #expect(try rows("x.failed.jsonl", format: .csv) == ["failed 1@1 {}"])
  }

  @Test("An unknown ending is refused with those that work", arguments: ["x.xml", "x", "x.gz", "txt"])
  func unknownEnding(name: String) throws {
    try folder.write("a\n", to: name)
    let error = #expect(throws: RunError.self) { try rows(name) }
    #expect(error?.code == .badInput)
    #expect(error?.message.contains(name) == true)
    #expect(error?.hint?.contains(".txt .jsonl .ndjson .csv .tsv .json") == true)
    #expect(error?.hint?.contains("format") == true)
  }

  @Test("A file that is not there, and a folder, are no input")
  func noInput() throws {
    let missing = #expect(throws: RunError.self) { try rows("none.txt") }
    #expect(missing?.code == .noInput)
    #expect(missing?.message == "no such input: \(folder("none.txt"))")
    let isFolder = #expect(throws: RunError.self) {
      try InputOpener.rows(for: InputSpec(path: folder.path, format: .text))
    }
    #expect(isFolder?.code == .noInput)
    #expect(isFolder?.message == "the input \(folder.path) is a folder")
    try folder.write("", to: "file")
    let beneathFile = #expect(throws: RunError.self) { try rows("file/x.txt") }
    #expect(beneathFile?.code == .noInput)
    #expect(beneathFile?.cause == "Not a directory")
  }

  @Test("An empty file has no items", arguments: ["x.txt", "x.jsonl", "x.csv"])
  func emptyFile(name: String) throws {
    try folder.write("", to: name)
    #expect(try rows(name) == [])
  }

  @Test(
    "What is not UTF-8 at all is refused with a remedy",
    arguments: [
      ([0xFF, 0xFE, 0x61, 0], "UTF-16", "iconv"), ([0x1F, 0x8B, 8], "compressed", "gzip"),
      ([0x28, 0xB5, 0x2F, 0xFD], "compressed", "zstd"),
    ]
      as [([UInt8], String, String)])
  func foreign(bytes: [UInt8], what: String, remedy: String) throws {
    try folder.write(bytes, to: "x.txt")
    let error = #expect(throws: RunError.self) { try rows("x.txt") }
    #expect(error?.code == .badInput)
    #expect(error?.message.contains(what) == true)
    #expect(error?.hint?.contains(remedy) == true)
  }

  @Test("An error of the whole input names the file, and the input is at its end then")
  func headerError() throws {
    try folder.write("a,a\n1,2\n", to: "x.csv")
    let rows = try InputOpener.rows(for: InputSpec(path: folder("x.csv")))
    let error = #expect(throws: RunError.self) { try rows.next() }
    #expect(error?.message == "\(folder("x.csv")): line 1: columns 1 and 2 are both named \"a\"")
    #expect(try rows.next().map(describe) == nil)
  }

  @Test("A file larger than a chunk is read whole")
  func chunks() throws {
    let line = String(repeating: "é", count: 700)
    try folder.write(String(repeating: line + "\n", count: 1000), to: "x.txt")
    let records = try rows("x.txt")
    #expect(records.count == 1000)
    #expect(records.last == "text 1000@1000 \(line)")
  }
}
