import CLua
import CLuaShims

/// Owner of a Lua state with the standard libraries; all of them, so what scripts must not have is for others to remove.
/// Two matter to the bridge: `debug.sethook` would switch off time budgets, `debug.setupvalue` could break host functions.
///
/// Nothing here is Sendable: a state and all that comes from it stay in one isolation domain.
public final class LuaState {
  let core: LuaCore
  public let coroutines: LuaCoroutinePool

  /// Opens a state. Allocations beyond `memoryLimit` bytes fail, but only while Lua code runs: what the program pushes
  /// is never refused, so it cannot raise.
  public init(memoryLimit: Int) throws(LuaError) {
    guard let core = LuaCore(memoryLimit: memoryLimit) else {
      throw LuaError(kind: .memory, message: "not enough memory for a Lua state")
    }
    self.core = core
    coroutines = LuaCoroutinePool(core: core)
  }

  deinit { core.close() }

  /// The thread that runs: a coroutine inside its host calls, else the main thread.
  public var current: LuaThread { core.current }

  /// The main thread.
  public var main: LuaThread { LuaThread(core.open) }

  /// Bytes that Lua holds.
  public var memoryUsed: Int { jr_memory_used(core.open) }

  /// Compiles text, never bytecode, and leaves nothing on the stack. `chunkName` is as Lua wants it: "@jobs/x.lua", "=prelude".
  public func load(_ source: [UInt8], chunkName: String) throws(LuaError) -> LuaReference {
    let thread = core.current
    let stack = StackGuard(thread)
    defer { stack.check() }
    let outcome = source.withUnsafeBytes { jr_load(thread.pointer, $0.baseAddress, $0.count, chunkName) }
    guard outcome == Int32(JR_FINISHED.rawValue) else {
      defer { thread.pop() }
      throw LuaError(outcome: outcome, on: thread)
    }
    return core.reference(popping: thread)
  }

  /// Calls a function on the running thread, protected and under a time budget; without one an outer budget goes on.
  ///
  /// - Parameters:
  ///   - push: Pushes the arguments and returns their number.
  ///   - results: Reads the results: gets the thread, the index of the first and their number. They are gone afterwards.
  public func call<R>(
    _ function: LuaReference, budget: Duration?, push: (LuaThread) throws(LuaError) -> Int = { _ in 0 },
    results: (LuaThread, _ first: Int32, _ count: Int) throws(LuaError) -> R
  ) throws(LuaError) -> R {
    let thread = core.current
    guard thread.ensureStack(40) else { throw LuaError(kind: .runtime, message: "stack overflow") }
    let base = thread.top
    defer { thread.setTop(base) }
    thread.push(function)
    let arguments = try push(thread)
    let nanoseconds = budget.map(core.nanoseconds) ?? -1
    let outcome = jr_call(thread.pointer, Int32(clamping: arguments), nanoseconds)
    guard outcome == Int32(JR_FINISHED.rawValue) else { throw LuaError(outcome: outcome, on: thread) }
    return try results(thread, base + 1, Int(thread.top - base))
  }

  /// Makes a registry reference to the value on top of `thread` and pops it.
  public func reference(popping thread: LuaThread) -> LuaReference { core.reference(popping: thread) }

  /// Sets a global variable, raw.
  public func setGlobal(_ name: String, to reference: LuaReference) {
    let thread = core.current
    let stack = StackGuard(thread)
    defer { stack.check() }
    jr_push_globals(thread.pointer)
    thread.push(reference)
    thread.setField(name)
    thread.pop()
  }

  /// A global variable, raw; nil if it is nil.
  public func global(_ name: String) -> LuaReference? {
    let thread = core.current
    let stack = StackGuard(thread)
    defer { stack.check() }
    jr_push_globals(thread.pointer)
    defer { thread.pop() }
    if thread.field(name, of: -1) != .nil { return core.reference(popping: thread) }
    thread.pop()
    return nil
  }

  /// A full collection, and a second for what finalizers left.
  public func collectGarbage() {
    jr_collect(core.current.pointer)
  }
}
