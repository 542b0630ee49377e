import JobrunModel
import LuaBridge

/// Calls that hooks make: `ctx:call`, `ctx:call_all`, `run:call`.
extension LuaScriptEngine {
  /// What a hook's call wishes for.
  ///
  /// Stack of the hook: [.., request.., ] -> same
  ///
  /// - Parameter requests: Where the requests stand, as `prompt` returns them.
  /// - Throws: `BadHookResult` where one is none.
  func wish(
    forRequestsAt requests: [Int32], isList: Bool, _ strand: Strand, of item: RunningItem, on thread: LuaThread
  ) throws(BadHookResult) -> Strand.Wish {
    let passesHooks = !strand.stage.isAroundRequest && strand === item
    let seesSchema = schema != nil && strand === item && strand.stage.isProcess
    let hasStages = passesHooks && !(hooks.onRequest.isEmpty && hooks.onReply.isEmpty && !seesSchema)
    if !isList, !hasStages, job.spec.truncated != .retry {
      try requestBuilder.push(promptAt: requests[0], on: thread)
      defer { thread.pop() }
      return .call(try requestBuilder.encode(requestAt: thread.top, on: thread))
    }
    var calls: [NestedCall] = []
    do throws(BadHookResult) {
      for (offset, index) in requests.enumerated() {
        try requestBuilder.push(promptAt: index, on: thread)
        if seesSchema, let schema { schema.addFormat(toRequestAt: thread.top, on: thread) }
        let call = item.addCall(position: offset + 1, caller: strand, passesHooks: hasStages, seesSchema: seesSchema)
        calls.append(call)
        let coroutine = state.coroutines.take()
        call.coroutine = coroutine
        pushOwner(of: strand, item, on: thread)
        thread.move(2, to: coroutine.thread)
        thread.move(1, to: coroutine.thread)
      }
    } catch {
      for call in calls { remove(call, of: item) }
      throw error
    }
    thread.newTable(arrayCapacity: Int32(clamping: calls.count))
    strand.pending = PendingCalls(results: state.reference(popping: thread), left: calls.count, isList: isList)
    return .calls(calls)
  }

  /// What the stack of a call begins with. `run:call` has no `ctx`: it gets one of the item that stands for the run.
  ///
  /// Stack of the hook: [ctx or run, ..] -> [.., item, ctx]
  private func pushOwner(of strand: Strand, _ item: RunningItem, on thread: LuaThread) {
    if strand.stage.isOfRun, let contextType {
      thread.newTable()
      thread.push(contextType, slot: item.slot, generation: item.generation, holding: thread.top)
    } else {
      thread.pushHeld(of: 1)
      thread.pushCopy(at: 1)
    }
  }

  private func remove(_ call: NestedCall, of item: RunningItem) {
    item.removeCall(call)
    if let coroutine = call.clear() { state.coroutines.put(coroutine) }
  }

  /// What became of calls that were to begin.
  enum Beginning {
    /// What they want.
    case begun([ScriptBranch])
    /// A hook of one of them has ended the item, or has it go on elsewhere: nothing of the others is left.
    case over(ScriptStep)
  }

  /// Begins calls.
  func begin(_ calls: [NestedCall], for strand: Strand, of item: RunningItem) -> Beginning {
    let (generation, results) = (item.generation, strand.pending?.results)
    var branches: [ScriptBranch] = []
    for call in calls {
      let handle = item.handle(of: call)
      let step = begin(call, of: item)
      let goesOn =
        item.isActive && item.generation == generation && strand.pending?.results === results
        && item.strand((strand as? NestedCall)?.number ?? 0) === strand
      guard goesOn else { return .over(step) }
      switch step {
      case .fork(let inner): branches += inner
      case .wait: continue
      default: branches.append(ScriptBranch(item: handle, step: step))
      }
    }
    return .begun(branches)
  }

