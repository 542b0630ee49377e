/// An item inside the script engine: valid from `begin` until the engine said `.finished`, or `abandon`.
public struct ScriptItem: Sendable {
  /// The engine's place for it.
  public let slot: Int
  public let id: ItemID

  public init(slot: Int, id: ItemID) {
    self.slot = slot
    self.id = id
  }
}

/// What an item wants next.
public enum ScriptStep: Sendable {
  /// Send this and come back with `resume`.
  case call(ChatRequest)
  /// The item is over; the engine has forgotten it.
  case finished(ItemResult)
}

/// The port to the job's hooks: the core knows an item only by its steps.
///
/// One item's calls alternate: `begin`, then `resume` as often as it asks with `.call`. Items interleave only
/// between these calls, they never run in parallel.
@Loop
public protocol ScriptEngine: AnyObject {
  /// Runs the `setup` hooks.
  func setup() throws(RunError)

  /// Starts an item on its coroutine: `prompt`, then `on_request`.
  func begin(_ record: ItemRecord) -> (item: ScriptItem, step: ScriptStep)

  /// Goes on with an item that asked for a call: `on_reply`, then `parse`; or what a failure means to it.
  func resume(_ item: ScriptItem, with result: Result<Answer, AttemptError>) -> ScriptStep

  /// Ends an item from outside, because the run stops; its hooks do not run on.
  func abandon(_ item: ScriptItem)

  /// Runs the `finish` hooks.
  /// - Returns: files to write beside the output, by name.
  func finish() throws(RunError) -> [(name: String, contents: [UInt8])]
}
