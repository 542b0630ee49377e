import Foundation
import Glibc
import JobrunModel
import Testing

@testable import JobrunStorage

@Suite("The files of a pattern")
struct GlobReaderTests {
  private let folder: TemporaryFolder

  init() throws {
    folder = try TemporaryFolder()
    for name in ["b", "a/c", ".h"] {
      try FileManager.default.createDirectory(atPath: folder(name), withIntermediateDirectories: true)
    }
    for name in ["10.txt", "9.txt", "b/x.txt", "a/c/y.txt", ".z.txt", ".h/w.txt", "b/x.png", "a/[1].txt"] {
      try folder.write("of \(name)", to: name)
    }
    try FileManager.default.createSymbolicLink(atPath: folder("a/loop"), withDestinationPath: folder.path)
  }

  private func paths(_ pattern: String) throws -> [String] {
    try PathPattern(pattern).paths(in: folder.path).map(text)
  }

  @Test(
    "come sorted by their bytes, without hidden ones and folders",
    arguments: [
      ("*.txt", ["10.txt", "9.txt"]), ("./?.txt", ["9.txt"]), ("[0-9].txt", ["9.txt"]), ("*", ["10.txt", "9.txt"]),
      ("9.txt", ["9.txt"]), ("*/*.txt", ["a/[1].txt", "b/x.txt"]), (".*.txt", [".z.txt"]), (".h/*", [".h/w.txt"]),
      ("**/*.txt", ["10.txt", "9.txt", "a/[1].txt", "a/c/y.txt", "b/x.txt"]), ("a/**", ["a/[1].txt", "a/c/y.txt"]),
      ("**/**/y.txt", ["a/c/y.txt"]), ("a/\\[1].txt", ["a/[1].txt"]), ("none/*.txt", []), ("9.txt/*", []), ("b", []),
      ("b/../9.txt", ["b/../9.txt"]), ("a/loop/9.txt", ["a/loop/9.txt"]),
    ] as [(String, [String])])
  func sorted(pattern: String, expected: [String]) throws {
    #expect(try paths(pattern) == expected)
  }

  @Test("are absolute where the pattern is")
  func absolute() throws {
    let root = folder.path.replacing("//", with: "/")
    #expect(try paths(folder("b/*.txt")) == [root + "/b/x.txt"])
  }

  @Test("are not left out where they cannot be read: an item says why")
  func unreadable() throws {
    let bytes = Array((folder("q/caf") + "").utf8) + [0xE9]
    try FileManager.default.createDirectory(atPath: folder("q"), withIntermediateDirectories: true)
    for ending in [".txt", ""] {
      let path = (bytes + Array(ending.utf8) + [0]).map { CChar(bitPattern: $0) }
      if ending.isEmpty { mkdir(path, 0o755) } else { close(creat(path, 0o644)) }
    }
    let inside = (bytes + Array("/in.txt".utf8) + [0]).map { CChar(bitPattern: $0) }
    close(creat(inside, 0o644))
    try FileManager.default.createSymbolicLink(atPath: folder("q/gone.txt"), withDestinationPath: "nowhere")
    let reader = try GlobReader(pattern: "q/**", folder: folder.path)
    let reasons = try #require(reader.nextBatch()).records.map { record in
      if case .malformed(let reason, _) = record.content { reason } else { "none" }
    }
    #expect(
      reasons == [
        "q/caf\u{FFFD}.txt: the path is not UTF-8", "q/caf\u{FFFD}/in.txt: the path is not UTF-8",
        "q/gone.txt: No such file or directory",
      ])
  }

  @Test("become items with path, name and text")
  func items() throws {
    try folder.write("\u{FEFF}line\n\"é\"", to: "b/x.txt")
    let reader = try GlobReader(pattern: "**/x.*", folder: folder.path)
    #expect(reader.total == 2)
    try folder.write([0x89, 0x50, 0xFF, 0], to: "b/x.png")
    let batch = try #require(reader.nextBatch())
    #expect(
      batch.records.map(describe) == [
        #"1@1 {"path":"b/x.png","name":"x.png"}"#, #"2@2 {"path":"b/x.txt","name":"x.txt","text":"line\n\"é\""}"#,
      ])
    #expect(reader.nextBatch()?.records.count == nil)
  }

  @Test("that are gone meanwhile fail alone")
  func gone() throws {
    let reader = try GlobReader(pattern: "b/x.txt", folder: folder.path)
    try FileManager.default.removeItem(atPath: folder("b/x.txt"))
    #expect(reader.nextBatch()?.records.map(describe) == ["1@1 ! b/x.txt: No such file or directory <b/x.txt>"])
  }

  @Test("are no input where there are none")
  func none() throws {
    let error = #expect(throws: RunError.self) { try GlobReader(pattern: "*.pdf", folder: folder.path) }
    #expect(error?.code == .noInput)
    #expect(error?.message == "no file fits *.pdf")
  }

  @Test("are text where they are UTF-8 without NUL, however long up to a cap")
  func texts() throws {
    func read(_ bytes: [UInt8], cap: Int = 1 << 20) throws -> TextFile.Contents {
      try TextFile.read(Array(folder.write(bytes, to: "t").utf8), cap: cap)
    }
    let long = Array(String(repeating: "é", count: 40_000).utf8)
    #expect(try read([]) == .text([]))
    // The second byte of a character stands behind the first piece that is read.
    #expect(try read([0x61] + long) == .text([0x61] + long))
    #expect(try read(long + [0xFF]) == .binary)
    #expect(try read([0xC3]) == .binary)
    #expect(try read([0x61, 0]) == .binary)
    #expect(try read(long, cap: 70_001) == .tooLong)
    #expect(try read(long + [0xFF, 0x61, 0x61, 0x61, 0x61], cap: 70_001) == .binary)
  }
}