  private func begin(_ call: NestedCall, of item: RunningItem) -> ScriptStep {
    guard let thread = call.coroutine?.thread else { return fail(call, of: item, brokenEngine) }
    services.randomSeed.begin(item.id, step: seedStep(of: call))
    return run(call, of: item) { () throws(BadHookResult) in
      call.passesHooks ? try beginRequest(call, on: thread) : try send(call, on: thread)
    }
  }

  /// Whether all calls that were begun for a strand have ended already; nil: the item has.
  func finishedBeginning(_ strand: Strand, of item: RunningItem) -> Bool? {
    guard item.isActive, strand.pending != nil else { return nil }
    strand.pending?.isStarting = false
    return strand.pending?.left == 0
  }

  /// Goes on with a hook whose calls have all ended.
  func goOnWithReplies(_ strand: Strand, of item: RunningItem) -> HookEnd {
    guard let pending = strand.pending.take(), let thread = strand.coroutine?.thread else {
      return .failed(brokenEngine)
    }
    thread.push(pending.results)
    if !pending.isList {
      thread.index(1, of: -1)
      thread.remove(at: -2)
    }
    return goOn(strand, arguments: 1, raising: pending.hasFailed && !pending.isList, of: item)
  }

  // MARK: How they end

  /// A call has its reply, which is on top of its stack.
  func deliver(_ call: NestedCall, in item: RunningItem, on thread: LuaThread) -> ScriptStep {
    deliver(call, in: item, hasFailed: false, on: thread)
  }

  /// A call failed.
  func deliver(_ failure: ItemFailure, of call: NestedCall, in item: RunningItem) -> ScriptStep {
    // Not on its own coroutine: whatever a hook that failed has left there.
    let thread = state.current
    errorType.push(failure, on: thread) { [self] thread in
      guard let answer = call.answer else { return false }
      pushKeptReply(answer, call.request, on: thread)
      return true
    }
    return deliver(call, in: item, hasFailed: true, on: thread)
  }

  /// Stack: [.., value] -> [..]
  private func deliver(_ call: NestedCall, in item: RunningItem, hasFailed: Bool, on thread: LuaThread) -> ScriptStep {
    guard let caller = item.strand(call.caller), let pending = caller.pending else {
      return end(item, .failed(brokenEngine))
    }
    thread.push(pending.results)
    thread.insert(at: -2)
    thread.setIndex(call.position)
    thread.pop()
    let left = pending.left - 1
    caller.pending?.left = left
    if hasFailed { caller.pending?.hasFailed = true }
    remove(call, of: item)
    if left > 0 || pending.isStarting { return .wait }
    let handle = item.handle(of: caller)
    switch run(caller, of: item, after: goOnWithReplies(caller, of: item)) {
    case .call(let request): return .fork([ScriptBranch(item: handle, step: .call(request))])
    case .sleep(let duration): return .fork([ScriptBranch(item: handle, step: .sleep(duration))])
    case let step: return step
    }
  }

  /// The answer to the call that a hook waits in, where no hooks are around it.
  func answer(
    _ request: ChatRequest, with result: Result<Answer, AttemptError>, _ strand: Strand, of item: RunningItem
  ) -> ScriptStep {
    guard let thread = strand.coroutine?.thread else { return end(item, .failed(brokenEngine)) }
    var isRaised = true
    switch result {
    case .failure(let error): errorType.push(ItemFailure(error), retryAfter: error.retryAfter, on: thread)
    case .success(let answer) where job.spec.truncated == .fail && answer.reply.isTruncated:
      errorType.push(AnswerFault.truncated(answer), on: thread) { [self] thread in
        pushKeptReply(answer, request, on: thread)
        return true
      }
    case .success(let answer):
      pushKeptReply(answer, request.request(to: answer.model), on: thread)
      isRaised = false
    }
    return run(strand, of: item, after: goOn(strand, arguments: 1, raising: isRaised, of: item))
  }

  /// Stack: [] -> [reply]
  func pushKeptReply(_ answer: Answer, _ request: ChatRequest?, on thread: LuaThread) {
    ReplyType.pushKept(answer, request, metatable: replyMetatable, on: thread)
  }
}
