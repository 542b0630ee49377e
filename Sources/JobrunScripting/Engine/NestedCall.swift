import JobrunModel
import LuaBridge

/// A call that a hook made and that has hooks of its own around it: `on_request` before it, `on_reply` after it.
@Loop
final class NestedCall: Strand {
  /// Its number in the item, from 1: the strand of its `ScriptItem`.
  let number: Int
  /// Where its reply goes in the list of `ctx:call_all`.
  let position: Int
  /// Whether the hooks run, and `schema` is looked at.
  let passesHooks: Bool
  /// Who waits for it: the strand with this number.
  let caller: Int

  init(number: Int, position: Int, caller: Int, passesHooks: Bool) {
    self.number = number
    self.position = position
    self.caller = caller
    self.passesHooks = passesHooks
    super.init()
    stage = .onRequest(0)
  }
}
