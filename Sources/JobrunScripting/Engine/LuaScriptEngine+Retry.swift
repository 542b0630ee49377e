import JobrunModel
import LuaBridge

/// Asking for an answer once more.
extension LuaScriptEngine {
  /// As a hook wanted by `ctx:retry`. The hook's frames never go on, so the strand moves to another coroutine.
  func askAgain(_ strand: Strand, of item: RunningItem, _ retry: Strand.Retry) -> ScriptStep {
    let hook = hook(of: strand.stage)
    if let step = noMoreAsks(strand, of: item, { failure(.rejected, retry.reason + $0, in: hook, of: strand) }) {
      return step
    }
    guard let contextType else { return fail(strand, of: item, brokenEngine) }
    let coroutine = state.coroutines.take()
    if let old = strand.move(to: coroutine) { state.coroutines.put(old) }
    let thread = coroutine.thread
    thread.push(retry.item)
    thread.push(contextType, slot: item.slot, generation: item.generation, holding: 1)
    return ask(strand, of: item, on: thread) { thread throws(BadHookResult) in
      if let changes = retry.changes { try self.merge(changes, into: strand, on: thread) }
    }
  }

  /// As the job's `schema` wants it: the answer and what is wrong with it go along.
  ///
  /// Stack: [item, ctx, ..]
  func askAgain(
    _ strand: Strand, of item: RunningItem, _ feedback: AnswerSchema.Feedback, on thread: LuaThread
  ) -> ScriptStep {
    if let step = noMoreAsks(strand, of: item, { failure(.rejected, feedback.reason + $0, in: nil, of: strand) }) {
      return step
    }
    thread.setTop(2)
    return ask(strand, of: item, on: thread) { thread throws(BadHookResult) in
      try self.append(strand.answer?.reply.text, Array(feedback.message.utf8), on: thread)
    }
  }

  /// The model stopped at its output limit, which `truncated` does not accept.
  ///
  /// Stack: [item, ctx]
  func truncated(_ strand: Strand, of item: RunningItem) -> ScriptStep {
    let message = "the model stopped at its output limit"
    guard let thread = strand.coroutine?.thread, job.spec.truncated == .retry else {
      let failure = failure(.truncated, message, in: nil, of: strand)
      return item.canBeDivided(strand) ? divide(item) : fail(strand, of: item, failure)
    }
    if let step = noMoreAsks(strand, of: item, { failure(.truncated, message + $0, in: nil, of: strand) }) {
      return step
    }
    return ask(strand, of: item, on: thread) { thread throws(BadHookResult) in
      for name in OutputLimit.names {
        let type = thread.field(name, of: 3)
        let limit = type == .number ? thread.integer(at: -1) : nil
        thread.pop()
        guard let (larger, overflow) = limit?.multipliedReportingOverflow(by: 2), !overflow else { continue }
        thread.push(larger)
        thread.setField(name)
        return
      }
      throw BadHookResult("\(message), and the request names no `max_tokens` that could be larger")
    }
  }

  /// The end where an answer was asked for as often as it may be; nil where it may be asked again.
  ///
  /// - Parameter failure: Why the item fails, with these words behind it.
  private func noMoreAsks(_ strand: Strand, of item: RunningItem, _ failure: (String) -> ItemFailure) -> ScriptStep? {
    let asks = job.spec.retry.asks
    if strand.ask < asks { return nil }
    if item.canBeDivided(strand) { return divide(item) }
    let count = asks == 1 ? "once" : "\(asks) times"
    return fail(strand, of: item, failure(" (asked \(count), as `retry.asks` allows)"))
  }

  /// Stack: [item, ctx] -> ..
  ///
  /// - Parameter change: Changes the request, which is the table at 3.
  private func ask(
    _ strand: Strand, of item: RunningItem, on thread: LuaThread, change: (LuaThread) throws(BadHookResult) -> Void
  ) -> ScriptStep {
    strand.ask += 1
    if strand === item {
      item.earlier.append((strand.answer, strand.request))
      item.failure = nil
      item.rows.removeLast(max(0, item.rows.count - item.rowsBeforeAnswer))
    }
    services.randomSeed.begin(item.id, step: seedStep(of: strand))
    return run(strand, of: item) { () throws(BadHookResult) in
      try pushBase(of: strand, on: thread)
      try change(thread)
      // The next failure has no answer, whatever came before it.
      strand.answer = nil
      let passesHooks = (strand as? NestedCall)?.passesHooks ?? true
      return passesHooks ? try beginRequest(strand, on: thread) : try send(strand, on: thread)
    }
  }

  /// The request as it was before `on_request`.
  ///
  /// Stack: [item, ctx] -> [item, ctx, request]
  private func pushBase(of strand: Strand, on thread: LuaThread) throws(BadHookResult) {
    guard let request = strand.request else { throw BadHookResult("there is no request to ask again") }
    do {
      try thread.pushJSON(strand.base ?? request.body)
    } catch {
      throw BadHookResult("the request cannot be read again: \(error)")
    }
    if strand.base == nil {
      // In the bytes stands the name that the provider knows.
      thread.push(request.model)
      thread.setField("model")
    }
  }

  /// Stack: [item, ctx, request] -> [item, ctx, request]
  private func merge(_ changes: LuaReference, into strand: Strand, on thread: LuaThread) throws(BadHookResult) {
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
      try append(strand.answer?.reply.text, feedback, on: thread)
    }
    thread.setTop(3)
  }

  /// The list `input` of a request in the form of responses; a text becomes its first message.
  ///
  /// Stack: [item, ctx, request] -> [item, ctx, request, input]
  private func pushInput(on thread: LuaThread) throws(BadHookResult) {
    switch thread.field("input", of: 3) {
    case .table where requestBuilder.forms.api(of: modelName(on: thread)) != .embeddings: return
    case .string:
      thread.newTable(arrayCapacity: 3)
      thread.newTable(fieldCapacity: 2)
      thread.push("user")
      thread.setField("role")
      thread.pushCopy(at: 4)
      thread.setField("content")
      thread.setIndex(1)
      thread.remove(at: 4)
      thread.pushCopy(at: 3)
      thread.pushCopy(at: 4)
      thread.setField("input")
      thread.pop()
    default: throw BadHookResult("the request has no `messages` to append the feedback to")
    }
  }

  /// Stack: [item, ctx, request, ..] -> same
  private func modelName(on thread: LuaThread) -> String {
    thread.field("model", of: 3)
    defer { thread.pop() }
    return thread.string(at: -1) ?? ""
  }

  /// Appends an answer, where there is one, and what is said to it.
  private func append(_ answer: [UInt8]?, _ feedback: [UInt8], on thread: LuaThread) throws(BadHookResult) {
    if thread.field("messages", of: 3) != .table {
      thread.pop()
      try pushInput(on: thread)
    }
    var messages = [("user", feedback)]
    if let answer { messages.insert(("assistant", answer), at: 0) }
    for (role, content) in messages {
      let next = thread.rawLength(at: -1) + 1
      thread.newTable(fieldCapacity: 2)
      thread.push(role)
      thread.setField("role")
      thread.push(content)
      thread.setField("content")
      thread.setIndex(next)
    }
    thread.setTop(3)
  }
}
