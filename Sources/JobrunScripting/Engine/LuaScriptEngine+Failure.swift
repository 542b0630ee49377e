import JobrunModel
import LuaBridge

/// Items that are about to fail: what `on_error` makes of them.
extension LuaScriptEngine {
  /// Ends an item as failed, unless an `on_error` hook has something better.
  func fail(_ item: RunningItem, _ failure: ItemFailure) -> ScriptStep {
    if item.canBeDivided(item), Self.isOfSize(failure.errorClass) { return divide(item) }
    var failure = failure
    if let first = item.failure {  // on_error failed itself
      failure.cause = ItemFailure.Cause(first)
      return end(item, .failed(failure))
    }
    guard let context = item.context, let hook = hooks.onError.first else { return end(item, .failed(failure)) }
    item.failure = failure
    for coroutine in item.dropCalls() { state.coroutines.put(coroutine) }
    item.pending = nil
    item.heldCall = nil
    let coroutine = state.coroutines.take()
    if let old = item.move(to: coroutine) { state.coroutines.put(old) }
    let thread = coroutine.thread
    thread.push(context)
    thread.pushHeld(of: 1)
    thread.insert(at: 1)
    services.randomSeed.begin(item.id, step: seedStep(of: item))
    pushErrorHook(hook, at: 0, item, failure, on: thread)
    return run(item, of: item, after: start(hook, arguments: 3, item, of: item))
  }

  /// Failures that a smaller request may not meet.
  private static func isOfSize(_ errorClass: ErrorClass) -> Bool {
    switch errorClass {
    case .tooLarge, .contextLength, .contentFilter: true
    default: false
    }
  }

  /// Stack: [item, ctx] -> [item, ctx, hook, err, item, ctx]
  private func pushErrorHook(
    _ hook: NamedHook, at place: Int, _ item: RunningItem, _ failure: ItemFailure, on thread: LuaThread
  ) {
    item.stage = .onError(place)
    thread.push(hook.function)
    errorType.push(failure, on: thread) { [self] thread in
      guard let answer = item.answer else { return false }
      pushKeptReply(answer, item.request, on: thread)
      return true
    }
    thread.pushCopy(at: 1)
    thread.pushCopy(at: 2)
  }

  /// What the hook `on_error` at this place returned: rows, or nothing, and then the next hook's turn has come.
  ///
  /// Stack: [item, ctx, result]
  func afterError(_ place: Int, _ item: RunningItem, on thread: LuaThread) throws(BadHookResult) -> Next {
    guard let failure = item.failure else { return .failed(brokenEngine) }
    if thread.type(at: 3) == .nil {
      guard place + 1 < hooks.onError.count else { return .step(end(item, .failed(failure))) }
      thread.setTop(2)
      let hook = hooks.onError[place + 1]
      pushErrorHook(hook, at: place + 1, item, failure, on: thread)
      return .hook(hook, arguments: 3)
    }
    if let pack = item.pack {
      let results = try rowEncoder.results(ofPackAt: 3, ids: pack, on: thread)
      return .step(endPack(item, results.map { $0 ?? .failed(failure) }))
    }
    return .step(end(item, .ok(rows: try rowEncoder.rows(ofResultAt: 3, id: item.id, on: thread))))
  }
}
