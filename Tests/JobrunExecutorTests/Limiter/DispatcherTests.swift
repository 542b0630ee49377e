import JobrunModel
import JobrunTestSupport
import Testing

@testable import JobrunExecutor

@Suite struct DispatcherTests {
  /// A dispatcher with one scope whose canary is back.
  @Loop
  private struct Desk {
    let clock = ManualClock()
    let dispatcher: Dispatcher
    let scope: ModelScope

    init(_ limits: Limits, concurrency: Concurrency = 1_000, isProven: Bool = true) {
      let statistics = RunStatistics(clock: clock)
      dispatcher = Dispatcher(concurrency, clock: clock, statistics: statistics)
      let route = ModelRoute(key: "m", transport: ScriptedTransport { _ in nil }, endpoint: .test, limits: limits)
      scope = ModelScope(route, keepsGoing: false, statistics: statistics.addModel("m"), now: clock.now)
      if isProven { scope.stopRule.succeededOnce() }
      dispatcher.add(scope)
    }

    /// Runs `body` beside the timers.
    func run(_ body: @Loop (inout DiscardingTaskGroup) async -> Void) async {
      await withDiscardingTaskGroup { group in
        group.addImmediateTask { @Loop in await dispatcher.runTimers() }
        await body(&group)
        dispatcher.close()
        group.cancelAll()
      }
    }

    func settle() async { for _ in 0..<50 { await Task.yield() } }
  }

  private static func tokens(_ count: Double) -> RequestCost {
    RequestCost(input: count, output: 0, leastInput: count, leastOutput: 0)
  }

  @Test func `the canary goes alone, before other requests of its own item, too`() async throws {
    try await onLoop {
      let desk = Desk(Limits(), isProven: false)
      let granted = Granted()
      var permits: [Permit] = []
      await desk.run { group in
        for age in [1, 1, 1, 2] {
          group.addImmediateTask { @Loop in
            let acquired = await desk.dispatcher.acquire(desk.scope, .nothing, age: age, after: nil, hasFallback: false)
            guard case .permit(let permit) = acquired else { return }
            permits.append(permit)
            granted.ages.append(age)
          }
        }
        await desk.settle()
        #expect(granted.ages == [1])
        // It failed and proves nothing: one more of the same item, and again alone.
        let error = AttemptError(.server, status: 500, message: "", dispatched: .yes)
        _ = desk.scope.failed(permits[0], error, isEcho: false, at: desk.clock.now, random: (0, 0))
        desk.dispatcher.release(at: desk.clock.now)
        await desk.settle()
        #expect(granted.ages == [1, 1])
        // The call is over while its sibling is out: nobody else goes either.
        desk.dispatcher.leave(desk.scope, age: 1)
        await desk.settle()
        #expect(granted.ages == [1, 1])
        let answer = Answer(status: 200, headers: [], body: [], reply: ReplyFields(text: []), latency: .zero)
        let request = ChatRequest(body: [], model: "m")
        _ = desk.scope.succeeded(permits[1], request, answer, isRetry: false, at: desk.clock.now)
        desk.dispatcher.release(at: desk.clock.now)
        await desk.settle()
        #expect(granted.ages == [1, 1, 1, 2])
      }
    }
  }

  @Test func `at most 16 smaller requests overtake one that waits for tokens`() async throws {
    try await onLoop {
      var limits = Limits()
      limits.tokens = 6_000  // 95 a second are used, and are there at the start
      let desk = Desk(limits)
      let granted = Granted()
      await desk.run { group in
        for age in 1...30 {
          let cost = Self.tokens(age == 1 ? 900 : 1)
          group.addImmediateTask { @Loop in
            let acquired = await desk.dispatcher.acquire(desk.scope, cost, age: age, after: nil, hasFallback: false)
            if case .permit = acquired { granted.ages.append(age) }
          }
        }
        await desk.settle()
        #expect(granted.ages == Array(2...17))
        desk.clock.advance(by: .seconds(8))
        await desk.settle()
        #expect(granted.ages.count == 16)  // 855 tokens are there: not enough
        desk.clock.advance(by: .seconds(1))
        await desk.settle()
        #expect(granted.ages[16] == 1)
        desk.clock.advance(by: .seconds(1))
        await desk.settle()
        #expect(granted.ages == Array(2...17) + [1] + Array(18...30))
      }
    }
  }

  @Test func `one timer is enough for back-offs and limits, whichever is due first`() async throws {
    try await onLoop {
      var limits = Limits()
      limits.requests = 60
      let desk = Desk(limits, concurrency: 4)
      let granted = Granted()
      await desk.run { group in
        let delays: [Duration?] = [.seconds(40), .seconds(5), nil, .seconds(20), nil]
        for (index, delay) in delays.enumerated() {
          group.addImmediateTask { @Loop in
            let acquired = await desk.dispatcher.acquire(
              desk.scope, .nothing, age: index + 1, after: delay, hasFallback: false)
            if case .permit = acquired { granted.ages.append(index + 1) }
          }
        }
        var times: [Int] = []
        for second in 0...45 {
          await desk.settle()
          while times.count < granted.ages.count {
            times.append(second)
            desk.dispatcher.release(at: desk.clock.now)
          }
          desk.clock.advance(by: .seconds(1))
        }
        #expect(granted.ages == [3, 5, 2, 4, 1])
        #expect(times == [0, 2, 5, 20, 40])
      }
    }
  }

  @Test func `what the journal and the job hold back goes when neither does any more`() async throws {
    try await onLoop {
      let desk = Desk(Limits())
      let granted = Granted()
      await desk.run { group in
        desk.dispatcher.hold(true, by: .journal)
        desk.dispatcher.hold(true, by: .job)
        desk.dispatcher.hold(true, by: .job)
        group.addImmediateTask { @Loop in
          if case .permit = await desk.dispatcher.acquire(desk.scope, .nothing, age: 1, after: nil, hasFallback: false)
          {
            granted.ages.append(1)
          }
        }
        desk.dispatcher.hold(false, by: .job)
        await desk.settle()
        #expect(granted.ages.isEmpty)
        desk.dispatcher.hold(false, by: .journal)
        await desk.settle()
        #expect(granted.ages == [1])
      }
    }
  }

  @Test func `whoever waits is sent away at the end`() async throws {
    try await onLoop {
      let desk = Desk(Limits(), concurrency: 1)
      let ended = Granted()
      await desk.run { group in
        _ = desk.dispatcher.acquireNow(desk.scope, .nothing, age: 1, hasFallback: false, at: desk.clock.now)
        for delay in [nil, Duration.seconds(9)] {
          group.addImmediateTask { @Loop in
            let acquired = await desk.dispatcher.acquire(
              desk.scope, .nothing, age: 2, after: delay, hasFallback: false)
            if case .runEnds = acquired { ended.ages.append(2) }
          }
        }
        desk.dispatcher.close()
        await desk.settle()
        #expect(ended.ages.count == 2)
      }
    }
  }
}

@Loop
private final class Granted {
  var ages: [Int] = []
}

extension Dispatcher {
  fileprivate func acquire(
    _ scope: ModelScope, _ cost: RequestCost, age: Int, after delay: Duration?, hasFallback: Bool
  ) async -> Acquired {
    await withUnsafeContinuation { acquire(scope, cost, age: age, after: delay, hasFallback: hasFallback, $0) }
  }
}
