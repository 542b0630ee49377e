import JobrunModel
import Testing

@testable import JobrunExecutor

@Suite struct BudgetTests {
  private static func limits(_ kind: BudgetLimits.Kind, _ limit: Double) -> BudgetLimits {
    var limits = BudgetLimits()
    limits[kind] = limit
    return limits
  }

  /// So much of one kind.
  private static func amount(_ kind: BudgetLimits.Kind, _ amount: Double) -> Spending {
    Spending(
      usd: kind == .usd ? amount : 0, inputTokens: kind == .inputTokens ? amount : 0,
      outputTokens: kind == .outputTokens ? amount : 0, requests: kind == .requests ? amount : 0)
  }

  @Test(arguments: BudgetLimits.Kind.allCases)
  func `what is reserved is kept for its request until it has settled`(kind: BudgetLimits.Kind) {
    var budget = Budget(Self.limits(kind, 10), spent: Self.amount(kind, 2))
    let demand = Self.amount(kind, 4)
    let first = budget.reserve(demand)
    let second = budget.reserve(demand)
    let third = budget.reserve(demand)
    #expect([first, second, third] == [true, true, false])
    #expect(budget.judge(demand) == .mayFitLater)
    budget.settle(demand, actual: Self.amount(kind, 1))
    #expect(budget.judge(Self.amount(kind, 3)) == .fits)
    #expect(budget.judge(demand) == .mayFitLater)
    budget.settle(demand, actual: demand)
    #expect(budget.judge(Self.amount(kind, 3)) == .fits)
    #expect(budget.judge(demand) == .usedUp(kind))
    #expect(budget.spent[kind] == 7)
    #expect(budget.reserved == Spending())
  }

  @Test func `what can never fit is told at once, whatever is in flight`() {
    var budget = Budget(Self.limits(.usd, 1), spent: Self.amount(.usd, 0.5))
    let isReserved = budget.reserve(Self.amount(.usd, 0.25))
    #expect(isReserved)
    #expect(budget.judge(Self.amount(.usd, 0.6)) == .usedUp(.usd))
  }

  @Test func `what a limit does not count fits beyond it`() {
    let budget = Budget(Self.limits(.usd, 1), spent: Self.amount(.usd, 3))
    #expect(budget.judge(Spending(inputTokens: 1e9, outputTokens: 1e9, requests: 1)) == .fits)
    #expect(budget.judge(Self.amount(.usd, 1e-9)) == .usedUp(.usd))
  }

  @Test func `a released reservation leaves nothing, and sums of small numbers fit exactly`() {
    var budget = Budget(Self.limits(.usd, 1))
    for _ in 0..<10 {
      let isReserved = budget.reserve(Self.amount(.usd, 0.1))
      #expect(isReserved)
    }
    for _ in 0..<10 { budget.release(Self.amount(.usd, 0.1)) }
    #expect(budget.reserved == Spending())
    #expect(budget.judge(Self.amount(.usd, 1)) == .fits)
  }

  @Test(arguments: [Double.nan, .infinity])
  func `what is no number never fits`(amount: Double) {
    var spent = Spending()
    spent.usd = amount
    #expect(Budget(Self.limits(.usd, 1), spent: spent).judge(Self.amount(.usd, 0.1)) == .usedUp(.usd))
    if amount > 0 { #expect(Budget(Self.limits(.usd, 1)).judge(Self.amount(.usd, amount)) == .usedUp(.usd)) }
  }

  @Test func `where no request takes more than it reserved, the limit holds, and reservations add up`() {
    var random = SplitMix64(seed: 7)
    for _ in 0..<200 {
      let limit = 1 + 99 * random.uniform()
      var budget = Budget(Self.limits(.usd, limit))
      var open: [Spending] = []
      for _ in 0..<300 {
        let demand = Self.amount(.usd, 10 * random.uniform())
        if random.chance(0.6) {
          if budget.reserve(demand) { open.append(demand) }
        } else if !open.isEmpty {
          let ended = open.remove(at: random.below(open.count))
          budget.settle(ended, actual: Self.amount(.usd, ended.usd * random.uniform()))
        }
        #expect(budget.spent.usd + budget.reserved.usd <= limit * (1 + 1e-6))
        #expect(abs(budget.reserved.usd - open.reduce(0) { $0 + $1.usd }) < 1e-6)
      }
    }
  }

  @Test func `a request reserves all the output that it allows, at the dearer of its prices`() {
    let price = Price(input: 2, output: 10, cached: 3)
    let cost = RequestCost(input: 100, output: 20, leastInput: 100, leastOutput: 500)
    #expect(
      Budget.demand(of: cost, price: price)
        == Spending(usd: (100 * 3 + 500 * 10) / 1e6, inputTokens: 100, outputTokens: 500, requests: 1))
    #expect(Budget.demand(of: cost, price: nil).usd == 0)
  }

