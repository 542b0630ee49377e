import JobrunModel
import JobrunReactor
import JobrunTestSupport
import Testing

@testable import JobrunExecutor

@Suite struct BudgetedRunTests {
  private static func budget(_ set: (inout BudgetLimits) -> Void) -> BudgetLimits {
    var limits = BudgetLimits()
    set(&limits)
    return limits
  }

  /// A thousandth of a dollar an output token, and nothing else.
  private static let price = Price(input: 0, output: 1_000)

  private static func answer(_ number: Int, output: Int?) -> Result<Answer, AttemptError> {
    .success(.using(output.map { TokenUsage(input: 1, output: $0) }, "\(number)"))
  }

  @Test(arguments: [1, 4, 64])
  func `no request is sent that does not fit, and what the others leave is used to the end`(slots: Int) async throws {
    try await onLoop {
      let world = World(
        items: 200, concurrency: .fixed(slots), price: Self.price,
        configure: { $0.budget = Self.budget { $0.usd = 1 } }
      ) { Self.answer($0, output: 50) }
      world.script.maximumOutput = 100
      let (end, _) = try await world.executor.run()
      // Each reserves 0.1 and takes 0.05: the one behind the nineteenth might take more than is left.
      #expect(world.transport.sends == 19)
      #expect(world.transport.mostInFlight <= 10)
      #expect(world.statistics.value(of: .itemsOK) == .integer(19))
      #expect(world.statistics.value(of: .itemsFailed) == .integer(0))
      guard case .stopped(let error) = end else {
        Issue.record("\(end)")
        return
      }
      #expect(error.code == .stopped)
      #expect(error.message.hasPrefix("the budget of 1 USD is used up: 0.95 USD spent"))
      #expect(world.executor.budgetText == "0.95 of 1 USD")
      #expect(world.sink.isFinished)
      #expect(world.script.alive == 0)
      // The input is not read on when there is nothing left to do with it.
      #expect(world.statistics.itemsBegun < 200 || slots == 64)
    }
  }

  @Test func `requests of failed tries count, and those that never went out do not`() async throws {
    try await onLoop {
      var tries = 0
      let world = World(
        items: 50, concurrency: 1,
        configure: {
          $0.budget = Self.budget { $0.requests = 12 }
          $0.retry.base = .microseconds(1)
        }
      ) { body in
        tries += 1
        switch tries % 4 {
        case 2: return .failure(AttemptError(.server, status: 500, message: "boom", dispatched: .yes))
        case 3: return .failure(AttemptError(.network, code: "stale_connection", message: "gone", dispatched: .no))
        default: return Self.answer(body, output: 1)
        }
      }
      _ = try await world.executor.run()
      #expect(tries == 16)
      #expect(world.executor.budgetText == "12 of 12 requests")
    }
  }

  @Test func `an answer without usage counts as it was reserved, and the journal is told what each counted as`()
    async throws
  {
    try await onLoop {
      let journal = ScriptedJournal()
      journal.spentBefore = Spending(outputTokens: 500)
      let world = World(
        items: 50, concurrency: 2, journal: journal,
        configure: { $0.budget = Self.budget { $0.outputTokens = 1_000 } }
      ) { Self.answer($0, output: $0 == 1 ? 10 : nil) }
      world.script.maximumOutput = 100
      _ = try await world.executor.run()
      #expect(world.transport.sends == 1 + 4)
      #expect(journal.charges.map { $0?.outputTokens } == [10, 100, 100, 100, 100])
    }
  }

  @Test func `what the journal has is used though the budget is used up, then the run ends early`() async throws {
    try await onLoop {
      let journal = ScriptedJournal()
      journal.spentBefore = Spending(requests: 7)
      for number in 21...30 { journal.old["\(number)"] = ["old \(number)"] }
      let world = World(
        items: 10_000, concurrency: 3, journal: journal, configure: { $0.budget = Self.budget { $0.requests = 7 } }
      ) { Self.answer($0, output: 1) }
      let (end, _) = try await world.executor.run()
      #expect(world.transport.sends == 0)
      #expect(world.sink.rows == (21...30).map { "old \($0)" })
      #expect(world.statistics.value(of: .itemsUnfinished) == .integer(20))
      guard case .stopped = end else {
        Issue.record("\(end)")
        return
      }
    }
  }

  @Test func `a used-up budget over a whole journal is a whole run`() async throws {
    try await onLoop {
      let journal = ScriptedJournal()
      journal.spentBefore = Spending(usd: 3, requests: 7)
      for number in 1...30 { journal.old["\(number)"] = ["old \(number)"] }
      let world = World(
        items: 30, concurrency: 3, journal: journal, price: Self.price,
        configure: { $0.budget = Self.budget { $0.usd = 1 } }
      ) { Self.answer($0, output: 1) }
      let end = try await world.executor.run().end
      #expect(end == .completed)
    }
  }

