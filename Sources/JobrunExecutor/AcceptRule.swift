internal import JobrunModel

/// Ends a run once it has as many rows as are wanted. A pure value.
struct AcceptRule {
  /// `accept` of the job.
  let wanted: Int
  private(set) var rows = 0

  init(_ wanted: Int) { self.wanted = wanted }

  /// - Returns: Whether this item's rows are those that were still missing.
  mutating func isReached(by result: ItemResult) -> Bool {
    guard case .ok(let added) = result else { return false }
    let before = rows
    rows += added.count
    return before < wanted && rows >= wanted
  }
}
