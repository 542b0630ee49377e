public import JobrunModel
import LuaBridge

/// The port's steps of an item: what comes from outside.
extension LuaScriptEngine {
  public func begin(_ record: ItemRecord) -> (item: ScriptItem, step: ScriptStep) {
    let item = takeItem()
    let coroutine = state.coroutines.take()
    item.begin(index: record.index, on: coroutine)
    if case .text = record.content { item.isText = true }
    do {
      item.id = try ItemMarshal.pushItem(record, idKey: idKey, on: coroutine.thread)
    } catch {
      let handle = item.handle(of: item)
      return (handle, end(item, .failed(ItemFailure(.badInput, message: error.reason))))
    }
    return (item.handle(of: item), start(item, on: coroutine))
  }

  /// Stack: [item] -> ..
  func start(_ item: RunningItem, on coroutine: LuaCoroutine) -> ScriptStep {
    let thread = coroutine.thread
    guard let hook = hooks.prompt ?? hooks.process, let contextType else { return end(item, .failed(brokenEngine)) }
    thread.push(contextType, slot: item.slot, generation: item.generation, holding: 1)
    if !hooks.onError.isEmpty {
      thread.pushCopy(at: 2)
      item.context = state.reference(popping: thread)
    }
    item.stage = hooks.prompt == nil ? .process : .prompt
    services.randomSeed.begin(item.id, step: item.nextSeedStep())
    thread.push(hook.function)
    thread.pushCopy(at: 1)
    thread.pushCopy(at: 2)
    return run(item, of: item, after: start(hook, arguments: 2, item, of: item))
  }

  public func resume(_ handle: ScriptItem, with result: Result<Answer, AttemptError>) -> ScriptStep {
    guard let (item, strand) = active(handle) else { return .wait }
    if let request = strand.heldCall.take() { return answer(request, with: result, strand, of: item) }
    switch result {
    case .failure(let error): return fail(strand, of: item, ItemFailure(error))
    case .success(let answer): return answered(strand, of: item, by: answer)
    }
  }

  public func wake(_ handle: ScriptItem) -> ScriptStep {
    guard let (item, strand) = active(handle) else { return .wait }
    return run(strand, of: item, after: goOn(strand, arguments: 0, of: item))
  }

  private func active(_ handle: ScriptItem) -> (RunningItem, Strand)? {
    guard items.indices.contains(handle.slot) else { return nil }
    let item = items[handle.slot]
    guard item.isActive, item.generation == handle.generation, let strand = item.strand(handle.strand) else {
      return nil
    }
    return (item, strand)
  }

  public func abandon(_ handle: ScriptItem) {
    guard let (item, _) = active(handle) else { return }
    release(item)
  }

  /// Ends an item.
  func end(_ item: RunningItem, _ result: ItemResult) -> ScriptStep {
    release(item)
    return .finished(result)
  }

  /// Ends an item as failed, unless an `on_error` hook has something better; a call is answered with the error.
  func fail(_ strand: Strand, of item: RunningItem, _ failure: ItemFailure) -> ScriptStep {
    if let call = strand as? NestedCall { return deliver(failure, of: call, in: item) }
    return fail(item, failure)
  }
}
