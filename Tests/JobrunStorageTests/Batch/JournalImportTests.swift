import GRDB
import JobrunModel
import JobrunTestSupport
import Testing

@testable import JobrunStorage

@Suite struct JournalImportTests {
  @Test func `an answer bought elsewhere is found by a later run, and nothing of it counts as spent`() async throws {
    let folder = try TemporaryFolder()
    try await onLoop {
      let world = JournalWorld(folder: folder)
      let (first, second) = (JournalledCall(1), JournalledCall(2))
      try await world.run(exitCode: 75) { journal, _ in
        try await journal.take(.stored("bought"), to: journal.identity(first), for: journal.item(first))
        try await journal.buy(second)
      }
      try await world.run { journal, past in
        #expect(past.answers == 2)
        #expect(past.lost == 0)
        #expect(past.spent == Spending(requests: 1))
        #expect(journal.claimed(first) == "bought")
        #expect(journal.claimed(first) == "none")
        #expect(journal.claimed(second) == "answer 2")
      }
    }
  }

  @Test func `answers are counted by their requests, without those that are superseded`() async throws {
    let folder = try TemporaryFolder()
    try await onLoop {
      let world = JournalWorld(folder: folder)
      let (first, second) = (JournalledCall(1), JournalledCall(2))
      #expect(try JournalGlance.answerCounts(at: world.path) == [:])
      var expected: AnswerCounts = [:]
      try await world.run { journal, _ in
        for call in [first, second, second] { try await journal.buy(call) }
        expected = [journal.identity(first): 1, journal.identity(second): 2]
      }
      #expect(try JournalGlance.answerCounts(at: world.path) == expected)
      let file = try JournalFile(path: world.path, run: world.facts(), fresh: false, sharesAnswers: false)
      #expect(try file.answerCounts() == expected)
      // A run has it now.
      #expect(throws: RunError.self) { try JournalGlance.answerCounts(at: world.path) }
      try await file.database.writeWithoutTransaction { db in
        try db.execute(sql: "UPDATE answer SET superseded = 1 WHERE id = 1")
      }
      #expect(try file.answerCounts().values.sorted() == [2])
      try file.close(nil)
    }
  }

  @Test func `a failed item may have a row as well, in its place`() async throws {
    let folder = try TemporaryFolder()
    try await onLoop {
      let sink = try FileSink(output: OutputSpec(path: folder("x.jsonl")), order: .input)
      sink.rowOfFailure = { $0.record.index == 2 ? Array("two".utf8) : nil }
      for outcome in [failed(3), failed(2), ok(4, "4"), ok(1, "1")] { try sink.put(outcome) }
      try await sink.finish()
      #expect(sink.rowsWritten == 3)
      #expect(sink.failures == 2)
    }
    #expect(folder.read("x.jsonl") == "1\ntwo\n4\n")
    #expect(folder.read("x.failed.jsonl") == failedLine(2) + failedLine(3))
  }
}
