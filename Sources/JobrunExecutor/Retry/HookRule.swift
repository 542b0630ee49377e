internal import JobrunModel

/// Sees from the outcomes of items that a hook is broken, so that a run ends after twenty answers and not after a
/// million. A pure value.
///
/// What counts are items that failed in a hook, one after the other in the order in which they end.
struct HookRule {
  private static let failuresInARow = 20

  /// Such failures may go on for ever (`--keep-going`).
  private let keepsGoing: Bool
  private var inARow = 0

  init(keepsGoing: Bool = false) { self.keepsGoing = keepsGoing }

  /// - Returns: What ends the run; nil: nothing does.
  mutating func judge(_ result: ItemResult) -> RunError? {
    switch result {
    case .failed(let failure) where failure.errorClass == .hook:
      inARow += 1
      return inARow == Self.failuresInARow && !keepsGoing ? broken(failure) : nil
    // The run's end says nothing about the hooks.
    case .unfinished: return nil
    case .ok, .skipped, .failed:
      inARow = 0
      return nil
    }
  }

  private func broken(_ failure: ItemFailure) -> RunError {
    var hint = """
      the answers are in the journal: mend the hook and run the same command again, nothing is bought twice
      --keep-going goes on in spite of it
      """
    if let traceback = failure.traceback { hint = traceback + "\n" + hint }
    let hook = failure.hook.map { "in `\($0)`" } ?? "in a hook"
    return RunError(.job, "\(Self.failuresInARow) items in a row failed \(hook): \(failure.message)", hint: hint)
  }
}
