public import JobrunModel
import LuaBridge

extension LuaScriptEngine {
  public func begin(_ record: ItemRecord) -> (item: ScriptItem, step: ScriptStep) {
    let item = takeItem()
    let coroutine = state.coroutines.take()
    item.begin(record, on: coroutine)
    let step = start(item, record, on: coroutine)
    let handle = ScriptItem(slot: item.slot, id: item.id)
    if case .finished = step { release(item) }
    return (handle, step)
  }

  /// Stack: [] -> [item, ctx]
  private func start(_ item: RunningItem, _ record: ItemRecord, on coroutine: LuaCoroutine) -> ScriptStep {
    let thread = coroutine.thread
    do {
      item.id = try ItemMarshal.pushItem(record, idKey: idKey, on: thread)
    } catch {
      return .finished(.failed(ItemFailure(.badInput, message: error.reason)))
    }
    guard let prompt = hooks.prompt, let contextType else { return brokenEngine }
    thread.push(contextType, slot: item.slot, generation: item.generation, holding: 1)
    services.randomSeed.begin(item.id, step: 0)
    thread.push(prompt.function)
    thread.pushCopy(at: 1)
    thread.pushCopy(at: 2)
    switch run(prompt, arguments: 2, of: item, on: coroutine) {
    case .returned: break
    case .over(let result): return .finished(result)
    case .again: return brokenEngine  // ctx:retry raises where there is no answer
    }
    if thread.type(at: -1) == .boolean, !thread.bool(at: -1) { return .finished(withoutCall(item)) }
    return request(of: item, after: prompt, on: coroutine)
  }

  private var brokenEngine: ScriptStep {
    .finished(.failed(ItemFailure(.hook, message: "the engine has no prompt")))
  }

  /// `prompt` wanted no call.
  private func withoutCall(_ item: RunningItem) -> ItemResult {
    item.rows.isEmpty ? .skipped(reason: "prompt returned false") : .ok(rows: item.rows)
  }

  /// Stack: [item, ctx, result of prompt] -> [item, ctx]
  private func request(of item: RunningItem, after prompt: NamedHook, on coroutine: LuaCoroutine) -> ScriptStep {
    do {
      try requestBuilder.push(promptAt: 3, on: coroutine.thread)
    } catch {
      return .finished(failed(error, in: prompt, of: item))
    }
    coroutine.thread.remove(at: 3)
    return finishedRequest(of: item, after: prompt, on: coroutine)
  }

  /// Stack: [item, ctx, request] -> [item, ctx]
  func finishedRequest(of item: RunningItem, after maker: NamedHook, on coroutine: LuaCoroutine) -> ScriptStep {
    let thread = coroutine.thread
    var hook = maker
    do {
      // What ctx:retry begins with. A request that cannot be encoded yet is refused below.
      if !hooks.onRequest.isEmpty { item.base = try? thread.encodeJSON(at: 3) }
      for next in hooks.onRequest {
        hook = next
        if let end = try replace(by: next, "request", of: item, on: coroutine) {
          return step(after: end, of: item, hook)
        }
      }
      if !hooks.onRequest.isEmpty { requestBuilder.addModel(on: thread) }
      let request = try requestBuilder.encode(requestAt: 3, on: thread)
      thread.setTop(2)
      item.request = request
      return .call(request)
    } catch {
      return .finished(failed(error, in: hook, of: item))
    }
  }

  /// Runs an `on_…` hook on the table on top of the stack, and puts what it returns in its place.
  ///
  /// Stack: [item, ctx, table] -> [item, ctx, table]
  private func replace(
    by hook: NamedHook, _ what: String, of item: RunningItem, on coroutine: LuaCoroutine
  ) throws(BadHookResult) -> HookEnd? {
    let thread = coroutine.thread
    thread.push(hook.function)
    thread.pushCopy(at: 3)
    thread.pushCopy(at: 1)
    thread.pushCopy(at: 2)
    let end = run(hook, arguments: 3, of: item, on: coroutine)
    guard case .returned = end else { return end }
    switch thread.type(at: -1) {
    case .nil: thread.pop()
    case .table: thread.remove(at: 3)
    default: throw BadHookResult.whole("must return a \(what) table or nothing, got \(thread.describe(at: -1))")
    }
    return nil
  }