  private static let reserved = Spending(usd: 9, inputTokens: 9, outputTokens: 9, requests: 1)
  private static let charges: [(Result<Answer, AttemptError>, Spending)] = [
    (
      .success(.using(TokenUsage(input: 1_000, output: 100))),
      Spending(usd: 0.003, inputTokens: 1_000, outputTokens: 100, requests: 1)
    ),
    (.success(.using(nil)), reserved),
    (.success(.using(TokenUsage(input: -5, output: 0))), reserved),
    (.success(.using(TokenUsage(input: 1 << 39, output: 0))), reserved),
    (.failure(AttemptError(.network, message: "", dispatched: .no)), Spending()),
    (.failure(AttemptError(.network, message: "", dispatched: .maybe)), reserved),
    (.failure(AttemptError(.timeout, status: 408, message: "", dispatched: .maybe)), reserved),
    (.failure(AttemptError(.badResponse, status: 200, message: "", dispatched: .yes)), reserved),
    (.failure(AttemptError(.contentFilter, status: 200, message: "", dispatched: .yes)), reserved),
    (.failure(AttemptError(.server, status: 500, message: "", dispatched: .yes)), Spending(requests: 1)),
    (.failure(AttemptError(.rateLimit, status: 429, message: "", dispatched: .yes)), Spending(requests: 1)),
    (.failure(AttemptError(.badRequest, status: 400, message: "", dispatched: .yes)), Spending(requests: 1)),
    (.failure(AttemptError(.badRequest, status: 302, message: "", dispatched: .yes)), Spending(requests: 1)),
  ]

  @Test(arguments: charges)
  func `what the provider does not say counts as it was reserved`(
    result: Result<Answer, AttemptError>, expected: Spending
  ) {
    let price = Price(input: 1, output: 20)
    let charge = Budget.charge(for: result, reserved: Self.reserved, price: price)
    #expect(abs(charge.usd - expected.usd) < 1e-12)
    #expect(
      (charge.inputTokens, charge.outputTokens, charge.requests)
        == (expected.inputTokens, expected.outputTokens, expected.requests))
  }

  @Test(arguments: [
    (
      BudgetLimits.Kind.usd, 5.0, 4.9921, 0.0123,
      "the budget of 5 USD is used up: 4.9921 USD spent, and the next request may take 0.0123 USD"
    ),
    (.usd, 0.5, 0, 3, "the budget of 0.5 USD is too small for one request: it may take 3 USD"),
    (
      .inputTokens, 1e6, 999_990, 45,
      "the budget of 1000000 input tokens is used up: 999990 input tokens spent, and the next request may take 45 input tokens"
    ),
    (
      .requests, 10, 10, 1,
      "the budget of 10 requests is used up: 10 requests spent, and the next request may take 1 requests"
    ),
    (
      .usd, 1e-9, .infinity, 1e300,
      "the budget of 1e-09 USD is used up: inf USD spent, and the next request may take 1e+300 USD"
    ),
  ])
  func `the end of a budget is told with its numbers`(
    kind: BudgetLimits.Kind, limit: Double, spent: Double, demand: Double, expected: String
  ) {
    let budget = Budget(Self.limits(kind, limit), spent: Self.amount(kind, spent))
    let error = budget.usedUp(kind, by: Self.amount(kind, demand))
    #expect(error.code == .stopped)
    #expect(error.message == expected)
    #expect(error.hint?.contains("`budget.\(kind.rawValue)`") == true)
    #expect(error.hint?.contains("--budget-usd") == (kind == .usd))
  }
}

extension Answer {
  /// An answer with this usage.
  static func using(_ usage: TokenUsage?, _ text: String = "") -> Answer {
    Answer(
      status: 200, headers: [], body: [], reply: ReplyFields(text: Array(text.utf8), usage: usage),
      latency: .milliseconds(5))
  }
}
