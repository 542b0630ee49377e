import JobrunModel
import LuaBridge

extension LuaScriptEngine {
  /// Asks for an item's answer once more, as a hook wanted by `ctx:retry`.
  ///
  /// The hook's frames never go on, so the item moves to another coroutine.
  func askAgain(_ item: RunningItem, _ retry: RunningItem.Retry, _ hook: NamedHook) -> ScriptStep {
    item.ending = nil
    let asks = job.spec.retry.asks
    guard item.ask < asks, let contextType else {
      let count = asks == 1 ? "once" : "\(asks) times"
      return .finished(
        .failed(failure(.rejected, "\(retry.reason) (asked \(count), as `retry.asks` allows)", in: hook, of: item)))
    }
    item.ask += 1
    item.rows.removeLast(max(0, item.rows.count - item.rowsBeforeAnswer))
    let coroutine = state.coroutines.take()
    if let old = item.move(to: coroutine) { state.coroutines.put(old) }
    let thread = coroutine.thread
    thread.push(retry.item)
    thread.push(contextType, slot: item.slot, generation: item.generation, holding: 1)
    services.randomSeed.begin(item.id, step: 2 * item.ask - 2)
    do throws(BadHookResult) {
      try pushBase(of: item, on: thread)
      if let changes = retry.changes { try merge(changes, into: item, on: thread) }
    } catch {
      return .finished(failed(error, in: hook, of: item))
    }
    return finishedRequest(of: item, after: hook, on: coroutine)
  }

  /// The request as it was before `on_request`.
  ///
  /// Stack: [item, ctx] -> [item, ctx, request]
  private func pushBase(of item: RunningItem, on thread: LuaThread) throws(BadHookResult) {
    guard let request = item.request else { throw BadHookResult("there is no request to ask again") }
    do {
      try thread.pushJSON(item.base ?? request.body)
    } catch {
      throw BadHookResult("the request cannot be read again: \(error)")
    }
    if item.base == nil {
      // In the bytes stands the name that the provider knows.
      thread.push(request.model)
      thread.setField("model")
    }
  }

  /// Stack: [item, ctx, request] -> [item, ctx, request]
  private func merge(_ changes: LuaReference, into item: RunningItem, on thread: LuaThread) throws(BadHookResult) {
    thread.push(changes)
    // A copy: the walk below must not meet a table that finalizers can change.
    try ScriptTable.pushCopy(of: 4, on: thread)
    thread.remove(at: 4)
    var walk = ScriptTable.Walk(4, on: thread)
    while walk.next() {
      guard let name = thread.type(at: -2) == .string ? thread.string(at: -2) : nil else {
        throw BadHookResult("ctx:retry: changes by name expected, got the key \(thread.describe(at: -2))")
      }
      if name == "feedback" { continue }
      thread.pushCopy(at: 3)
      thread.pushCopy(at: -2)
      thread.setField(name)
      thread.pop()
    }
    if thread.field("feedback", of: 4) != .nil {
      guard let feedback = thread.bytes(at: -1) else {
        throw BadHookResult("ctx:retry: feedback: string expected, got \(thread.describe(at: -1))")
      }
      try append([("assistant", item.answer?.reply.text ?? []), ("user", feedback)], on: thread)
    }
    thread.setTop(3)
  }

  private func append(_ messages: [(role: String, content: [UInt8])], on thread: LuaThread) throws(BadHookResult) {
    guard thread.field("messages", of: 3) == .table else {
      throw BadHookResult("ctx:retry: the request has no `messages` to append the feedback to")
    }
    for message in messages {
      let next = thread.rawLength(at: -1) + 1
      thread.newTable(fieldCapacity: 2)
      thread.push(message.role)
      thread.setField("role")
      thread.push(message.content)
      thread.setField("content")
      thread.setIndex(next)
    }
  }
}
