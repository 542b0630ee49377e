import JobrunModel
import JobrunTestSupport
import Testing

@testable import JobrunExecutor

@Suite struct CallRunnerTests {
  private static func refused(after wait: Duration?) -> AttemptError {
    AttemptError(.rateLimit, status: 429, message: "slow down", dispatched: .yes, retryAfter: wait)
  }

  /// The tutorial's client holds its permits while it sleeps and recurses: it never sends again.
  @Test(arguments: [1, 4, 64])
  func `a 429 for all that is in flight is one hold, not a storm, and no deadlock`(slots: Int) async throws {
    let clock = ManualClock()
    try await onLoop {
      var sends = 0
      var mostWhileHeld = 0
      let world = World(items: 200, concurrency: .fixed(slots), clock: clock) { body in
        sends += 1
        // The canary passes, then a whole round is refused.
        if sends > 1, sends <= 1 + slots { return .failure(Self.refused(after: .seconds(5))) }
        return .success(answer("\(body)"))
      }
      await withDiscardingTaskGroup { group in
        group.addImmediateTask { @Loop in _ = try? await world.executor.run() }
        for _ in 0..<2_400 where world.sink.outcomes.count < 200 {
          for _ in 0..<300 { await Task.yield() }
          if sends == 1 + slots { mostWhileHeld = max(mostWhileHeld, world.executor.requestsInFlight) }
          clock.advance(by: .milliseconds(50))
        }
        world.executor.stop(reason: "the test is over")  // where it hangs, it fails
      }
      #expect(world.sink.outcomes.count == 200)
      #expect(world.statistics.value(of: .itemsOK) == .integer(200))
      #expect(world.statistics.value(of: .errorsRateLimit) == .integer(slots))
      #expect(sends == 200 + slots)
      #expect(mostWhileHeld == 0)
      // A refusal is no attempt.
      #expect(world.script.attempts.allSatisfy { $0 == 1 })
    }
  }

  @Test func `a refused request goes before the items that came after it`() async throws {
    try await onLoop {
      var order: [Int] = []
      let world = World(items: 12, concurrency: 1) { body in
        order.append(body)
        let isFirst = order.count { $0 == body } == 1
        return body == 3 && isFirst ? .failure(Self.refused(after: .milliseconds(1))) : .success(answer("\(body)"))
      }
      _ = try await world.executor.run()
      #expect(order == [1, 2, 3, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12])
    }
  }

  @Test func `a back-off holds neither a slot nor the room of others`() async throws {
    let clock = ManualClock()
    try await onLoop {
      var tries: [Int: Int] = [:]
      // 40 items fail at first: more than there is room for with two slots.
      let world = World(
        items: 100, concurrency: .fixed(2), clock: clock, configure: { $0.retry.base = .seconds(50) }
      ) { body in
        tries[body, default: 0] += 1
        let fails = body > 1 && body % 5 < 2 && tries[body] == 1
        return fails
          ? .failure(AttemptError(.badRequest, status: 409, message: "busy", dispatched: .yes))
          : .success(answer("\(body)"))
      }
      await withDiscardingTaskGroup { group in
        group.addImmediateTask { @Loop in _ = try? await world.executor.run() }
        for _ in 0..<2_000 { await Task.yield() }
        #expect(world.sink.outcomes.count >= 60)  // all others are done, without any time
        for _ in 0..<60 {
          clock.advance(by: .seconds(1))
          for _ in 0..<200 { await Task.yield() }
        }
        world.executor.stop(reason: "the test is over")
      }
      #expect(world.statistics.value(of: .itemsOK) == .integer(100))
      #expect(tries.values.allSatisfy { $0 <= 2 })
    }
  }

  @Test func `an outage in which nothing could be sent costs no item, however often it is probed`() async throws {
    let clock = ManualClock()
    let outage = Outage()
    try await onLoop {
      let world = World(items: 60, concurrency: 4, clock: clock, configure: { $0.retry.attempts = 5 }) { body in
        // The provider is gone from the 20th item on, for ten minutes.
        if body < 20 || outage.isOver { return .success(answer("\(body)")) }
        return .failure(AttemptError(.network, code: "connect", message: "refused", dispatched: .no))
      }
      await withDiscardingTaskGroup { group in
        group.addImmediateTask { @Loop in _ = try? await world.executor.run() }
        for second in 0..<1_200 where world.sink.outcomes.count < 60 {
          outage.isOver = second > 600
          for _ in 0..<100 { await Task.yield() }
          clock.advance(by: .seconds(1))
        }
        world.executor.stop(reason: "the test is over")
      }
      #expect(world.transport.sends > 60 + 5)
      #expect(world.script.failures.map(\.attempts) == [])
      #expect(world.statistics.value(of: .itemsOK) == .integer(60))
    }
  }

  @Test func `attempts are counted, and the last failure is the item's`() async throws {
    try await onLoop {
      let world = World(
        items: 3, concurrency: 1,
        configure: {
          $0.retry.attempts = 4
          $0.retry.base = .microseconds(1)
        }
      ) { body in
        body == 2
          ? .failure(AttemptError(.server, status: 500, message: "boom", dispatched: .yes))
          : .success(answer("\(body)"))
      }
      _ = try await world.executor.run()
      #expect(world.transport.sends == 2 + 4)
      #expect(world.script.failures.map(\.attempts) == [4])
      #expect(world.statistics.value(of: .retries) == .integer(3))
    }
  }

