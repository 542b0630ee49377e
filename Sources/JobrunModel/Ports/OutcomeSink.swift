/// The port that outcomes leave through.
@Loop
public protocol OutcomeSink: AnyObject {
  /// Whether an item that begins now would find room: false while the window of unwritten rows is full or the
  /// disk is behind.
  var hasRoom: Bool { get }

  /// Suspends until `hasRoom`.
  func waitForRoom() async throws(RunError)

  /// Takes an item's outcome, in any order; each index exactly once.
  func put(_ outcome: ItemOutcome) throws(RunError)

  /// Writes what is left and puts the output in place. No call may follow.
  func finish() async throws(RunError)

  /// A full disk is waited for no longer: the user wants the end.
  func giveUp()

  /// Writes what it can and leaves it in the `.part` file; an earlier output stays. No call may follow.
  func abandon() async
}
