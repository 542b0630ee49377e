import Foundation
import JobrunModel
import Testing

@testable import JobrunStorage

@Suite struct BatchFilesTests {
  private let folder: TemporaryFolder

  init() throws { folder = try TemporaryFolder() }

  private func files(lines: Int = 100, bytes: Int = 1_000) -> BatchFiles {
    let folder = folder
    return BatchFiles(path: folder("f.jsonl"), limits: BatchLimits(lines: lines, bytes: bytes)) {
      folder("f.\($0).jsonl")
    }
  }

  private func add(_ files: BatchFiles, _ texts: String..., model: String = "m", api: WireAPI = .chat) throws {
    for text in texts { #expect(try files.add(Array((text + "\n").utf8), model: model, api: api)) }
  }

  @Test(arguments: [1, 2, 3])
  func `several files never replace the job's input`(number: Int) throws {
    let folder = folder
    try folder.write("input", to: "f.\(number).jsonl")
    let files = BatchFiles(
      path: folder("f.jsonl"), limits: BatchLimits(lines: 1, bytes: 100),
      isInput: { $0 == folder("f.\(number).jsonl") },
      numbered: { folder("f.\($0).jsonl") })
    let error = #expect(throws: RunError.self) { try add(files, "a", "b", "c") }
    #expect(error?.code == .usage)
    files.abandon()
    #expect(folder.names == ["f.\(number).jsonl"])
  }

  @Test func `only the last file of a kind is open`() throws {
    let files = files(lines: 1)
    for number in 0..<60 { try add(files, "\(number)") }
    let name = (folder.path as NSString).lastPathComponent
    let open = try FileManager.default.contentsOfDirectory(atPath: "/proc/self/fd").count {
      (try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/fd/" + $0))?.contains(name) == true
    }
    #expect(open == 1)
    #expect(try files.finish().count == 60)
    #expect(folder.read("f.60.jsonl") == "59\n")
  }

  @Test func `a single file has the name that was given, once it is whole`() throws {
    let files = files()
    try add(files, "a", "b")
    #expect(folder.names == ["f.1.jsonl.part"])
    #expect(try files.finish() == [.init(path: folder("f.jsonl"), model: "m", lines: 2, bytes: 4)])
    #expect(folder.names == ["f.jsonl"])
    #expect(folder.read("f.jsonl") == "a\nb\n")
  }

  @Test func `a file ends at its most lines and at its most bytes, and holds one model and one form`() throws {
    let files = files(lines: 2, bytes: 6)
    try add(files, "a", "b", "c")
    try add(files, "d", model: "other")
    try add(files, "e", api: .responses)
    try add(files, "four")
    try add(files, "12345")
    #expect(try !files.add(Array("123456\n".utf8), model: "m", api: .chat))
    let written = try files.finish()
    #expect(written.map(\.lines) == [2, 1, 1, 1, 1, 1])
    #expect(written.map(\.bytes) == [4, 2, 2, 2, 5, 6])
    #expect(written.map(\.model) == ["m", "m", "other", "m", "m", "m"])
    #expect(folder.names == (1...6).map { "f.\($0).jsonl" })
    #expect(folder.read("f.1.jsonl") == "a\nb\n")
    #expect(folder.read("f.6.jsonl") == "12345\n")
  }

  @Test func `nothing to write is no file, and what is given up leaves none`() throws {
    #expect(try files().finish() == [])
    let files = files()
    try add(files, "a")
    files.abandon()
    #expect(folder.names == [])
  }

  @Test func `an exported name leads back to item and request, and fits every provider`() throws {
    let identity = RequestIdentity(high: 0x0123_4567_89AB_CDEF, low: 0x0000_0000_0000_00FE)
    let id = ExportedID(index: 17, identity: identity)
    #expect(id.text == "item-17-0123456789abcdef00000000000000fe")
    #expect(ExportedID(id.text) == id)
    #expect(ExportedID(index: .max, identity: identity).text.utf8.count <= 64)
    for other in [
      "", "item-17", "item-0-" + id.text.suffix(32), "item-x-" + id.text.suffix(32), "item-17-00", id.text + "-",
    ] {
      #expect(ExportedID(other) == nil)
    }
  }

  @Test func `a request goes into its line as it is`() {
    let body = Array(#"{"model":"m"}"#.utf8)
    #expect(
      String(decoding: BatchRequestLine.encode(body, customID: "a", api: .responses), as: UTF8.self)
        == #"{"custom_id":"a","method":"POST","url":"/v1/responses","body":{"model":"m"}}"# + "\n")
    #expect(
      String(decoding: BatchRequestLine.encode(body, customID: "a", api: .messages), as: UTF8.self)
        == #"{"custom_id":"a","params":{"model":"m"}}"# + "\n")
  }
}
