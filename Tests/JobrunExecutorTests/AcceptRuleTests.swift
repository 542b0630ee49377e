import JobrunModel
import JobrunTestSupport
import Testing

@testable import JobrunExecutor

@Suite struct AcceptRuleTests {
  @Test func `rows count, not items, and the last missing one is told once`() {
    var rule = AcceptRule(5)
    let results: [ItemResult] = [
      .ok(rows: [[1], [2]]), .ok(rows: []), .skipped(reason: ""), .failed(ItemFailure(.hook, message: "")), .unfinished,
      .ok(rows: [[3], [4], [5], [6]]), .ok(rows: [[7]]),
    ]
    let reached = results.map { rule.isReached(by: $0) }
    #expect(reached == [false, false, false, false, false, true, false])
    #expect(rule.rows == 7)
  }

  @Test func `the run ends well at the rows that are wanted, with those in flight`() async throws {
    try await onLoop {
      let world = World(items: 1_000, concurrency: 4, configure: { $0.accept = 50 }) { .success(answer("\($0)")) }
      world.script.skips = { $0 % 2 == 0 }
      let (end, files) = try await world.executor.run()
      #expect(end == .accepted)
      // Twice four items are begun at most.
      #expect((50...57).contains(world.sink.rows.count))
      #expect(world.sink.rows.count == world.transport.sends)
      #expect(world.sink.isFinished)
      #expect(files.count == 1)
      #expect(world.statistics.value(of: .itemsTotal) != .integer(world.statistics.itemsBegun))
    }
  }

  @Test func `fewer rows than are wanted are no end of their own`() async throws {
    try await onLoop {
      let world = World(items: 10, concurrency: 4, configure: { $0.accept = 11 }) { .success(answer("\($0)")) }
      let end = try await world.executor.run().end
      #expect(end == .completed)
    }
  }

  @Test func `a later run takes the rows from the journal, and sends nothing`() async throws {
    try await onLoop {
      let journal = ScriptedJournal()
      for number in 1...53 { journal.old["\(number)"] = ["old \(number)"] }
      let world = World(items: 1_000, concurrency: 4, journal: journal, configure: { $0.accept = 50 }) {
        .success(answer("\($0)"))
      }
      let end = try await world.executor.run().end
      #expect(end == .accepted)
      #expect(world.transport.sends == 0)
      #expect((50...53).contains(world.sink.rows.count))
      #expect(world.sink.rows == (1...world.sink.rows.count).map { "old \($0)" })
    }
  }

  @Test func `what is in flight then has its own time limits, until a signal comes`() async throws {
    let clock = ManualClock()
    try await onLoop {
      let world = World(items: 100, concurrency: 3, clock: clock, configure: { $0.accept = 2 }) {
        $0 == 2 ? nil : .success(answer("\($0)"))
      }
      await withDiscardingTaskGroup { group in
        group.addImmediateTask { @Loop in
          let end = try? await world.executor.run().end
          #expect(end == .accepted)
        }
        for _ in 0..<500 { await Task.yield() }
        clock.advance(by: .seconds(100))
        for _ in 0..<100 { await Task.yield() }
        #expect(world.executor.requestsInFlight == 1)
        #expect(world.transport.cancellations == 0)
        world.executor.drain(reason: "interrupted")
        for _ in 0..<100 { await Task.yield() }
        clock.advance(by: .seconds(31))
      }
      #expect(world.transport.cancellations == 1)
    }
  }
}
