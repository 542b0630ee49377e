internal import JobrunModel

extension Dispatcher {
  /// Sets the budget, or other limits of it. Whoever waits is judged anew.
  ///
  /// - Parameter spent: What was spent before, where there was no budget yet.
  func setBudget(_ limits: BudgetLimits?, spent: @autoclosure () -> Spending) {
    if budget != nil {
      // What was reserved and spent stays counted.
      budget?.limits = limits ?? BudgetLimits()
    } else if let limits {
      budget = Budget(limits, spent: spent())
      for scope in scopes { scope.countsSpending = true }
    }
    pump(at: clock.now)
  }

  func fitsBudget(_ cost: RequestCost, of scope: ModelScope) -> Bool {
    guard let budget, let size = cost.size, isPriced(scope) else { return false }
    return budget.judge(scope.demand(of: size)) == .fits
  }

  /// What the budget says to a request that the limits let go.
  func admitToBudget(_ cost: RequestCost, of scope: ModelScope) -> Admission {
    // Without a size it waits since before there was a budget: it is sent back to be estimated.
    guard let budget, let size = cost.size else { return .go }
    guard isPriced(scope) else {
      budgetProblem = Self.unpriced(scope.route.key)
      return .wait(.forAnEvent, for: .budget)
    }
    let demand = scope.demand(of: size)
    switch budget.judge(demand) {
    case .fits: return .go
    case .mayFitLater: break
    case .usedUp(let kind): budgetProblem = budget.usedUp(kind, by: demand)
    }
    return .wait(.forAnEvent, for: .budget)
  }

  /// Reserves what `admitToBudget` or `fitsBudget` let go, at the same instant.
  func reserve(_ cost: RequestCost, of scope: ModelScope) -> Spending? {
    guard let size = cost.size else { return nil }
    let demand = scope.demand(of: size)
    return budget?.reserve(demand) == true ? demand : nil
  }

  /// A request has ended; its slot is still to be given back, which lets others go.
  ///
  /// - Returns: what it counts as; nil without a budget.
  func settleBudget(_ permit: Permit, _ result: Result<Answer, AttemptError>) -> Spending? {
    if budget == nil { return nil }
    let charge = Budget.charge(for: result, reserved: permit.reserved, price: permit.scope.route.price)
    if let reserved = permit.reserved {
      budget?.settle(reserved, actual: charge)
    } else {
      budget?.spend(charge)
    }
    return charge
  }

  func reportBudgetProblem() {
    guard let problem = budgetProblem else { return }
    budgetProblem = nil
    outOfBudget?(problem)
  }

  private func isPriced(_ scope: ModelScope) -> Bool { budget?.limits.usd == nil || scope.route.price != nil }

  private static func unpriced(_ model: String) -> RunError {
    RunError(
      .job, "the model \"\(model)\" has no price, and the budget counts US dollars",
      hint: "give it one in the job's `models`: price = { input = …, output = … }, in US dollars a million tokens")
  }
}