  @Test func `another model is asked when the first one is out, and only once for all`() async throws {
    try await onLoop {
      let first = ScriptedTransport { _ in
        .failure(AttemptError(.auth, status: 401, message: "no", dispatched: .yes))
      }
      let second = ScriptedTransport { .success(answer("\($0)")) }
      let world = World(items: 50, concurrency: 4, models: [("a", first), ("b", second)]) { _ in nil }
      world.script.fallbacks = ["a", "b"]
      let (end, _) = try await world.executor.run()
      #expect(end == .completed)
      #expect(first.sends == 1)
      #expect(second.sends == 50)
      #expect(world.statistics.value(of: .itemsOK) == .integer(50))
      #expect(world.statistics.modelNames == ["a", "b"])
      #expect(world.statistics.model("b")?.value(of: .requests) == .integer(50))
    }
  }

  @Test func `a model that was left alone is asked again when its time is over, though there is another one`()
    async throws
  {
    let clock = ManualClock()
    try await onLoop {
      let first = ScriptedTransport { body in
        (2...11).contains(body)
          ? .failure(AttemptError(.network, code: "reset", message: "gone", dispatched: .no))
          : .success(answer("\(body)"))
      }
      let second = ScriptedTransport { body in
        if body > 11 { clock.advance(by: .seconds(1)) }
        return .success(answer("\(body)"))
      }
      let world = World(
        items: 2_500, concurrency: 1, clock: clock, configure: { $0.retry.attempts = 1 },
        models: [("a", first), ("b", second)]
      ) { _ in nil }
      world.script.fallbacks = ["a", "b"]
      _ = try await world.executor.run()
      // Ten failures in a row open the breaker: who waits then goes to the second, a thousand at most; who comes when its
      // time is over finds the first again.
      #expect(world.script.models[1...10].allSatisfy { $0 == "b" })
      #expect(second.sends < 1_100)
      #expect(world.script.models.suffix(1_000).allSatisfy { $0 == "a" })
    }
  }

  @Test func `a model that gives up on an item leaves it to the next`() async throws {
    try await onLoop {
      let first = ScriptedTransport { body in
        body % 2 == 0
          ? .failure(AttemptError(.contentFilter, status: 400, message: "no", dispatched: .yes))
          : .success(answer("\(body)"))
      }
      let second = ScriptedTransport { .success(answer("\($0)")) }
      let world = World(items: 20, concurrency: 3, models: [("a", first), ("b", second)]) { _ in nil }
      world.script.fallbacks = ["a", "b"]
      _ = try await world.executor.run()
      #expect((first.sends, second.sends) == (20, 10))
      #expect(world.script.models.count { $0 == "b" } == 10)
    }
  }

  @Test func `items that wait for one model keep none of another back`() async throws {
    let clock = ManualClock()
    try await onLoop {
      let slow = ScriptedTransport { body in
        body < 10 ? .success(answer("\(body)")) : .failure(Self.refused(after: .seconds(600)))
      }
      let fast = ScriptedTransport { .success(answer("\($0)")) }
      let world = World(
        items: 400, concurrency: 2, clock: clock, models: [("slow", slow), ("fast", fast)]
      ) { _ in nil }
      world.script.model = { $0 % 2 == 0 ? "slow" : "fast" }
      await withDiscardingTaskGroup { group in
        group.addImmediateTask { @Loop in _ = try? await world.executor.run() }
        for _ in 0..<5_000 { await Task.yield() }
        #expect(fast.sends == 200)
        #expect(slow.sends < 10)  // held, not asked
        world.executor.stop(reason: "the test is over")
      }
    }
  }

  @Test func `a key that is refused ends the run after one request, and nothing has failed`() async throws {
    try await onLoop {
      let world = World(items: 500, concurrency: 16) { _ in
        .failure(AttemptError(.auth, status: 401, message: "no", dispatched: .yes))
      }
      let (end, _) = try await world.executor.run()
      guard case .aborted(let error) = end else {
        Issue.record("\(end)")
        return
      }
      #expect(error.code == .authentication)
      #expect(world.transport.sends == 1)
      #expect(world.statistics.value(of: .itemsFailed) == .integer(0))
      #expect(world.sink.isAbandoned)
    }
  }

  @Test func `the machine's sleep fails the requests in flight, which are sent again without using an attempt`()
    async throws
  {
    let clock = ManualClock()
    let asleep = Asleep()
    try await onLoop {
      let world = World(
        items: 4, concurrency: 4, clock: clock,
        configure: {
          $0.retry.attempts = 1
          $0.timeAsleep = { asleep.time }
        }
      ) { [asleep] body in
        body == 1 || asleep.time > .zero ? .success(answer("\(body)")) : nil  // nothing, until they are ended
      }
      await withDiscardingTaskGroup { group in
        group.addImmediateTask { @Loop in _ = try? await world.executor.run() }
        for _ in 0..<200 { await Task.yield() }
        asleep.time = .seconds(3_600)
        for _ in 0..<3 {
          clock.advance(by: .seconds(1))
          for _ in 0..<200 { await Task.yield() }
        }
        world.executor.stop(reason: "the test is over")
      }
      #expect(world.statistics.value(of: .itemsOK) == .integer(4))
      #expect(world.transport.sends == 1 + 3 + 3)
    }
  }
}

@Loop
private final class Outage {
  nonisolated(unsafe) var isOver = false  // written between the turns of the one thread that reads it
}

@Loop
private final class Asleep {
  nonisolated(unsafe) var time = Duration.zero  // written between the turns of the one thread that reads it
}
