import JobrunModel
import LuaBridge

/// How a hook of an item ended.
enum HookEnd {
  /// It returned; its one result is on top of the coroutine's stack, nil where it returned nothing.
  case returned
  /// The item is over.
  case over(ItemResult)
  /// It wants another answer.
  case again(RunningItem.Retry)
}

extension LuaScriptEngine {
  /// Runs a hook on the item's coroutine.
  ///
  /// Stack: [kept.., hook, arguments..] -> [kept.., result]
  func run(_ hook: NamedHook, arguments: Int, of item: RunningItem, on coroutine: LuaCoroutine) -> HookEnd {
    let thread = coroutine.thread
    let kept = thread.top - Int32(clamping: arguments) - 1
    switch coroutine.resume(arguments: arguments, budget: hookBudget) {
    case .finished:
      thread.setTop(kept + 1)
      return .returned
    case .yielded:
      switch item.ending {
      case .skip(let reason): return .over(.skipped(reason: reason))
      case .fail(let reason): return .over(.failed(failure(.rejected, reason, in: hook, of: item)))
      case .retry(let retry): return .again(retry)
      case nil: return .over(.failed(failure(.hook, "\(hook.name) yielded outside a coroutine", in: hook, of: item)))
      }
    case .failed(let error):
      var message = error.message
      if error.kind == .memory { message += " (hook.memory_mb is \(job.spec.hook.memoryBytes >> 20))" }
      return .over(.failed(failure(.hook, message, in: hook, of: item, traceback: error.traceback)))
    }
  }

  /// What a hook's unusable result means to its item.
  func failed(_ problem: BadHookResult, in hook: NamedHook, of item: RunningItem) -> ItemResult {
    let place = hook.position.map { "\($0): " } ?? ""
    return .failed(failure(.hook, place + problem.message(of: hook.name), in: hook, of: item))
  }

  func failure(
    _ errorClass: ErrorClass, _ message: String, in hook: NamedHook, of item: RunningItem, traceback: String? = nil
  ) -> ItemFailure {
    ItemFailure(
      errorClass, status: item.answer?.status ?? 0, message: message, attempts: item.answer?.attempts ?? 0,
      dispatched: item.answer == nil ? .no : .yes, hook: hook.name, traceback: traceback)
  }

  /// Whether the item's coroutine is as the engine left it: a script may close or resume any coroutine it can reach.
  func isIntact(_ thread: LuaThread, height: Int32) -> Bool {
    thread.top == height && thread.type(at: 1) == .table && thread.type(at: 2) == .userdata
  }
}
