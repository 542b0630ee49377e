import JobrunExecutor
import JobrunModel
import JobrunTestSupport
import Testing

@Suite struct ExecutorTests {
  @Test func `every item ends once, and the counts add up`() async throws {
    try await onLoop {
      let world = World(items: 500, concurrency: 7, configure: { $0.retry.attempts = 1 }) { body in
        switch body % 5 {
        case 0: .failure(AttemptError(.server, status: 500, message: "boom", dispatched: .yes))
        default: .success(answer("\(body)"))
        }
      }
      world.script.skips = { $0 % 7 == 0 }
      let (end, _) = try await world.executor.run()
      #expect(end == .completed)
      #expect(world.sink.outcomes.map(\.record.index).sorted() == Array(1...500))
      let statistics = world.statistics
      let skipped = (1...500).count { $0 % 7 == 0 }
      let failed = (1...500).count { $0 % 5 == 0 && $0 % 7 != 0 }
      #expect(statistics.value(of: .itemsSkipped) == .integer(skipped))
      #expect(statistics.value(of: .itemsFailed) == .integer(failed))
      #expect(statistics.value(of: .itemsOK) == .integer(500 - skipped - failed))
      #expect(statistics.value(of: .itemsInFlight) == .integer(0))
      #expect(statistics.value(of: .errorsServer) == .integer(failed))
      #expect(statistics.value(of: .requests) == .integer(500 - skipped))
      #expect(statistics.failuresByClass.map(\.count) == [failed])
      #expect(world.sink.isFinished)
    }
  }

  @Test(arguments: [1, 2, 7, 64]) func `as many requests are in flight as there are slots, never more`(slots: Int)
    async throws
  {
    try await onLoop {
      let world = World(items: 300, concurrency: .fixed(slots)) { .success(answer("\($0)")) }
      _ = try await world.executor.run()
      #expect(world.transport.mostInFlight == slots)
    }
  }

  @Test func `no more items are begun than have room, however many there are`() async throws {
    try await onLoop {
      let world = World(items: 10_000, concurrency: 8) { .success(answer("\($0)")) }
      _ = try await world.executor.run()
      #expect(world.script.mostAlive <= 16)
    }
  }

  @Test func `a full window of the sink stops the reader until it has room again`() async throws {
    try await onLoop {
      let world = World(items: 200, concurrency: 4) { .success(answer("\($0)")) }
      world.sink.roomFor = 10
      _ = try await world.executor.run()
      #expect(world.sink.waits > 0)
      #expect(world.sink.outcomes.count == 200)
    }
  }

  @Test func `a drain lets the requests in flight end and leaves the rest unfinished`() async throws {
    try await onLoop {
      let world = World(items: 1_000, concurrency: 5) { .success(answer("\($0)")) }
      world.transport.afterSends = (50, { world.executor.drain(reason: "interrupted") })
      let (end, _) = try await world.executor.run()
      #expect(end == .stopped(RunError(.stopped, "interrupted")))
      #expect(world.transport.sends >= 50 && world.transport.sends < 60)
      let outcomes = world.sink.outcomes
      let ok = outcomes.count { if case .ok = $0.result { true } else { false } }
      #expect(ok == world.transport.sends)  // what was paid for is in the output
      #expect(outcomes.count - ok > 0)  // begun, but not sent
      #expect(world.statistics.value(of: .itemsUnfinished) == .integer(outcomes.count - ok))
      #expect(world.script.alive == 0)  // no coroutine is left behind
      #expect(world.sink.isFinished)
    }
  }

  @Test func `a drain that takes too long ends the requests in flight`() async throws {
    let clock = ManualClock()
    try await onLoop {
      // The first goes alone; the ones behind it are never answered.
      let world = World(items: 10, concurrency: 3, clock: clock) { $0 == 1 ? .success(answer("1")) : nil }
      world.transport.afterSends = (4, { world.executor.drain(reason: "interrupted") })
      await withDiscardingTaskGroup { group in
        group.addImmediateTask { @Loop in
          let end = try? await world.executor.run().end
          #expect(end == .stopped(RunError(.stopped, "interrupted")))
        }
        while clock.sleeperCount == 0 { await Task.yield() }
        #expect(world.executor.requestsInFlight == 3)
        #expect(world.sink.outcomes.filter { (2...4).contains($0.record.index) }.isEmpty)
        clock.advance(by: .seconds(29))
        await Task.yield()
        #expect(world.transport.cancellations == 0)
        clock.advance(by: .seconds(2))
      }
      #expect(world.transport.cancellations == 1)
      #expect(world.sink.outcomes.count { if case .unfinished = $0.result { false } else { true } } == 1)
    }
  }

  @Test func `stop ends the requests in flight at once`() async throws {
    try await onLoop {
      let world = World(items: 10, concurrency: 3) { $0 == 1 ? .success(answer("1")) : nil }
      world.transport.afterSends = (4, { world.executor.stop(reason: "interrupted, twice") })
      let (end, _) = try await world.executor.run()
      #expect(end == .aborted(RunError(.stopped, "interrupted, twice")))
      #expect(world.sink.isAbandoned)
      #expect(world.statistics.value(of: .itemsFailed) == .integer(0))
    }
  }

  @Test func `an input that fails ends the run, and the old output stays`() async throws {
    try await onLoop {
      let world = World(items: 100, concurrency: 3) { .success(answer("\($0)")) }
      world.source.failsAt = 40
      await #expect(throws: RunError(.inputOutput, "the disk is gone")) { try await world.executor.run() }
      #expect(world.sink.isAbandoned)
      #expect(!world.sink.isFinished)
      #expect(world.sink.outcomes.count == 39)
    }
  }

  @Test func `an outcome that cannot be stored ends the run`() async throws {
    try await onLoop {
      let world = World(items: 1_000, concurrency: 3) { .success(answer("\($0)")) }
      world.sink.failsAt = 20
      await #expect(throws: RunError(.inputOutput, "disk full")) { try await world.executor.run() }
      #expect(world.transport.sends < 40)
    }
  }

  @Test func `setup and finish hooks run around the items, and their errors end the run`() async throws {
    try await onLoop {
      let good = World(items: 3, concurrency: 1) { .success(answer("\($0)")) }
      let files = try await good.executor.run().files
      #expect(files.map(\.name) == ["report.md"])
      #expect(good.script.events.first == "setup")
      #expect(good.script.events.last == "finish")

      let bad = World(items: 3, concurrency: 1) { .success(answer("\($0)")) }
      bad.script.setupError = "setup failed"
      await #expect(throws: RunError(.job, "setup failed")) { try await bad.executor.run() }
      #expect(bad.transport.sends == 0)
    }
  }

  @Test func `an item that asks twice is sent twice, and its hooks alternate`() async throws {
    try await onLoop {
      let world = World(items: 4, concurrency: 2) { .success(answer("\($0)")) }
      world.script.calls = 3
      _ = try await world.executor.run()
      #expect(world.transport.sends == 12)
      #expect(world.statistics.value(of: .itemsOK) == .integer(4))
    }
  }
}
