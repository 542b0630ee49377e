import Foundation
import JobrunModel
import JobrunTestSupport
import Testing

@testable import JobrunStorage

@Suite("The items of a file")
struct FileItemSourceTests {
  private let folder: TemporaryFolder

  init() throws { folder = try TemporaryFolder() }

  @Loop
  private func all(of source: FileItemSource) async throws -> [String] {
    var records: [String] = []
    while let record = try await source.next() { records.append(describe(record)) }
    return records
  }

  @Test("Items come in order, and nil behind them as often as asked")
  func items() async throws {
    let path = try folder.write("a\n\nb\n", to: "x.txt")
    try await onLoop {
      let source = try InputOpener.source(for: InputSpec(path: path))
      #expect(source.total == nil)
      #expect(try await all(of: source) == ["1@1 a", "2@3 b"])
      #expect(try await source.next().map(describe) == nil)
    }
  }

  @Test("What was read already is at hand, up to the limit and the stop")
  func atHand() async throws {
    let path = try folder.write("a\nb\nc\nd\n", to: "x.txt")
    try await onLoop {
      let source = try InputOpener.source(for: InputSpec(path: path), limit: 3)
      #expect(source.nextAtHand().map(describe) == nil)
      #expect(try await source.next().map(describe) == "1@1 a")
      #expect(source.nextAtHand().map(describe) == "2@2 b")
      #expect(try await source.next().map(describe) == "3@3 c")
      #expect(source.nextAtHand().map(describe) == nil)
      let stopped = try InputOpener.source(for: InputSpec(path: path))
      #expect(try await stopped.next().map(describe) == "1@1 a")
      stopped.stop()
      #expect(stopped.nextAtHand().map(describe) == nil)
    }
  }

  @Test("A limit ends the input early", arguments: [0, 1, 2, 3, 99])
  func limit(_ limit: Int) async throws {
    let path = try folder.write("a\nb\nc\n", to: "x.txt")
    try await onLoop {
      let source = try InputOpener.source(for: InputSpec(path: path), limit: limit)
      #expect(try await all(of: source) == Array(["1@1 a", "2@2 b", "3@3 c"].prefix(limit)))
      #expect(try await source.next().map(describe) == nil)
    }
  }

  @Test("The bytes read grow to the file's size")
  func progress() async throws {
    let path = try folder.write(String(repeating: "0123456789\n", count: 100_000), to: "x.txt")
    try await onLoop {
      let source = try InputOpener.source(for: InputSpec(path: path))
      #expect(source.bytesTotal == 1_100_000)
      #expect(source.bytesRead == 0)
      var last = 0
      while let record = try await source.next() {
        #expect(source.bytesRead >= last)
        // Within a line of the truth: the lines are equal.
        #expect(abs(source.bytesRead - record.index * 11) <= 22)
        last = source.bytesRead
      }
      #expect(last == 1_100_000)
    }
  }

  @Test("A pipe gives each line when it comes")
  func pipe() async throws {
    let pipe = TestPipe()
    try await onLoop {
      let source = Self.source(of: pipe)
      #expect(source.bytesTotal == nil)
      try pipe.write("a\n")
      #expect(try await source.next().map(describe) == "1@1 a")
      try pipe.write("b\nc")
      #expect(try await source.next().map(describe) == "2@2 b")
      try pipe.writeEnd.close()
      #expect(try await source.next().map(describe) == "3@3 c")
      #expect(try await source.next().map(describe) == nil)
    }
  }

  @Test("A named pipe is opened when it is read")
  func namedPipe() async throws {
    let path = folder("x.txt")
    #expect(mkfifo(path, 0o600) == 0)
    try await onLoop {
      // With its writer missing this would wait for ever, were it opened at once.
      let source = try InputOpener.source(for: InputSpec(path: path))
      let writer = open(path, O_RDWR)
      defer { close(writer) }
      #expect(write(writer, "a\n", 2) == 2)
      #expect(try await source.next().map(describe) == "1@1 a")
    }
  }

  @Test("A cancelled task does not wait for a silent pipe, and nothing is lost")
  func cancellation() async throws {
    let pipe = TestPipe()
    try await onLoop {
      let source = Self.source(of: pipe)
      for waits in [true, false] {
        try await withThrowingTaskGroup { group in
          group.addTask { try await source.next() }
          // A child runs on the loop and so reaches its wait before this task goes on.
          if waits { for _ in 0..<3 { await Task.yield() } }
          group.cancelAll()
          let record = try await group.next()
          #expect(record??.index == nil)
        }
      }
      try pipe.write("a\n")
      #expect(try await source.next().map(describe) == "1@1 a")
    }
  }

  @Test("A stopped input ends, whether somebody waits for it or not")
  func stop() async throws {
    let pipe = TestPipe()
    try await onLoop {
      let source = Self.source(of: pipe)
      try pipe.write("a\nb\n")
      #expect(try await source.next().map(describe) == "1@1 a")
      #expect(try await source.next().map(describe) == "2@2 b")
      async let waiting = source.next()
      // The child runs on the loop and so reaches its wait before this task goes on.
      for _ in 0..<3 { await Task.yield() }
      source.stop()
      #expect(try await waiting.map(describe) == nil)
      #expect(try await source.next().map(describe) == nil)
      // Lets the read that was left behind end.
      try pipe.writeEnd.close()
    }
  }

  @Test("The loop is woken once per chunk, never per item")
  func threadCrossings() async throws {
    // 5 chunks of 256 KiB.
    let path = try folder.write(String(repeating: "0123456\n", count: 160 << 10), to: "x.txt")
    try await onLoop {
      let crossings = await leastThreadCrossings(enough: 6, tries: 40) {
        let source = try? InputOpener.source(for: InputSpec(path: path))
        var count = 0
        while let record = try? await source?.next() { count = record.index }
        #expect(count == 160 << 10)
      }
      // One a chunk, and one for the end.
      #expect(crossings <= 6)
    }
  }

  @Test("An input that cannot be read on throws once")
  func failure() async throws {
    let path = try folder.write("a,a\n", to: "x.csv")
    try await onLoop {
      let source = try InputOpener.source(for: InputSpec(path: path))
      await #expect(throws: RunError.self) { try await source.next() }
      #expect(try await source.next().map(describe) == nil)
      let closed = FileItemSource(
        reader: RecordReader(file: InputFile(taking: -1, name: "nothing"), parser: LineRecordParser(.text)),
        limit: nil)
      let error = await #expect(throws: RunError.self) { try await closed.next() }
      #expect(error?.code == .inputOutput)
      #expect(error?.message == "cannot read on in nothing: Bad file descriptor")
    }
  }

  @Loop
  private static func source(of pipe: TestPipe) -> FileItemSource {
    // A descriptor of its own: a read that is left behind must not find another test's file under the number.
    let file = InputFile(taking: dup(pipe.readEnd.fileDescriptor), name: "pipe")
    return FileItemSource(reader: RecordReader(file: file, parser: LineRecordParser(.text)), limit: nil)
  }
}
