import JobrunModel
import JobrunReactor
import JobrunTestSupport
import Testing

@testable import JobrunExecutor

@Suite struct RunControlTests {
  @Loop
  private static func settle() async { for _ in 0..<200 { await Task.yield() } }

  private static func concurrency(_ count: Int) -> RunSettings {
    var settings = RunSettings()
    settings.concurrency = .fixed(count)
    return settings
  }

  @Test func `a paused run lets its requests in flight end, sends nothing, and goes on where it was`() async throws {
    try await onLoop {
      let world = World(items: 100, concurrency: 5) { .success(answer("\($0)")) }
      world.transport.afterSends = (20, { world.script.control?.pause() })
      try await withThrowingDiscardingTaskGroup { group in
        group.addImmediateTask { @Loop in
          let end = try await world.executor.run().end
          #expect(end == .completed)
        }
        await Self.settle()
        let sends = world.transport.sends
        #expect((20..<25).contains(sends))  // those with leave to go went
        await Self.settle()
        #expect(world.transport.sends == sends)
        #expect(world.executor.requestsInFlight == 0)
        #expect(world.sink.outcomes.count == sends)
        #expect(world.statistics.heldBackNow == .pause)
        world.script.control?.resume()
      }
      #expect(world.sink.outcomes.count == 100)
      #expect(world.transport.sends == 100)
    }
  }

  @Test func `answers of the journal are used while the run is paused`() async throws {
    try await onLoop {
      let journal = ScriptedJournal()
      for number in 2...9 { journal.old["\(number)"] = ["old"] }
      let world = World(items: 9, concurrency: 2, journal: journal) { .success(answer("\($0)")) }
      world.transport.afterSends = (1, { world.script.control?.pause() })
      let end = try await world.executor.run().end
      #expect(end == .completed)
      #expect(world.sink.outcomes.count == 9)
    }
  }

