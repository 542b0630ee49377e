import CLua
import CLuaShims

/// What references, coroutines and the state share: the lua_State and whether it is still open.
///
/// It is a class of its own so that host functions may hold references: Lua owns their closures, and these would
/// keep the state alive for ever if they held the state.
final class LuaCore {
  /// The main thread; nil before the state is opened and after it is closed.
  private(set) var main: OpaquePointer?
  /// The last budget that was converted, because consecutive ones are mostly equal.
  private var lastBudget = Duration.zero
  private var lastBudgetNanoseconds: Int64 = 0

  /// Opens a Lua state. Nil: no memory.
  init?(memoryLimit: Int) {
    let context = Unmanaged.passUnretained(self).toOpaque()
    main = jr_open(max(0, memoryLimit), context, runHostFunction, releaseHostFunction)
    if main == nil { return nil }
  }

  /// Runs all finalizers, and releases all host functions.
  func close() {
    guard let main else { return }
    jr_close(main)
    self.main = nil
  }

  deinit { precondition(main == nil, "a Lua state is closed before its core goes") }

  /// The core of the state that `thread` belongs to.
  static func of(_ thread: OpaquePointer) -> LuaCore {
    // Proof of both: jr_open got a core as context, and a core outlives its open state.
    Unmanaged<LuaCore>.fromOpaque(jr_context(thread)!).takeUnretainedValue()
  }

  /// The main thread of an open state.
  var open: OpaquePointer {
    guard let main else { preconditionFailure("the Lua state is closed") }
    return main
  }

  /// The thread on which a call is made: the one that is running.
  var current: LuaThread {
    guard let thread = jr_current(open) else { preconditionFailure("an open state has a current thread") }
    return LuaThread(thread)
  }

  /// A budget in nanoseconds, at most 292 years.
  func nanoseconds(_ budget: Duration) -> Int64 {
    if budget == lastBudget { return lastBudgetNanoseconds }
    let (seconds, attoseconds) = budget.components
    let (whole, overflow) = seconds.multipliedReportingOverflow(by: 1_000_000_000)
    let (sum, carried) = whole.addingReportingOverflow(attoseconds / 1_000_000_000)
    lastBudget = budget
    lastBudgetNanoseconds = seconds < 0 ? 0 : overflow || carried ? .max : max(0, sum)
    return lastBudgetNanoseconds
  }

  /// Makes a registry reference to the value on top of `thread` and pops it.
  func reference(popping thread: LuaThread) -> LuaReference {
    let type = thread.type(at: -1)
    return LuaReference(core: self, id: luaL_ref(thread.pointer, jr_registry_index()), type: type)
  }
}
