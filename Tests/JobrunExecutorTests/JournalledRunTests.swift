import JobrunModel
import JobrunReactor
import JobrunTestSupport
import Testing

@testable import JobrunExecutor

@Suite struct JournalledRunTests {
  @Test func `what the journal has is not asked, and hooks run over it all the same`() async throws {
    try await onLoop {
      let journal = ScriptedJournal()
      for number in 1...6 { journal.old["\(number)"] = ["old \(number)"] }
      let world = World(items: 9, concurrency: 2, journal: journal) { .success(answer("new \($0)")) }
      _ = try await world.executor.run()
      #expect(world.transport.sends == 3)
      #expect(journal.stored.sorted() == ["7", "8", "9"])
      let rows = world.sink.rows
      #expect(rows == (1...6).map { "old \($0)" } + (7...9).map { "new \($0)" })
      #expect(world.statistics.value(of: .itemsReused) == .integer(6))
      #expect(world.statistics.value(of: .requests) == .integer(3))
      #expect(world.script.attempts.filter { $0 == 2 }.count == 6, "an old answer took as many tries as it took")
      #expect(journal.events == ["run", "end"])
    }
  }

  @Test func `a slot is kept until the answer is stored: no more answers than slots can be lost`() async throws {
    try await onLoop {
      let journal = ScriptedJournal()
      // The first request goes alone until it was answered and stored.
      journal.storesAtOnce = 1
      let world = World(items: 20, concurrency: 3, journal: journal) { .success(answer("new \($0)")) }
      try await withThrowingDiscardingTaskGroup { group in
        group.addImmediateTask { @Loop in _ = try await world.executor.run() }
        while journal.waitingStores < 3 { await Task.yield() }
        for _ in 0..<200 { await Task.yield() }
        #expect(world.transport.sends == 4)
        #expect(world.sink.outcomes.count == 1, "no hook has seen an answer that is not stored")
        journal.commit()
      }
      #expect(world.sink.outcomes.count == 20)
      #expect(journal.stored.count == 20)
    }
  }

  @Test func `an item of three calls that was interrupted after two goes on at the third`() async throws {
    try await onLoop {
      let journal = ScriptedJournal()
      journal.old["1"] = ["first", "second"]
      let world = World(items: 1, concurrency: 2, journal: journal) { _ in .success(answer("third")) }
      world.script.calls = 3
      _ = try await world.executor.run()
      #expect(world.transport.sends == 1)
      #expect(world.sink.rows == ["third"])
      #expect(world.statistics.value(of: .itemsReused) == .integer(0))
    }
  }

  @Test func `where nothing may be asked, items without an answer are unfinished`() async throws {
    try await onLoop {
      let journal = ScriptedJournal()
      journal.withholds = true
      journal.old["2"] = ["old"]
      let world = World(items: 3, concurrency: 2, journal: journal) { .success(answer("new \($0)")) }
      let (end, _) = try await world.executor.run()
      #expect(end == .completed)
      #expect(world.transport.sends == 0)
      #expect(world.statistics.value(of: .itemsOK) == .integer(1))
      #expect(world.statistics.value(of: .itemsUnfinished) == .integer(2))
    }
  }

  @Test func `identical requests are bought once where answers are shared, also while the first is in flight`()
    async throws
  {
    try await onLoop {
      let journal = ScriptedJournal()
      journal.sharesAnswers = true
      let world = World(items: 30, concurrency: 4, journal: journal) { .success(answer("new \($0)")) }
      world.script.body = { "\($0 % 3)" }
      _ = try await world.executor.run()
      #expect(world.transport.sends == 3)
      #expect(world.sink.outcomes.count == 30)
      #expect(world.sink.rows.sorted() == (0..<30).map { "new \($0 % 3)" }.sorted())
    }
  }

  @Test func `where the one that is bought for all fails, the next one asks`() async throws {
    try await onLoop {
      let journal = ScriptedJournal()
      journal.sharesAnswers = true
      let transport = FailingOnce()
      let world = World(items: 6, concurrency: 4, journal: journal) { _ in transport.reply() }
      world.script.body = { _ in "7" }
      _ = try await world.executor.run()
      #expect(world.transport.sends == 2)
      #expect(world.statistics.value(of: .itemsFailed) == .integer(1))
      #expect(world.statistics.value(of: .itemsOK) == .integer(5))
      #expect(journal.failed == ["7"])
      #expect(journal.failedItems.count == 1)
    }
  }

  @Test func `a journal that cannot be written ends the run, and gives every slot back`() async throws {
    try await onLoop {
      let journal = ScriptedJournal()
      journal.storeError = RunError(.inputOutput, "the disk is gone")
      let world = World(items: 50, concurrency: 4, journal: journal) { .success(answer("new \($0)")) }
      let error = await #expect(throws: RunError.self) { try await world.executor.run() }
      #expect(error?.message == "the disk is gone")
      #expect(world.executor.requestsInFlight == 0)
      #expect(world.sink.isAbandoned)
      #expect(world.transport.sends <= 8)
      #expect(world.script.alive == 0)
      #expect(world.statistics.value(of: .itemsInFlight) == .integer(0))
    }
  }

  @Test func `where answers are shared, an item that asks again gets another one`() async throws {
    try await onLoop {
      let journal = ScriptedJournal()
      journal.sharesAnswers = true
      let world = World(items: 3, concurrency: 2, journal: journal) { .success(answer("new \($0)")) }
      world.script.body = { _ in "7" }
      world.script.calls = 2
      _ = try await world.executor.run()
      #expect(world.transport.sends == 2)
      #expect(journal.stored == ["7", "7#2"])
      #expect(world.statistics.value(of: .itemsOK) == .integer(3))
    }
  }

  @Test func `while the journal cannot be written nothing is sent, free slots or not`() async throws {
    try await onLoop {
      let journal = ScriptedJournal()
      let world = World(items: 20, concurrency: 4, journal: journal) { .success(answer("new \($0)")) }
      try await withThrowingDiscardingTaskGroup { group in
        world.transport.afterSends = (3, { journal.blocked?(true) })
        group.addImmediateTask { @Loop in _ = try await world.executor.run() }
        while world.transport.sends < 3 { await Task.yield() }
        for _ in 0..<200 { await Task.yield() }
        // Those that had their leave already have gone.
        #expect(world.transport.sends <= 3 + 4)
        let sends = world.transport.sends
        for _ in 0..<200 { await Task.yield() }
        #expect(world.transport.sends == sends)
        #expect(world.transport.inFlight == 0)
        journal.blocked?(false)
      }
      #expect(world.transport.sends == 20)
    }
  }

  @Test func `a journalled answer of a fallback counts, too`() async throws {
    try await onLoop {
      let journal = ScriptedJournal()
      journal.old["1"] = ["old"]
      let transport = ScriptedTransport { .success(answer("new \($0)")) }
      let world = World(items: 2, concurrency: 1, journal: journal, models: [("a", transport), ("b", transport)]) {
        .success(answer("new \($0)"))
      }
      world.script.fallbacks = ["a", "b"]
      journal.oldModel = "b"
      _ = try await world.executor.run()
      #expect(transport.sends == 1)
      #expect(world.script.models == ["b", "a"])
      #expect(world.sink.rows == ["old", "new 2"])
    }
  }

  @Loop
  private final class FailingOnce {
    private var hasFailed = false

    func reply() -> Result<Answer, AttemptError> {
      defer { hasFailed = true }
      return hasFailed
        ? .success(answer("good"))
        : .failure(AttemptError(.contextLength, status: 400, message: "too long", dispatched: .yes))
    }
  }
}
