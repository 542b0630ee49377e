public import JobrunModel
import LuaBridge

/// Hooks of the run: `setup` and `finish`. They run on a coroutine as an item's do, so that they can wait for calls.
extension LuaScriptEngine {
  public func beginSetup() -> (item: ScriptItem, step: ScriptStep)? {
    beginRunHooks(hooks.setup, .setup(0), named: "setup")
  }

  /// Runs the `setup` hooks where nothing is sent.
  ///
  /// - Throws: `RunError` where one fails, or wants an answer.
  public func setupWithoutCalls() throws(RunError) {
    guard let (item, step) = beginSetup() else { return }
    switch step {
    case .finished(.failed(let failure)): throw RunError(hookOfRun: failure)
    case .finished: return
    default:
      abandon(item)
      throw RunError(.job, "setup wants an answer (run:call), and nothing is sent here")
    }
  }

  public var hasTick: Bool { !hooks.onTick.isEmpty }

  public func tick() throws(RunError) {
    for hook in hooks.onTick {
      do {
        try state.call(
          hook.function, budget: hookBudget,
          push: { thread throws(LuaError) in
            self.pushStatistics(on: thread)
            self.pushRun(on: thread)
            return 2
          }, results: { _, _, _ throws(LuaError) in })
      } catch {
        throw RunError(.job, "\(hook.name): \(error.message)", cause: error.traceback)
      }
    }
  }

  public func beginFinish() -> (item: ScriptItem, step: ScriptStep)? {
    files = []
    return beginRunHooks(hooks.finish, .finish(0), named: "finish")
  }

  private func beginRunHooks(
    _ list: [NamedHook], _ stage: Strand.Stage, named name: String
  ) -> (item: ScriptItem, step: ScriptStep)? {
    guard let first = list.first else { return nil }
    let item = takeItem()
    let coroutine = state.coroutines.take()
    item.begin(index: 0, on: coroutine)
    item.id = .string(name)
    item.stage = stage
    runItem = item
    let thread = coroutine.thread
    thread.newTable()
    if let contextType {
      thread.push(contextType, slot: item.slot, generation: item.generation, holding: 1)
    }
    let arguments = pushRunArguments(of: first, on: thread)
    return (item.handle(of: item), run(item, of: item, after: start(first, arguments: arguments, item, of: item)))
  }

  /// Stack: [] -> [hook, arguments..]; returns how many these are.
  private func pushRunArguments(of hook: NamedHook, on thread: LuaThread) -> Int {
    thread.push(hook.function)
    if hook.hook == .finish { pushStatistics(on: thread) }
    pushRun(on: thread)
    return hook.hook == .finish ? 2 : 1
  }

  /// Stack: [table, ctx, ..] -> ..
  func afterRunHook(_ place: Int, of list: [NamedHook], _ item: RunningItem, on thread: LuaThread) -> Next {
    thread.setTop(2)
    guard place < list.count else { return .step(end(item, .ok(rows: []))) }
    item.stage = list[place].hook == .setup ? .setup(place) : .finish(place)
    return .hook(list[place], arguments: pushRunArguments(of: list[place], on: thread))
  }

  /// Takes the files that `finish` returned; of equal names the last wins.
  ///
  /// Stack: [table, ctx, result]
  func takeFiles(on thread: LuaThread) throws(BadHookResult) {
    switch thread.type(at: 3) {
    case .nil: return
    case .table: break
    default:
      throw BadHookResult.whole(
        "must return a table of texts by file name or nothing, got \(thread.describe(at: 3))")
    }
    for (key, value) in thread.value(at: 3, depth: 1).table?.entries ?? [] {
      guard let name = key.text, Self.isFileName(name) else {
        throw BadHookResult.whole("returned a file with the name \(key.described); a name without `/` expected")
      }
      guard case .string(let contents) = value else {
        throw BadHookResult.whole("returned \(value.described) for \(key.described); a string expected")
      }
      files.removeAll { $0.name == name }
      files.append((name, contents))
    }
  }

  /// Names come from scripts: none may lead out of the output's folder.
  private static func isFileName(_ name: String) -> Bool {
    !name.isEmpty && name != "." && name != ".." && !name.utf8.contains(UInt8(ascii: "/")) && !name.utf8.contains(0)
  }
}