  @Test func `a model without a price is refused before its first request`() async throws {
    try await onLoop {
      let world = World(
        items: 50, concurrency: 4, configure: { $0.budget = Self.budget { $0.usd = 1 } }
      ) { Self.answer($0, output: 1) }
      let (end, _) = try await world.executor.run()
      #expect(world.transport.sends == 0)
      guard case .aborted(let error) = end else {
        Issue.record("\(end)")
        return
      }
      #expect(error.code == .job)
      #expect(error.message == "the model \"m\" has no price, and the budget counts US dollars")
    }
  }

  @Test func `a budget that is set during a run holds for what waits already`() async throws {
    try await onLoop {
      let world = World(items: 100, concurrency: 2) { Self.answer($0, output: 1) }
      world.transport.afterSends = (6, { world.executor.setBudget(Self.budget { $0.requests = 20 }) })
      let (end, _) = try await world.executor.run()
      #expect((18...20).contains(world.transport.sends))
      #expect(end != .completed)
    }
  }

  @Test func `a budget that is raised in time, or taken away, lets the run go on`() async throws {
    try await onLoop {
      for raised in [Self.budget { $0.requests = 1_000 }, nil] {
        let world = World(
          items: 100, concurrency: 2, configure: { $0.budget = Self.budget { $0.requests = 50 } }
        ) { Self.answer($0, output: 1) }
        world.transport.afterSends = (40, { world.executor.setBudget(raised) })
        let end = try await world.executor.run().end
        #expect(end == .completed)
        #expect(world.transport.sends == 100)
      }
    }
  }

  @Test func `what waits for a reservation is told so, and a signal ends the wait`() async throws {
    let clock = ManualClock()
    try await onLoop {
      let world = World(
        items: 50, concurrency: 4, clock: clock, configure: { $0.budget = Self.budget { $0.outputTokens = 250 } }
      ) { $0 == 1 ? Self.answer($0, output: 10) : nil }
      world.script.maximumOutput = 100
      await withDiscardingTaskGroup { group in
        group.addImmediateTask { @Loop in
          let end = try? await world.executor.run().end
          #expect(end == .stopped(RunError(.stopped, "interrupted")))
        }
        for _ in 0..<500 { await Task.yield() }
        #expect(world.executor.requestsInFlight == 2)
        #expect(world.statistics.heldBackNow == .budget)
        world.executor.drain(reason: "interrupted")
        for _ in 0..<100 { await Task.yield() }
        clock.advance(by: .seconds(31))
      }
      #expect(world.transport.sends == 3)
    }
  }

  @Test func `whatever happens to its requests a run ends, and spends no more than it may`() async throws {
    try await onLoop {
      var random = SplitMix64(seed: 11)
      for round in 0..<30 {
        let limit = Double(2 + random.below(40))
        let journal = ScriptedJournal()
        if round % 3 == 0 { for number in 1...20 { journal.old["\(number * 3)"] = ["old"] } }
        let world = World(
          items: 120, concurrency: .fixed(1 + random.below(12)), journal: journal, price: Self.price,
          configure: {
            $0.budget = Self.budget {
              $0.usd = limit / 10
              $0.requests = 70
            }
            $0.retry.base = .microseconds(1)
          }
        ) { body in
          switch random.below(16) {
          case 0: .failure(AttemptError(.server, status: 500, message: "boom", dispatched: .yes))
          case 1: .failure(AttemptError(.badResponse, status: 200, message: "cut", dispatched: .yes))
          case 2: .failure(AttemptError(.contextLength, status: 400, message: "long", dispatched: .yes))
          case 3: Self.answer(body, output: nil)
          default: Self.answer(body, output: random.below(101))
          }
        }
        world.script.maximumOutput = 100
        let (end, _) = try await world.executor.run()
        let charged = journal.charges.reduce(into: Spending()) { $0 += $1 ?? Spending(usd: 1e9) }
        #expect(charged.usd <= limit / 10 * (1 + 1e-6), "round \(round)")
        #expect(charged.requests <= 70 && world.transport.sends <= 70)
        #expect(end != .completed)
        #expect(world.script.alive == 0 && world.executor.requestsInFlight == 0)
        let ended = world.statistics.itemsDone + world.statistics.count(.itemsUnfinished)
        #expect(ended == world.statistics.itemsBegun)
      }
    }
  }
}
