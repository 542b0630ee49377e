import JobrunModel
import JobrunTestSupport
import Testing

@testable import JobrunStorage

@Suite("The sink of a CSV or TSV")
struct DelimitedSinkTests {
  private let folder: TemporaryFolder

  init() throws { folder = try TemporaryFolder() }

  @Test("Rows stand below one header, in the order of the items, and failed items beside them as JSON lines")
  func rows() async throws {
    try await onLoop {
      let sink = try FileSink(output: OutputSpec(path: folder("x.csv")), order: .input)
      try sink.put(ok(3, #"{"id":3,"t":"c"}"#))
      try sink.put(failed(2))
      try sink.put(ok(1, #"{"id":1,"t":"a,b"}"#, #"{"id":1,"t":"=x"}"#))
      #expect(sink.rowsWritten == 3)
      #expect(sink.failedPath == folder("x.failed.jsonl"))
      try await sink.finish()
    }
    #expect(folder.read("x.csv") == "id,t\n1,\"a,b\"\n1,'=x\n3,c\n")
    #expect(folder.read("x.failed.jsonl") == failedLine(2))
    #expect(folder.names == ["x.csv", "x.failed.jsonl"])
  }

  @Test("The columns are those of the first row written, not of the first item that ended")
  func firstWritten() async throws {
    try await onLoop {
      let sink = try FileSink(output: OutputSpec(path: folder("x.tsv")), order: .input)
      try sink.put(ok(2, #"{"b":2}"#))
      try sink.put(ok(1, #"{"a":1,"b":1}"#))
      try await sink.finish()
    }
    #expect(folder.read("x.tsv") == "a\tb\n1\t1\n\t2\n")
  }

  @Test("Without rows there is the header alone, or nothing where the columns are not known")
  func empty() async throws {
    try await onLoop {
      try await FileSink(output: OutputSpec(path: folder("x.csv"), columns: ["a", "b"]), order: .input).finish()
      try await FileSink(output: OutputSpec(path: folder("y.csv")), order: .input).finish()
    }
    #expect(folder.read("x.csv") == "a,b\n")
    #expect(folder.read("y.csv") == "")
  }

  @Test("The header stands once, however many chunks there are")
  func chunks() async throws {
    let field = String(repeating: "x", count: 1000)
    try await onLoop {
      let sink = try FileSink(output: OutputSpec(path: folder("x.csv")), order: .completion)
      for index in 1...1000 { try sink.put(ok(index, #"{"a":"\#(field)","n":\#(index)}"#)) }
      await sink.abandon()
    }
    #expect(folder.read("x.csv.part") == "a,n\n" + (1...1000).map { "\(field),\($0)\n" }.joined())
    #expect(folder.read("x.csv") == nil)
  }

  @Test("What has no column is told once, with the item's id")
  func warning() async throws {
    try await onLoop {
      var warnings: [String] = []
      let output = OutputSpec(path: folder("x.csv"))
      let sink = try FileSink(output: output, order: .input) { warnings.append($0) }
      try sink.put(ok(2, #"{"a":2,"b":2}"#))
      try sink.put(ok(3, #"{"a":3,"c":3}"#))
      #expect(warnings.isEmpty)
      try sink.put(ok(1, #"{"a":1}"#))
      #expect(warnings.count == 1)
      #expect(warnings.first?.hasPrefix("item 2: there is no column for \"b\";") == true)
      try await sink.finish()
    }
    #expect(folder.read("x.csv") == "a\n1\n2\n3\n")
  }
}
