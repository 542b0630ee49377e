import JobrunModel
import LuaBridge

/// A call that a hook made and that has hooks of its own around it: `on_request` before it, `on_reply` after it.
@Loop
final class NestedCall: Strand {
  /// Its number in the item, from 1: the strand of its `ScriptItem`.
  let number: Int
  /// Where its reply goes in the list of `ctx:call_all`.
  let position: Int
  /// Whether the hooks run.
  let passesHooks: Bool
  /// Whether the job's `schema` is sent along and looked at: in `process`, whose calls are the item's own.
  let seesSchema: Bool
  /// Who waits for it: the strand with this number.
  let caller: Int

  init(number: Int, position: Int, caller: Int, seedPath: Int, passesHooks: Bool, seesSchema: Bool) {
    self.number = number
    self.position = position
    self.caller = caller
    self.passesHooks = passesHooks
    self.seesSchema = seesSchema
    super.init(seedPath: seedPath)
    stage = .onRequest(0)
  }
}
