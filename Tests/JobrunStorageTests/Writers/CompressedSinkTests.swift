import JobrunModel
import JobrunTestSupport
import Testing

@testable import JobrunStorage

@Suite("The sink of a compressed output")
struct CompressedSinkTests {
  private let folder: TemporaryFolder

  init() throws { folder = try TemporaryFolder() }

  private func records(_ name: String) throws -> [String] {
    let rows = try InputOpener.rows(for: InputSpec(path: folder(name)))
    var records: [String] = []
    while let record = try rows.next() { records.append(describe(record)) }
    return records
  }

  @Test("What is written as .gz can be read as .gz, and failed items beside it are not compressed")
  func rows() async throws {
    try await onLoop {
      for name in ["x.jsonl.gz", "x.csv.gz", "x.tsv.gz"] {
        let sink = try FileSink(output: OutputSpec(path: folder(name)), order: .input)
        #expect(sink.failedPath == folder("x.failed.jsonl"))
        try sink.put(ok(2, #"{"id":2,"t":"b"}"#))
        sink.flush()
        try sink.put(ok(1, #"{"id":1,"t":"a"}"#))
        sink.flush()
        try sink.put(failed(3))
        try await sink.finish()
      }
    }
    #expect(try records("x.jsonl.gz") == [#"1@1 {"id":1,"t":"a"}"#, #"2@2 {"id":2,"t":"b"}"#])
    #expect(try records("x.csv.gz") == ["1@2 id=1|t=a", "2@3 id=2|t=b"])
    #expect(try records("x.tsv.gz") == ["1@2 id=1|t=a", "2@3 id=2|t=b"])
    #expect(folder.read("x.failed.jsonl") == failedLine(3))
  }

  @Test("Without rows it is whole, too, and an abandoned one is in its part")
  func empty() async throws {
    try await onLoop {
      try await FileSink(output: OutputSpec(path: folder("x.jsonl.gz")), order: .input).finish()
      let sink = try FileSink(output: OutputSpec(path: folder("y.jsonl.gz")), order: .input)
      try sink.put(ok(1, "{}"))
      await sink.abandon()
    }
    #expect(try records("x.jsonl.gz") == [])
    #expect(folder.names == ["x.jsonl.gz", "y.jsonl.gz.part"])
  }

  @Test("Many rows are many pieces of one member")
  func many() async throws {
    try await onLoop {
      let sink = try FileSink(output: OutputSpec(path: folder("x.jsonl.gz")), order: .completion)
      for index in 1...20_000 {
        try sink.put(ok(index, #"{"id":\#(index),"r":"\#(UInt64.random(in: 0...UInt64.max))"}"#))
      }
      try await sink.finish()
    }
    #expect(try records("x.jsonl.gz").count == 20_000)
  }
}
