import JobrunModel
import LuaBridge

/// How a hook of an item ended, for now or for good.
enum HookEnd {
  /// It returned; its one result is on top of the coroutine's stack, nil where it returned nothing.
  case returned
  /// It waits for what it wished for.
  case waits(Strand.Wish)
  /// It ended the item.
  case over(ItemResult)
  /// It failed.
  indirect case failed(ItemFailure)
  /// It wants another answer.
  case again(Strand.Retry)
}

extension LuaScriptEngine {
  /// Runs a hook on a strand's coroutine.
  ///
  /// Stack: [kept.., hook, arguments..] -> [kept.., result]
  func start(_ hook: NamedHook, arguments: Int, _ strand: Strand, of item: RunningItem) -> HookEnd {
    guard let coroutine = strand.coroutine else { return .failed(brokenEngine) }
    strand.kept = coroutine.thread.top - Int32(clamping: arguments) - 1
    return ended(coroutine.resume(arguments: arguments, budget: hookBudget), hook, strand, of: item)
  }

  /// Goes on with the hook that waits on a strand's coroutine: the call in it returns the values on top of the stack, or
  /// raises the topmost.
  func goOn(_ strand: Strand, arguments: Int, raising: Bool = false, of item: RunningItem) -> HookEnd {
    guard let coroutine = strand.coroutine, let hook = hook(of: strand.stage) else { return .failed(brokenEngine) }
    services.randomSeed.begin(item.id, step: seedStep(of: strand))
    let outcome =
      raising
      ? coroutine.resumeRaisingTop(budget: hookBudget) : coroutine.resume(arguments: arguments, budget: hookBudget)
    return ended(outcome, hook, strand, of: item)
  }

  /// Which of the item's steps a hook is, for its random numbers: those of a call of its own stay apart.
  func seedStep(of strand: Strand) -> Int {
    strand.nextSeedStep() &+ (strand.seedPath << 24)
  }

  private func ended(_ outcome: LuaOutcome, _ hook: NamedHook, _ strand: Strand, of item: RunningItem) -> HookEnd {
    guard let coroutine = strand.coroutine else { return .failed(brokenEngine) }
    switch outcome {
    case .finished:
      coroutine.thread.setTop(strand.kept + 1)
      return .returned
    case .yielded:
      switch strand.wish.take() {
      case .skip(let reason): return .over(.skipped(reason: reason))
      case .fail(let reason): return .over(.failed(failure(.rejected, reason, in: hook, of: strand)))
      case .retry(let retry): return .again(retry)
      case let wish?: return .waits(wish)
      case nil: return .failed(failure(.hook, "\(hook.name) yielded outside a coroutine", in: hook, of: strand))
      }
    case .failed(let error):
      if error.kind == .runtime, let raised = errorType.failure(on: coroutine.thread) {
        var failure = raised
        failure.hook = failure.hook ?? hook.name
        failure.traceback = error.traceback
        return .failed(failure)
      }
      var message = error.message
      if error.kind == .memory { message += " (hook.memory_mb is \(job.spec.hook.memoryBytes >> 20))" }
      return .failed(failure(.hook, message, in: hook, of: strand, traceback: error.traceback))
    }
  }

  /// The hook that runs in a stage; nil where none does.
  func hook(of stage: Strand.Stage) -> NamedHook? {
    switch stage {
    case .prompt: hooks.prompt
    case .process: hooks.process
    case .onRequest(let place): hooks.onRequest.indices.contains(place) ? hooks.onRequest[place] : hooks.prompt
    case .onReply(let place): hooks.onReply.indices.contains(place) ? hooks.onReply[place] : hooks.parse
    case .onError(let place): hooks.onError.indices.contains(place) ? hooks.onError[place] : nil
    case .setup(let place): hooks.setup.indices.contains(place) ? hooks.setup[place] : nil
    case .finish(let place): hooks.finish.indices.contains(place) ? hooks.finish[place] : nil
    case .parse: hooks.parse
    case .call: hooks.prompt ?? hooks.process
    }
  }

  var brokenEngine: ItemFailure { ItemFailure(.hook, message: "the engine has lost a hook") }

  /// What a hook's unusable result means to its item.
  func failure(_ problem: BadHookResult, of strand: Strand) -> ItemFailure {
    guard let hook = hook(of: strand.stage) else { return ItemFailure(.hook, message: problem.message) }
    let place = hook.position.map { "\($0): " } ?? ""
    return failure(.hook, place + problem.message(of: hook.name), in: hook, of: strand)
  }

  func failure(
    _ errorClass: ErrorClass, _ message: String, in hook: NamedHook?, of strand: Strand, traceback: String? = nil
  ) -> ItemFailure {
    ItemFailure(
      errorClass, status: strand.answer?.status ?? 0, message: message, attempts: strand.answer?.attempts ?? 0,
      dispatched: strand.answer == nil ? .no : .yes, hook: hook?.name, traceback: traceback)
  }

  /// Whether a strand's coroutine is as the engine left it: a script may close or resume any coroutine it can reach.
  func isIntact(_ thread: LuaThread, height: Int32) -> Bool {
    thread.top == height && thread.type(at: 1) == .table && thread.type(at: 2) == .userdata
  }
}
