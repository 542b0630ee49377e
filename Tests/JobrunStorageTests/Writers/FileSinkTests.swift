import Foundation
import JobrunModel
import JobrunTestSupport
import Testing

@testable import JobrunStorage

@Suite("The sink of JSON lines")
struct FileSinkTests {
  private let folder: TemporaryFolder

  init() throws { folder = try TemporaryFolder() }

  @Loop
  private func sink(_ order: OutputOrder = .input, window: Int = 4096) throws -> FileSink {
    try FileSink(output: OutputSpec(path: folder("x.jsonl")), order: order, window: window)
  }

  @Test(
    "Rows stand in the order asked for",
    arguments: [(.input, "1\n2\n2b\n3\n4\n"), (.completion, "3\n1\n4\n2\n2b\n")] as [(OutputOrder, String)])
  func order(_ order: OutputOrder, expected: String) async throws {
    try await onLoop {
      let sink = try sink(order)
      for outcome in [ok(3, "3"), ok(1, "1"), ok(4, "4"), ok(2, "2", "2b")] { try sink.put(outcome) }
      try await sink.finish()
      #expect(sink.rowsWritten == 5)
    }
    #expect(folder.read("x.jsonl") == expected)
    #expect(folder.names == ["x.jsonl"])
  }

  @Test("Failed items go beside the rows, in the same order; skipped and unfinished ones leave nothing")
  func failures() async throws {
    try await onLoop {
      let sink = try sink()
      #expect(sink.outputPath == folder("x.jsonl"))
      #expect(sink.failedPath == folder("x.failed.jsonl"))
      try sink.put(failed(5))
      try sink.put(outcome(2, .skipped(reason: "no")))
      try sink.put(failed(3))
      try sink.put(outcome(4, .unfinished))
      try sink.put(ok(1, "1"))
      try sink.put(ok(6))
      try await sink.finish()
      #expect(sink.rowsWritten == 1)
      #expect(sink.failures == 2)
    }
    #expect(folder.read("x.jsonl") == "1\n")
    #expect(folder.read("x.failed.jsonl") == failedLine(3) + failedLine(5))
    #expect(folder.names == ["x.failed.jsonl", "x.jsonl"])
    let rows = try InputOpener.rows(for: InputSpec(path: folder("x.failed.jsonl")))
    #expect(try rows.next().map(describe) == "1@1 " + failedLine(3).dropLast())
  }

  @Test("A run without failures removes the failures of an earlier one")
  func oldFailures() async throws {
    try folder.write("old", to: "x.failed.jsonl")
    try folder.write("older", to: "x.failed.jsonl.part")
    try await onLoop {
      let sink = try sink()
      try sink.put(ok(1, "1"))
      #expect(folder.read("x.failed.jsonl") == "old")
      try await sink.finish()
    }
    #expect(folder.names == ["x.jsonl"])
  }

  @Test("An output without items is an empty file")
  func empty() async throws {
    try await onLoop { try await sink().finish() }
    #expect(folder.read("x.jsonl") == "")
  }

  @Test("The earlier output stays whole until the end")
  func oldOutput() async throws {
    try folder.write("old\n", to: "x.jsonl")
    try folder.write("torn", to: "x.jsonl.part")
    try await onLoop {
      let sink = try sink()
      try sink.put(ok(1, "1"))
      sink.flush()
      #expect(folder.read("x.jsonl") == "old\n")
      try await sink.finish()
    }
    #expect(folder.read("x.jsonl") == "1\n")
    #expect(folder.names == ["x.jsonl"])
  }

  @Test("An abandoned output leaves what it has in the part file")
  func abandon() async throws {
    try folder.write("old\n", to: "x.jsonl")
    try folder.write("old\n", to: "x.failed.jsonl")
    try await onLoop {
      let sink = try sink()
      try sink.put(ok(1, "1"))
      try sink.put(ok(3, "3"))
      try sink.put(failed(4))
      await sink.abandon()
      await sink.abandon()
    }
    #expect(folder.read("x.jsonl") == "old\n")
    #expect(folder.read("x.failed.jsonl") == "old\n")
    #expect(folder.read("x.jsonl.part") == "1\n3\n")
    #expect(folder.read("x.failed.jsonl.part") == failedLine(4))
  }

