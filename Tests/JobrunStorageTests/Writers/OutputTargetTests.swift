import Foundation
import Testing

@testable import JobrunStorage

@Suite("Where an output goes")
struct OutputTargetTests {
  @Test(
    "Failed items stand beside the output",
    arguments: [
      ("out/x.jsonl", "out/x.failed.jsonl"), ("x.ndjson", "x.failed.jsonl"), ("/a.b/x", "/a.b/x.failed.jsonl"),
      ("v1.2", "v1.2.failed.jsonl"), ("out/.jsonl", "out/.jsonl.failed.jsonl"), ("é.jsonl", "é.failed.jsonl"),
    ])
  func failedPath(output: String, expected: String) { #expect(OutputTarget.failedPath(besides: output) == expected) }

  @Test("The folder of a path", arguments: [("x", "."), ("a/x", "a"), ("/x", "/"), ("/a/b/x", "/a/b")])
  func folder(path: String, expected: String) { #expect(OutputTarget.folder(of: path) == expected) }

  @Test("A device or pipe is written as it is; a file is replaced, at the end of a link too")
  func kinds() throws {
    let folder = try TemporaryFolder()
    #expect(OutputTarget(path: "-") == .standardOutput)
    #expect(OutputTarget(path: "/dev/null") == .device(path: "/dev/null"))
    #expect(mkfifo(folder("pipe"), 0o600) == 0)
    #expect(OutputTarget(path: folder("pipe")) == .device(path: folder("pipe")))
    #expect(OutputTarget(path: folder("new.jsonl")) == .file(path: folder("new.jsonl")))
    let file = try folder.write("", to: "old.jsonl")
    #expect(OutputTarget(path: file) == .file(path: file))
    #expect(symlink("old.jsonl", folder("link.jsonl")) == 0)
    guard case .file(let path) = OutputTarget(path: folder("link.jsonl")) else {
      Issue.record("not a file")
      return
    }
    #expect(path.hasSuffix("/old.jsonl"))
  }
}
