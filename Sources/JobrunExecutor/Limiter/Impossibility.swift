internal import JobrunModel

extension Limits {
  /// Why a request can never pass, however long it waits: it is larger than the quota of a whole minute. Nil where it can.
  func impossibility(of cost: RequestCost) -> String? {
    impossibility(cost, .total, "tokens") ?? impossibility(cost, .input, "input tokens")
      ?? impossibility(cost, .output, "output tokens")
  }

  private func impossibility(_ cost: RequestCost, _ kind: TokenKind, _ name: String) -> String? {
    guard let limit = self[kind], cost.least(kind) > limit else { return nil }
    let (needed, quota) = (Int(min(cost.least(kind), 1e15)), Int(min(limit, 1e15)))
    return "the request needs \(needed) \(name), the quota is \(quota) a minute"
  }
}
