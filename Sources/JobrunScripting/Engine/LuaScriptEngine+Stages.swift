import JobrunModel
import LuaBridge

/// The stages of a strand: what follows what.
extension LuaScriptEngine {
  /// What comes after a hook that returned.
  enum Next {
    /// This hook; it and its arguments are on the stack.
    case hook(NamedHook, arguments: Int)
    case step(ScriptStep)
    indirect case failed(ItemFailure)
  }

  /// Runs a strand on, from a hook's end to whatever it wants next.
  func run(_ strand: Strand, of item: RunningItem, after end: HookEnd) -> ScriptStep {
    var end = end
    while true {
      switch end {
      case .returned:
        let next: Next
        do throws(BadHookResult) {
          next = try follow(strand, of: item)
        } catch {
          next = .failed(failure(error, of: strand))
        }
        switch next {
        case .hook(let hook, let arguments): end = start(hook, arguments: arguments, strand, of: item)
        case .step(let step): return step
        case .failed(let failure): return fail(strand, of: item, failure)
        }
      case .waits(.call(let request)):
        strand.heldCall = request
        return .call(request)
      case .waits(.sleep(let duration)): return .sleep(duration)
      case .waits(.calls(let calls)):
        let branches: [ScriptBranch]
        switch begin(calls, for: strand, of: item) {
        case .begun(let begun): branches = begun
        case .over(let step): return step
        }
        guard let isDone = finishedBeginning(strand, of: item) else { return .wait }
        guard isDone else { return .fork(branches) }
        end = goOnWithReplies(strand, of: item)
      case .waits: return fail(strand, of: item, brokenEngine)
      case .failed(let failure): return fail(strand, of: item, failure)
      case .over(.failed(let failure)): return ofItem(fail(item, failure), item, from: strand)
      case .over(let result): return self.end(item, result)
      case .again(let retry): return askAgain(strand, of: item, retry)
      }
    }
  }

  /// A step of the item itself, where another strand's handle is the one that it would be taken for.
  private func ofItem(_ step: ScriptStep, _ item: RunningItem, from strand: Strand) -> ScriptStep {
    guard strand !== item else { return step }
    switch step {
    case .call, .sleep: return .fork([ScriptBranch(item: item.handle(of: item), step: step)])
    case .fork, .wait, .finished, .finishedPack, .divided: return step
    }
  }

  /// Runs a strand on from what comes next.
  func run(
    _ strand: Strand, of item: RunningItem, _ next: () throws(BadHookResult) -> Next
  ) -> ScriptStep {
    do throws(BadHookResult) {
      switch try next() {
      case .hook(let hook, let arguments):
        return run(strand, of: item, after: start(hook, arguments: arguments, strand, of: item))
      case .step(let step): return step
      case .failed(let failure): return fail(strand, of: item, failure)
      }
    } catch {
      return fail(strand, of: item, failure(error, of: strand))
    }
  }

  /// Stack: [item, ctx, .., result] -> ..
  private func follow(_ strand: Strand, of item: RunningItem) throws(BadHookResult) -> Next {
    guard let thread = strand.coroutine?.thread else { return .failed(brokenEngine) }
    switch strand.stage {
    case .prompt:
      if thread.type(at: -1) == .boolean, !thread.bool(at: -1) { return .step(withoutCall(item)) }
      try requestBuilder.push(promptAt: 3, on: thread)
      thread.remove(at: 3)
      if let schema { schema.addFormat(toRequestAt: 3, on: thread) }
      return try beginRequest(strand, on: thread)
    case .onRequest(let place):
      try replace("request", on: thread)
      return try beforeRequest(place + 1, strand, on: thread)
    case .onReply(let place):
      try replace("reply", on: thread)
      return try afterReply(place + 1, strand, of: item)
    case .process, .parse: return .step(try withResult(of: item, on: thread))
    case .onError(let place): return try afterError(place, item, on: thread)
    case .setup(let place): return afterRunHook(place + 1, of: hooks.setup, item, on: thread)
    case .finish(let place):
      try takeFiles(on: thread)
      return afterRunHook(place + 1, of: hooks.finish, item, on: thread)
    case .call: return .failed(brokenEngine)
    }
  }

  /// `prompt` wanted no call.
  private func withoutCall(_ item: RunningItem) -> ScriptStep {
    end(item, item.rows.isEmpty ? .skipped(reason: "prompt returned false") : .ok(rows: item.rows))
  }

  // MARK: The request

  /// Stack: [item, ctx, request] -> ..
  func beginRequest(_ strand: Strand, on thread: LuaThread) throws(BadHookResult) -> Next {
    strand.stage = .onRequest(0)
    // What ctx:retry begins with. A request that cannot be encoded yet is refused below.
    if !hooks.onRequest.isEmpty { strand.base = try? thread.encodeJSON(at: 3) }
    return try beforeRequest(0, strand, on: thread)
  }

  /// The hook `on_request` at this place, or the call.
  ///
  /// Stack: [item, ctx, request] -> ..
  private func beforeRequest(_ place: Int, _ strand: Strand, on thread: LuaThread) throws(BadHookResult) -> Next {
    if place < hooks.onRequest.count {
      strand.stage = .onRequest(place)
      return pushHook(hooks.onRequest[place], on: thread)
    }
    if !hooks.onRequest.isEmpty { requestBuilder.addModel(on: thread) }
    return try send(strand, on: thread)
  }