  public func resume(_ handle: ScriptItem, with result: Result<Answer, AttemptError>) -> ScriptStep {
    guard items.indices.contains(handle.slot), items[handle.slot].isActive,
      let coroutine = items[handle.slot].coroutine
    else { return .finished(.unfinished) }
    let item = items[handle.slot]
    let step: ScriptStep
    switch result {
    case .failure(let error): step = .finished(.failed(ItemFailure(error)))
    case .success(let answer):
      item.answer = answer
      item.rowsBeforeAnswer = item.rows.count
      if !answer.model.isEmpty { item.request = item.request?.request(to: answer.model) }
      step = rows(of: answer, for: item, on: coroutine)
    }
    if case .finished = step { release(item) }
    return step
  }

  /// What follows a hook that did not return.
  private func step(after end: HookEnd, of item: RunningItem, _ hook: NamedHook) -> ScriptStep {
    switch end {
    case .returned: brokenEngine
    case .over(let result): .finished(result)
    case .again(let retry): askAgain(item, retry, hook)
    }
  }

  /// Stack: [item, ctx] -> [..]
  private func rows(of answer: Answer, for item: RunningItem, on coroutine: LuaCoroutine) -> ScriptStep {
    let thread = coroutine.thread
    guard isIntact(thread, height: 2) else {
      return .finished(
        .failed(
          ItemFailure(
            .hook, status: answer.status, message: "the item's coroutine was closed or resumed by the script",
            attempts: answer.attempts, dispatched: .yes)))
    }
    services.randomSeed.begin(item.id, step: 2 * item.ask - 1)
    guard var hook = hooks.onReply.first ?? hooks.parse else {
      return .finished(withDefaultRow(item, output: answer.reply.text, on: thread))
    }
    pushReply(answer, on: thread)
    do throws(BadHookResult) {
      for next in hooks.onReply {
        hook = next
        if let end = try replace(by: next, "reply", of: item, on: coroutine) { return step(after: end, of: item, hook) }
      }
      guard let parse = hooks.parse else {
        thread.field("text", of: 3)
        guard let text = thread.bytes(at: -1) else {
          throw BadHookResult("the reply's text must be a string, got \(thread.describe(at: -1))")
        }
        return .finished(withDefaultRow(item, output: text, on: thread))
      }
      hook = parse
      thread.push(parse.function)
      thread.insert(at: 3)
      thread.pushCopy(at: 1)
      thread.pushCopy(at: 2)
      let end = run(parse, arguments: 3, of: item, on: coroutine)
      guard case .returned = end else { return step(after: end, of: item, hook) }
      let rows = try rowEncoder.rows(ofResultAt: 3, for: item, on: thread)
      return .finished(.ok(rows: item.rows.isEmpty ? rows : item.rows + rows))
    } catch {
      return .finished(failed(error, in: hook, of: item))
    }
  }

  private func withDefaultRow(_ item: RunningItem, output: [UInt8], on thread: LuaThread) -> ItemResult {
    do {
      return .ok(rows: item.rows + [try rowEncoder.defaultRow(for: item, output: output, on: thread)])
    } catch {
      let failure = ItemFailure(
        .badResponse, status: item.answer?.status ?? 0, message: "the row cannot be written: \(error.message)",
        attempts: item.answer?.attempts ?? 0, dispatched: .yes)
      return .failed(failure)
    }
  }

  /// Stack: [item, ctx] -> [item, ctx, reply]
  private func pushReply(_ answer: Answer, on thread: LuaThread) {
    thread.newTable(fieldCapacity: 4)
    thread.push(true)
    thread.setField("ok")
    thread.push(answer.reply.text)
    thread.setField("text")
    thread.pushCopy(at: 2)
    thread.setField(ReplyType.contextKey)
    if let replyMetatable { thread.setMetatable(replyMetatable) }
  }

  public func abandon(_ handle: ScriptItem) {
    guard items.indices.contains(handle.slot) else { return }
    release(items[handle.slot])
  }
}