  @Test(arguments: ["a signal", "the job"])
  func `a run that is paused for ever still ends`(by whom: String) async throws {
    let clock = ManualClock()
    try await onLoop {
      let world = World(items: 100, concurrency: 5, clock: clock) { .success(answer("\($0)")) }
      world.transport.afterSends = (20, { world.script.control?.pause() })
      world.script.onTick = { () throws(RunError) in if whom == "the job" { world.script.control?.stop(reason: "no") } }
      try await withThrowingDiscardingTaskGroup { group in
        group.addImmediateTask { @Loop in
          guard case .stopped(let error) = try await world.executor.run().end else { return #expect(Bool(false)) }
          #expect(error.code == .stopped)
          #expect(error.message == (whom == "the job" ? "stopped by the job: no" : "SIGTERM"))
        }
        await Self.settle()
        #expect(world.executor.requestsInFlight == 0)
        if whom == "the job" { clock.advance(by: .seconds(1)) } else { world.executor.drain(reason: "SIGTERM") }
      }
      #expect(world.sink.isFinished)
      #expect(world.script.alive == 0)
      #expect(world.transport.sends < 25)
    }
  }

  @Test func `on_tick runs every second, while the run is paused too`() async throws {
    let clock = ManualClock()
    try await onLoop {
      let world = World(items: 3, concurrency: 2, clock: clock) { .success(answer("\($0)")) }
      var ticks = 0
      world.script.onTick = { () throws(RunError) in
        ticks += 1
        if ticks == 4 { world.script.control?.resume() }
      }
      world.transport.afterSends = (1, { world.script.control?.pause() })
      try await withThrowingDiscardingTaskGroup { group in
        group.addImmediateTask { @Loop in _ = try await world.executor.run() }
        for second in 0..<4 {
          await Self.settle()
          #expect(ticks == second)
          clock.advance(by: .milliseconds(999))
          await Self.settle()
          #expect(ticks == second)
          clock.advance(by: .milliseconds(1))
        }
      }
      #expect(ticks == 4)
      #expect(clock.sleeperCount == 0)
      #expect(world.sink.outcomes.count == 3)
    }
  }

  @Test func `without on_tick there is no timer`() async throws {
    let clock = ManualClock()
    try await onLoop {
      let world = World(items: 3, concurrency: 2, clock: clock) { .success(answer("\($0)")) }
      world.transport.afterSends = (1, { world.script.control?.pause() })
      try await withThrowingDiscardingTaskGroup { group in
        group.addImmediateTask { @Loop in _ = try await world.executor.run() }
        await Self.settle()
        #expect(clock.sleeperCount == 0)
        world.script.control?.resume()
      }
    }
  }

  @Test func `an error of on_tick drains the run, and what was paid for is in the output`() async throws {
    let clock = ManualClock()
    try await onLoop {
      let world = World(items: 100, concurrency: 5, clock: clock) { .success(answer("\($0)")) }
      var ticks = 0
      world.script.onTick = { () throws(RunError) in
        ticks += 1
        throw RunError(.job, "on_tick: no")
      }
      world.transport.afterSends = (20, { world.script.control?.pause() })
      try await withThrowingDiscardingTaskGroup { group in
        group.addImmediateTask { @Loop in
          let end = try await world.executor.run().end
          #expect(end == .stopped(RunError(.job, "on_tick: no")))
        }
        await Self.settle()
        clock.advance(by: .seconds(1))
        await Self.settle()
        clock.advance(by: .seconds(1))
      }
      #expect(ticks == 1)
      #expect(world.sink.isFinished)
      #expect(world.sink.rows.count == world.transport.sends)
    }
  }

  @Test func `more requests at once than at the start are a matter of saying so`() async throws {
    try await onLoop {
      let world = World(items: 400, concurrency: 2) { .success(answer("\($0)")) }
      world.transport.afterSends = (10, { try? world.script.control?.set(Self.concurrency(30)) })
      _ = try await world.executor.run()
      #expect(world.transport.mostInFlight == 30)
      #expect(world.transport.madeRoomFor == [30])
      #expect(world.sink.outcomes.count == 400)
    }
  }

  @Test func `fewer requests at once hold as soon as those in flight have ended`() async throws {
    try await onLoop {
      let seen = Seen()
      let world = World(items: 400, concurrency: 30) { body in
        if let world = seen.world, world.transport.sends > 100 { seen.most = max(seen.most, world.transport.inFlight) }
        return .success(answer("\(body)"))
      }
      seen.world = world
      world.transport.afterSends = (50, { try? world.script.control?.set(Self.concurrency(3)) })
      _ = try await world.executor.run()
      #expect(seen.most == 3)
      #expect(world.statistics.value(of: .concurrency) == .integer(3))
      #expect(world.sink.outcomes.count == 400)
    }
  }

  @Test func `what cannot be set is refused, and then nothing is changed`() async throws {
    try await onLoop {
      let world = World(items: 1, concurrency: 2) { .success(answer("\($0)")) }
      var settings = Self.concurrency(9)
      let control = try #require(world.script.control)
      settings.models = [ModelSettings(key: "x")]
      #expect(throws: RunError(.job, "models: there is no model \"x\"")) { try control.set(settings) }
      #expect(world.statistics.value(of: .concurrency) == .integer(2))
    }
  }

  @Test func `a stop in setup sends nothing, one in finish comes too late`() async throws {
    try await onLoop {
      let early = World(items: 5, concurrency: 2) { .success(answer("\($0)")) }
      early.script.onSetup = { early.script.control?.stop(reason: "") }
      guard case .aborted(let error) = try await early.executor.run().end else { return #expect(Bool(false)) }
      #expect(error.message == "stopped by the job")
      #expect(early.transport.sends == 0)

      let late = World(items: 5, concurrency: 2) { .success(answer("\($0)")) }
      late.script.onFinish = { late.script.control?.stop(reason: "") }
      let end = try await late.executor.run().end
      #expect(end == .completed)
    }
  }

  @Test func `limits for all models leave alone those that have their own, and prices change where they are named`()
    async throws
  {
    try await onLoop {
      let transport = ScriptedTransport { _ in nil }
      func route(_ key: String, isOwn: Bool) -> ModelRoute {
        var route = ModelRoute(key: key, transport: transport, endpoint: .test)
        route.limits.tokens = 100
        route.hasOwnLimits = isOwn
        return route
      }
      var settings = RunSettings()
      settings.limits = LimitSettings()
      settings.limits?.requests = 50
      var model = ModelSettings(key: "priced")
      model.price = Price(input: 1, output: 2)
      settings.models = [model]
      model = ModelSettings(key: "limited")
      model.limits = LimitSettings()
      model.limits?.requests = 7
      settings.models.append(model)
      var routes = [
        route("common", isOwn: false), route("own", isOwn: true), route("priced", isOwn: false),
        route("limited", isOwn: false),
      ]
      for index in routes.indices { _ = routes[index].change(settings) }
      #expect(routes.map(\.limits.requests) == [50, nil, 50, 7])
      #expect(routes.map(\.limits.tokens) == [100, 100, 100, 100])
      #expect(routes.map(\.price) == [nil, nil, Price(input: 1, output: 2), nil])
      #expect(routes.map(\.hasOwnLimits) == [false, true, false, true])
    }
  }

  @Test func `limits of models hold for those that were asked and for those that are asked later`() async throws {
    let clock = ManualClock()
    try await onLoop {
      let transport = ScriptedTransport { .success(answer("\($0)")) }
      let world = World(
        items: 20, concurrency: 4, clock: clock, models: [("a", transport), ("b", transport)]
      ) { .success(answer("\($0)")) }
      world.script.model = { $0 <= 10 ? "a" : "b" }
      var settings = RunSettings()
      settings.limits = LimitSettings()
      settings.limits?.requests = 60
      let wanted = settings
      transport.afterSends = (5, { try? world.script.control?.set(wanted) })
      try await withThrowingDiscardingTaskGroup { group in
        group.addImmediateTask { @Loop in _ = try await world.executor.run() }
        await Self.settle()
        var sends = [transport.sends]
        for _ in 0..<12 {
          clock.advance(by: .seconds(60 / 57.0))
          await Self.settle()
          sends.append(transport.sends)
        }
        // At most one of each model a second.
        for (before, after) in zip(sends, sends.dropFirst()) { #expect(after - before <= 2) }
        #expect(sends[0] < 10)
        while world.sink.outcomes.count < 20 {
          clock.advance(by: .seconds(2))
          await Self.settle()
        }
      }
    }
  }
}

/// Requests in flight at most, late in a run.
@Loop
private final class Seen {
  weak var world: World?
  var most = 0
}