  @Test("Rows behind an item that never came are written at the end")
  func missingItem() async throws {
    try await onLoop {
      let sink = try sink()
      for index in [4, 2, 3] { try sink.put(ok(index, "\(index)")) }
      #expect(sink.rowsWritten == 0)
      try await sink.finish()
    }
    #expect(folder.read("x.jsonl") == "2\n3\n4\n")
  }

  @Test("An index that comes twice, or below 1, is an error", arguments: OutputOrder.allCases)
  func duplicates(order: OutputOrder) async throws {
    try await onLoop {
      let sink = try sink(order)
      for index in [3, 1, 2, 7] { try sink.put(ok(index, "\(index)")) }
      for index in [1, 3, 7, 0, -1] {
        let error = #expect(throws: RunError.self) { try sink.put(ok(index, "x")) }
        #expect(error?.code == .internal)
      }
      try await sink.finish()
      #expect(throws: RunError.self) { try sink.put(ok(8, "8")) }
      await #expect(throws: RunError.self) { try await sink.finish() }
    }
  }

  @Test("A full window has no room until the missing item comes")
  func window() async throws {
    try await onLoop {
      let sink = try sink(window: 3)
      for index in 2...4 { try sink.put(ok(index, "\(index)")) }
      #expect(sink.hasRoom)
      try await sink.waitForRoom()
      try sink.put(ok(5, "5"))
      #expect(!sink.hasRoom)
      async let waiting: Void = sink.waitForRoom()
      for _ in 0..<3 { await Task.yield() }
      try sink.put(ok(1, "1"))
      #expect(sink.hasRoom)
      try await waiting
      try await sink.finish()
    }
    #expect(folder.read("x.jsonl") == "1\n2\n3\n4\n5\n")
  }

  @Test("In completion order nothing waits for a missing item")
  func noWindow() async throws {
    try await onLoop {
      let sink = try sink(.completion, window: 3)
      for index in 2...100 { try sink.put(ok(index, "\(index)")) }
      #expect(sink.hasRoom)
      #expect(sink.rowsWritten == 99)
      await sink.abandon()
    }
  }

  @Test("A cancelled task does not wait for room")
  func cancellation() async throws {
    try await onLoop {
      let sink = try sink(window: 0)
      try sink.put(ok(2, "2"))
      for waits in [true, false] {
        try await withThrowingTaskGroup { group in
          group.addTask { try await sink.waitForRoom() }
          // A child runs on the loop and so reaches its wait before this task goes on.
          if waits { for _ in 0..<3 { await Task.yield() } }
          group.cancelAll()
          try await group.waitForAll()
        }
      }
      #expect(!sink.hasRoom)
      await sink.abandon()
    }
  }

  @Test("Many rows pass through many chunks whole")
  func chunks() async throws {
    let row = String(repeating: "é", count: 500)
    try await onLoop {
      let sink = try sink()
      for index in (1...3000).reversed() { try sink.put(ok(index, row, "\(index)")) }
      try await sink.finish()
      #expect(sink.rowsWritten == 6000)
    }
    #expect(folder.read("x.jsonl") == (1...3000).map { "\(row)\n\($0)\n" }.joined())
  }

  @Test("An item's way through the sink crosses no thread")
  func threadCrossings() async throws {
    try await onLoop {
      let sink = try sink()
      var index = 0
      let crossings = await leastThreadCrossings {
        for _ in 0..<100 {
          index += 1
          #expect(sink.hasRoom)
          try? await sink.waitForRoom()
          try? sink.put(ok(index, "{}"))
        }
      }
      #expect(crossings == 0)
      await sink.abandon()
    }
  }
}
