import CLua
import CLuaShims

/// A thin face of a lua_State, the main thread or a coroutine: its stack.
///
/// It has only operations that cannot raise. Indices are Lua's own: from 1 at the bottom, from -1 at the top.
/// Valid as long as its `LuaState`. A host function's body, and whoever fills a coroutine or a call, has at least 20
/// free slots; `ensureStack` makes more. Pushing may run finalizers of the script, and these may call host functions.
public struct LuaThread {
  let pointer: OpaquePointer

  @inline(__always)
  init(_ pointer: OpaquePointer) { self.pointer = pointer }

  /// The index of the top value, which is the number of values.
  public var top: Int32 { lua_gettop(pointer) }

  public func setTop(_ index: Int32) { lua_settop(pointer, index) }

  public func pop(_ n: Int32 = 1) { jr_pop(pointer, n) }

  public func type(at index: Int32) -> LuaType { LuaType(rawValue: lua_type(pointer, index)) ?? .none }

  /// Makes room for `n` more values. False: the stack is at its limit of a million.
  public func ensureStack(_ n: Int32) -> Bool { lua_checkstack(pointer, n) != 0 }

  /// The same value as a positive index, which later pushes do not shift.
  public func absolute(_ index: Int32) -> Int32 { lua_absindex(pointer, index) }

  /// Moves the top value to `index`, shifting the ones above it up.
  public func insert(at index: Int32) { lua_rotate(pointer, index, 1) }

  /// Removes the value at `index`, shifting the ones above it down.
  public func remove(at index: Int32) {
    lua_rotate(pointer, index, -1)
    jr_pop(pointer, 1)
  }
}

extension LuaThread: Equatable {
  public static func == (a: LuaThread, b: LuaThread) -> Bool { a.pointer == b.pointer }
}