  /// Stack: [item, ctx, request] -> [item, ctx]
  func send(_ strand: Strand, on thread: LuaThread) throws(BadHookResult) -> Next {
    let request = try requestBuilder.encode(requestAt: 3, on: thread)
    thread.setTop(2)
    if let item = strand as? RunningItem { item.rowsBeforeAnswer = item.rows.count }
    strand.request = request
    strand.stage = .call
    return .step(.call(request))
  }

  /// Stack: [item, ctx, table] -> [item, ctx, table, hook, table, item, ctx]
  private func pushHook(_ hook: NamedHook, on thread: LuaThread) -> Next {
    thread.push(hook.function)
    thread.pushCopy(at: 3)
    thread.pushCopy(at: 1)
    thread.pushCopy(at: 2)
    return .hook(hook, arguments: 3)
  }

  /// Puts what an `on_…` hook returned in the place of its table.
  ///
  /// Stack: [item, ctx, table, result] -> [item, ctx, table]
  private func replace(_ what: String, on thread: LuaThread) throws(BadHookResult) {
    switch thread.type(at: -1) {
    case .nil: thread.pop()
    case .table: thread.remove(at: 3)
    default: throw BadHookResult.whole("must return a \(what) table or nothing, got \(thread.describe(at: -1))")
    }
  }

  // MARK: The answer

  /// An answer came for the strand's own request.
  func answered(_ strand: Strand, of item: RunningItem, by answer: Answer) -> ScriptStep {
    strand.answer = answer
    if strand === item { item.rowsBeforeAnswer = item.rows.count }
    if !answer.model.isEmpty, answer.model != strand.request?.model {
      strand.request = strand.request?.request(to: answer.model)
    }
    guard let thread = strand.coroutine?.thread, isIntact(thread, height: 2) else {
      return fail(
        strand, of: item,
        ItemFailure(
          .hook, status: answer.status, message: "the item's coroutine was closed or resumed by the script",
          attempts: answer.attempts, dispatched: .yes))
    }
    if job.spec.truncated != .accept, answer.reply.isTruncated { return truncated(strand, of: item) }
    services.randomSeed.begin(item.id, step: seedStep(of: strand))
    let isNested = strand !== item
    if hooks.onReply.isEmpty, hooks.parse == nil, schema == nil, !isNested {
      return withDefaultRow(item, output: answer.reply.text, on: thread)
    }
    pushReply(answer, strand, of: item, on: thread)
    return run(strand, of: item) { () throws(BadHookResult) in try afterReply(0, strand, of: item) }
  }

  /// The hook `on_reply` at this place; then the schema; then `parse`, or the end.
  ///
  /// Stack: [item, ctx, reply] -> ..
  private func afterReply(_ place: Int, _ strand: Strand, of item: RunningItem) throws(BadHookResult) -> Next {
    guard let thread = strand.coroutine?.thread else { return .failed(brokenEngine) }
    let nested = strand as? NestedCall
    if place < hooks.onReply.count, nested?.passesHooks ?? true {
      strand.stage = .onReply(place)
      return pushHook(hooks.onReply[place], on: thread)
    }
    strand.stage = .parse
    if let schema, nested?.seesSchema ?? true, let feedback = schema.feedback(forReplyAt: 3, strand.request, on: thread)
    {
      return .step(askAgain(strand, of: item, feedback, on: thread))
    }
    if let nested { return .step(deliver(nested, in: item, on: thread)) }
    guard let parse = hooks.parse else {
      strand.stage = .onReply(max(0, hooks.onReply.count - 1))
      thread.field("text", of: 3)
      guard let text = thread.bytes(at: -1) else {
        throw BadHookResult("the reply's text must be a string, got \(thread.describe(at: -1))")
      }
      return .step(withDefaultRow(item, output: text, on: thread))
    }
    thread.push(parse.function)
    thread.insert(at: 3)
    thread.pushCopy(at: 1)
    thread.pushCopy(at: 2)
    return .hook(parse, arguments: 3)
  }

  /// Stack: [item, ctx] -> [item, ctx, reply]
  private func pushReply(_ answer: Answer, _ strand: Strand, of item: RunningItem, on thread: LuaThread) {
    if strand !== item {
      return pushKeptReply(answer, strand.request, on: thread)
    }
    thread.newTable(fieldCapacity: 4)
    thread.push(true)
    thread.setField("ok")
    thread.push(answer.reply.text)
    thread.setField("text")
    thread.pushCopy(at: 2)
    thread.setField(ReplyType.contextKey)
    if item.ask > 1 {
      thread.push(item.ask)
      thread.setField(ReplyType.askKey)
    }
    if let replyMetatable { thread.setMetatable(replyMetatable) }
  }

  // MARK: The end

  /// What `parse` or `process` returned.
  ///
  /// Stack: [item, ctx, result]
  private func withResult(of item: RunningItem, on thread: LuaThread) throws(BadHookResult) -> ScriptStep {
    if let pack = item.pack { return try withPackResult(of: item, pack, on: thread) }
    let rows = try rowEncoder.rows(ofResultAt: 3, id: item.id, on: thread)
    return end(item, .ok(rows: item.rows.isEmpty ? rows : item.rows + rows))
  }

  private func withDefaultRow(_ item: RunningItem, output: [UInt8], on thread: LuaThread) -> ScriptStep {
    do {
      return end(item, .ok(rows: item.rows + [try rowEncoder.defaultRow(for: item, output: output, on: thread)]))
    } catch {
      return fail(
        item,
        ItemFailure(
          .badResponse, status: item.answer?.status ?? 0, message: "the row cannot be written: \(error.message)",
          attempts: item.answer?.attempts ?? 0, dispatched: .yes))
    }
  }
}
