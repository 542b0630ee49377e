internal import JobrunModel

/// What a run may still spend. A pure value.
///
/// A request reserves what it may take before it is sent, and settles with what it took. What the provider does not say
/// is taken as reserved; so the budget errs on the side of the user's money.
struct Budget {
  /// Sums of many small numbers are a little off.
  private static let slack = 1e-9

  var limits: BudgetLimits
  private(set) var spent: Spending
  private(set) var reserved = Spending()
  private var reservations = 0

  /// What the budget says to a request.
  enum Verdict: Equatable {
    case fits
    /// Not now; where requests in flight take less than is reserved for them, it does.
    case mayFitLater
    /// Never.
    case usedUp(BudgetLimits.Kind)
  }

  /// - Parameter spent: What was spent before.
  init(_ limits: BudgetLimits, spent: Spending = Spending()) {
    self.limits = limits
    self.spent = spent
  }

  func judge(_ demand: Spending) -> Verdict {
    var verdict = Verdict.fits
    for kind in BudgetLimits.Kind.allCases {
      guard let limit = limits[kind], demand[kind] > 0 else { continue }
      let allowed = limit * (1 + Self.slack)
      // Not the other way round: what is no number does not fit.
      guard spent[kind] + demand[kind] <= allowed else { return .usedUp(kind) }
      if !(spent[kind] + reserved[kind] + demand[kind] <= allowed) { verdict = .mayFitLater }
    }
    return verdict
  }

  /// - Returns: false where it does not fit; nothing is reserved then.
  mutating func reserve(_ demand: Spending) -> Bool {
    guard judge(demand) == .fits else { return false }
    reserved += demand
    reservations += 1
    return true
  }

  /// A request has ended.
  mutating func settle(_ reservation: Spending, actual: Spending) {
    release(reservation)
    spend(actual)
  }

  /// A request was not sent, after all.
  mutating func release(_ reservation: Spending) {
    reservations -= 1
    // The rest that rounding leaves must not add up.
    if reservations <= 0 { (reservations, reserved) = (0, Spending()) } else { reserved -= reservation }
  }

  /// Counts what nothing was reserved for.
  mutating func spend(_ actual: Spending) { spent += actual }

  // MARK: Demands and charges

  /// What a request may take: all output that it allows, else what is usual.
  static func demand(of cost: RequestCost, price: Price?) -> Spending {
    let (input, output) = (max(cost.input, cost.leastInput), max(cost.output, cost.leastOutput, 0))
    // A price for cached input above that for other input is believed, too.
    let inputPrice = price.map { max($0.input, $0.cached ?? 0) }
    return Spending(
      usd: (input * (inputPrice ?? 0) + output * (price?.output ?? 0)) / 1e6, inputTokens: input,
      outputTokens: output, requests: 1)
  }

  /// What a request that has ended counts as.
  ///
  /// - Parameter reserved: What was reserved; nil: the budget was set while it was in flight.
  static func charge(for result: Result<Answer, AttemptError>, reserved: Spending?, price: Price?) -> Spending {
    let unknown = reserved ?? Spending(requests: 1)
    switch result {
    case .success(let answer):
      guard let usage = answer.usage, usage.isPlausible else { return unknown }
      return Spending(
        usd: max(0, price?.cost(of: usage) ?? 0), inputTokens: Double(usage.input),
        outputTokens: Double(usage.output), requests: 1)
    case .failure(let error):
      if error.dispatched == .no { return Spending() }
      // A refusal is free. A success that could not be used, and what broke off, may have been billed.
      let isBilled = error.mayBeBilled || [0, 408].contains(error.status) || (200..<300).contains(error.status)
      return isBilled ? unknown : Spending(requests: 1)
    }
  }

  // MARK: Words

  /// Why a request that never fits ends the run.
  func usedUp(_ kind: BudgetLimits.Kind, by demand: Spending) -> RunError {
    let field = "`budget.\(kind.rawValue)`"
    let limit = Self.text(limits[kind] ?? 0, kind)
    let option = kind == .usd ? ", or --budget-usd," : ""
    if spent[kind] <= 0 {
      return RunError(
        .stopped, "the budget of \(limit) is too small for one request: it may take \(Self.text(demand[kind], kind))",
        hint: "raise \(field)\(option) or lower the request's `max_tokens`")
    }
    return RunError(
      .stopped,
      "the budget of \(limit) is used up: \(Self.text(spent[kind], kind)) spent, "
        + "and the next request may take \(Self.text(demand[kind], kind))",
      hint: "raise \(field)\(option) and run the same command again: what was bought is in the journal")
  }

  /// What is spent of each limit, of all runs with the journal: `1.25 of 5 USD, 80 of 100 requests`.
  var text: String {
    BudgetLimits.Kind.allCases.compactMap { kind in
      limits[kind].map { "\(Self.number(spent[kind])) of \(Self.text($0, kind))" }
    }.joined(separator: ", ")
  }

  static func text(_ amount: Double, _ kind: BudgetLimits.Kind) -> String {
    let unit =
      switch kind {
      case .usd: "USD"
      case .inputTokens: "input tokens"
      case .outputTokens: "output tokens"
      case .requests: "requests"
      }
    return "\(number(amount)) \(unit)"
  }

  /// With at most six digits behind the point, and none that say nothing.
  private static func number(_ amount: Double) -> String {
    guard amount == 0 || (1e-6..<1e12).contains(amount) else { return "\(amount)" }
    let millionths = Int((amount * 1e6).rounded())
    let (whole, rest) = (millionths / 1_000_000, millionths % 1_000_000)
    if rest == 0 { return "\(whole)" }
    var fraction = String(rest)
    fraction = String(repeating: "0", count: 6 - fraction.count) + fraction
    while fraction.hasSuffix("0") { fraction.removeLast() }
    return "\(whole).\(fraction)"
  }
}
