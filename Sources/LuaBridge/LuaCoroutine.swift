import CLua
import CLuaShims

/// How a coroutine's run ended.
public enum LuaOutcome {
  /// Its function returned: n results are on top.
  case finished(Int)
  /// A host function yielded: n values are on top.
  case yielded(Int)
  /// It failed; the error value is on top. Only `LuaCoroutinePool.put` is of use now.
  case failed(LuaError)
}

/// A coroutine from a pool, anchored so that Lua does not collect it.
///
/// Only host functions may yield from it: a script's own `coroutine.yield` at this level fails.
public final class LuaCoroutine {
  public let thread: LuaThread
  private let core: LuaCore
  private let anchor: LuaReference
  /// The height below the yielded values.
  private var base: Int32 = 0
  /// The number of values below the function that it was started with.
  private var kept: Int32 = 0
  private(set) var isRunning = false
  /// In the pool, waiting for its next use.
  var isIdle = false
  var nextIdle: LuaCoroutine?

  /// Stack of the main thread: [] -> []
  init(core: LuaCore) {
    self.core = core
    // Proof: lua_newthread returns its thread or raises, and it does not raise while no limit holds.
    thread = LuaThread(lua_newthread(core.open)!)
    anchor = core.reference(popping: LuaThread(core.open))
  }

  /// Whether it waits in a host function that yielded.
  public var isSuspended: Bool { lua_status(thread.pointer) == LUA_YIELD }

  /// Starts the function below the arguments on `thread`, or goes on with the arguments as the yield's values.
  /// Values below the function stay where they are, and can be used again when it has ended.
  public func resume(arguments: Int, budget: Duration) -> LuaOutcome {
    resume(arguments: Int32(clamping: arguments), mode: JR_RETURN_VALUES, budget: budget)
  }

  /// Goes on so that the host function which yielded raises this message, with the caller's position before it.
  public func resume(raising message: String, budget: Duration) -> LuaOutcome {
    thread.push(message)
    return resume(arguments: 1, mode: JR_RAISE_MESSAGE, budget: budget)
  }

  /// Goes on so that the host function which yielded raises the value on top of `thread`.
  public func resumeRaisingTop(budget: Duration) -> LuaOutcome {
    resume(arguments: 1, mode: JR_RAISE_VALUE, budget: budget)
  }

  private func resume(arguments: Int32, mode: jr_resume_mode, budget: Duration) -> LuaOutcome {
    precondition(core.main != nil, "a coroutine does not outlive its state")
    precondition(!isRunning && !isIdle, "a coroutine is resumed when it waits")
    let pointer = thread.pointer
    if isSuspended {
      removeLeftovers(below: arguments)
    } else if mode != JR_RETURN_VALUES || thread.top < arguments + 1 {
      thread.setTop(0)
      thread.push("cannot resume a coroutine that the script has closed or resumed itself")
      return .failed(LuaError(outcome: Int32(JR_RUNTIME.rawValue), on: thread))
    } else {
      kept = thread.top - arguments - 1
    }
    var results: Int32 = 0
    isRunning = true
    let outcome = jr_resume(pointer, arguments, Int32(mode.rawValue), core.nanoseconds(budget), &results)
    isRunning = false
    switch jr_outcome(rawValue: UInt32(outcome)) {
    case JR_FINISHED: return .finished(Int(results - kept))
    case JR_YIELDED:
      base = thread.top - results
      return .yielded(Int(results))
    default: return .failed(LuaError(outcome: outcome, on: thread))
    }
  }

  /// Removes yielded values which nobody popped.
  ///
  /// Stack: [kept.., leftovers.., arguments..] -> [kept.., arguments..]
  private func removeLeftovers(below arguments: Int32) {
    let count = thread.top - base - arguments
    guard count > 0, arguments >= 0 else { return }
    if arguments > 0 { lua_rotate(thread.pointer, base + 1, arguments) }
    thread.pop(count)
  }

  /// Makes it ready for its next use: closes what is open, empties the stack. False: it cannot be used again.
  func reset() -> Bool {
    precondition(core.main != nil && !isRunning, "a running coroutine cannot go back to its pool")
    if isSuspended {
      let second: Int64 = 1_000_000_000
      return jr_reset(thread.pointer, second) == Int32(JR_FINISHED.rawValue)
    }
    thread.setTop(0)
    return lua_status(thread.pointer) == LUA_OK
  }
}
