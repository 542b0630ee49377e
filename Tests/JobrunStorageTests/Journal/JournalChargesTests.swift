import Foundation
import GRDB
import JobrunModel
import JobrunTestSupport
import Testing

@testable import JobrunStorage

@Suite struct JournalChargesTests {
  private func world(_ body: @escaping @Loop @Sendable (JournalWorld) async throws -> Void) async throws {
    let folder = try TemporaryFolder()
    try await onLoop { try await body(JournalWorld(folder: folder)) }
  }

  private static func answer(input: Int, output: Int, usd: Double?) -> Answer {
    var answer = Answer(
      status: 200, headers: [], body: [],
      reply: ReplyFields(text: [], usage: TokenUsage(input: input, output: output)), latency: .zero)
    answer.model = "m"
    answer.costUSD = usd
    return answer
  }

  private static let refused = AttemptError(.server, status: 500, message: "boom", dispatched: .yes)
  private static let unsent = AttemptError(.network, message: "refused", dispatched: .no)

  @Test func `what all runs spent is the sum of their answers, and of their requests with failed tries`() async throws {
    try await world { world in
      try await world.run { journal, past in
        #expect(past.spent == Spending())
        try await journal.store(Self.answer(input: 10, output: 5, usd: 0.25), to: journal.send(JournalledCall(1)))
        journal.failed(journal.send(JournalledCall(2)), Self.refused)
        journal.failed(journal.send(JournalledCall(2)), Self.unsent)
        try await journal.store(Self.answer(input: 1, output: 2, usd: nil), to: journal.send(JournalledCall(2)))
      }
      try await world.run { journal, past in
        #expect(past.spent == Spending(usd: 0.25, inputTokens: 11, outputTokens: 7, requests: 3))
        #expect(journal.spentBefore == past.spent)
        try await journal.store(Self.answer(input: 1, output: 1, usd: 0.5), to: journal.send(JournalledCall(3)))
      }
      try await world.run { _, past in
        #expect(past.spent == Spending(usd: 0.75, inputTokens: 12, outputTokens: 8, requests: 4))
      }
    }
  }

  @Test func `what a budget counted takes the place of what the answers say`() async throws {
    try await world { world in
      try await world.run { journal, _ in
        let answered = journal.send(JournalledCall(1))
        answered.charge = Spending(usd: 9, inputTokens: 90, outputTokens: 900, requests: 1)
        try await journal.store(Self.answer(input: 1, output: 1, usd: nil), to: answered)
        let failed = journal.send(JournalledCall(2))
        failed.charge = Spending(usd: 1, inputTokens: 10, outputTokens: 100, requests: 1)
        journal.failed(failed, AttemptError(.timeout, status: 408, message: "late", dispatched: .maybe))
      }
      try await world.run { _, past in
        #expect(past.spent == Spending(usd: 10, inputTokens: 100, outputTokens: 1_000, requests: 2))
      }
    }
  }

  @Test func `where a run died, what was in flight counts as it was reserved`() async throws {
    try await world { world in
      try await world.run(exitCode: nil) { journal, _ in
        let lost = journal.send(JournalledCall(1))
        lost.charge = Spending(usd: 2, inputTokens: 20, outputTokens: 200, requests: 1)
        try await journal.store(Self.answer(input: 1, output: 1, usd: 0.5), to: journal.send(JournalledCall(2)))
      }
      let expected = Spending(usd: 2.5, inputTokens: 21, outputTokens: 201, requests: 2)
      try await world.run { _, past in
        #expect(past.lost == 1)
        #expect(past.spent == expected)
      }
      // Counted once.
      try await world.run { _, past in #expect(past.spent == expected) }
    }
  }

  @Test func `a run that died with nothing in flight has spent all the same`() async throws {
    try await world { world in
      try await world.run(exitCode: nil) { journal, _ in
        try await journal.store(Self.answer(input: 1, output: 1, usd: 0.5), to: journal.send(JournalledCall(2)))
      }
      try await world.run { _, past in
        #expect(past.lost == 0)
        #expect(past.spent == Spending(usd: 0.5, inputTokens: 1, outputTokens: 1, requests: 1))
      }
    }
  }

  @Test func `answers are left until each is claimed, and always where they are shared`() async throws {
    try await world { world in
      try await world.run { journal, _ in
        #expect(!journal.hasUnclaimed)
        for number in 1...2 { try await journal.buy(JournalledCall(number)) }
        #expect(!journal.hasUnclaimed, "they are this run's")
      }
      try await world.run { journal, _ in
        #expect(journal.hasUnclaimed)
        _ = journal.claimed(JournalledCall(1))
        #expect(journal.hasUnclaimed)
        _ = journal.claimed(JournalledCall(2))
        #expect(!journal.hasUnclaimed)
      }
      try await world.run(shares: true) { journal, _ in
        for number in 1...2 { _ = journal.claimed(JournalledCall(number)) }
        #expect(journal.hasUnclaimed)
      }
    }
  }

  @Test func `a journal of version 1 is brought up to date, with what its answers say`() async throws {
    try await world { world in
      try FileManager.default.createDirectory(atPath: world.folder("out"), withIntermediateDirectories: true)
      let old = try DatabaseQueue(path: world.path)
      try await old.write { db in
        try db.execute(sql: JournalSchema.tables)
        try db.execute(sql: "PRAGMA application_id = \(JournalSchema.applicationID); PRAGMA user_version = 1")
        for run in 1...2 {
          try db.execute(
            sql: """
              INSERT INTO run(id, started_at, version, host, pid, job, job_sha256, input, output)
                VALUES (\(run), '', '', '', 1, '', '', '', '');
              INSERT INTO answer(run, item_index, item_content, request, model, attempts, received_at_ms, latency_ms,
                input_tokens, output_tokens, cost_usd, status, headers, body, checksum)
                VALUES (\(run), 1, 1, x'00', 'm', 2, 0, 0, 10, 5, 0.25, 200, '', x'', 0);
              """)
        }
      }
      try old.close()
      for _ in 1...2 {
        try await world.run { _, past in
          #expect(past.answers == 2)
          #expect(past.spent == Spending(usd: 0.5, inputTokens: 20, outputTokens: 10, requests: 4))
        }
      }
      #expect(try world.query("SELECT user_version FROM pragma_user_version") == ["3"])
    }
  }

  @Test func `a damaged account is no trap`() async throws {
    try await world { world in
      try await world.run { _, _ in }
      try await DatabaseQueue(path: world.path).write {
        try $0.execute(
          sql: """
            UPDATE run SET charged_usd = 'much', charged_requests = x'ff', charged_input_tokens = -1e300,
              charged_output_tokens = 9223372036854775807
            """)
      }
      try await world.run { _, past in
        #expect((past.spent.usd, past.spent.inputTokens) == (0, 0))
        #expect(past.spent.outputTokens > 9e18)
      }
    }
  }
}
