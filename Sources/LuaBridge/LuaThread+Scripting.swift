import CLua
import CLuaShims

/// Raw access to tables whose keys are not known beforehand, and metatables.
extension LuaThread {
  /// Sets the metatable of the table on top of the stack.
  ///
  /// Stack: [.., table] -> [.., table]
  public func setMetatable(_ metatable: LuaReference) {
    assert(type(at: -1) == .table, "setMetatable needs a table")
    push(metatable)
    lua_setmetatable(pointer, -2)
  }

  /// Whether the value at `index` has this metatable.
  public func hasMetatable(_ metatable: LuaReference, at index: Int32) -> Bool {
    guard lua_getmetatable(pointer, index) != 0 else { return false }
    push(metatable)
    let isSame = lua_rawequal(pointer, -1, -2) != 0
    pop(2)
    return isSame
  }

  /// Moves the top values to another coroutine of the same state, which must have room for them.
  ///
  /// Stack: [.., values..] -> [..]
  public func move(_ n: Int32, to other: LuaThread) {
    if other != self { lua_xmove(pointer, other.pointer, n) }
  }

  /// Goes on to the next entry of the table at `index`, an absolute index. False: there is none, or the key is gone.
  ///
  /// The key must be nil or come from the call before. If the table gets new keys meanwhile, entries may be left out.
  /// Stack: [.., key] -> [.., key, value] or [..]
  public func next(of index: Int32) -> Bool {
    guard type(at: index) == .table else {
      pop()
      return false
    }
    return jr_next(pointer, index)
  }

  /// Sets an entry of a table; the key is neither nil nor NaN.
  ///
  /// Stack: [.., table, key, value] -> [.., table]
  public func setRaw() {
    assert(type(at: -3) == .table, "setRaw needs a table below key and value")
    lua_rawset(pointer, -3)
  }
}

extension LuaState {
  /// The limit in bytes, as given to `init`; a smaller one holds from the next allocation on.
  public var memoryLimit: Int {
    get { jr_memory_limit(main.pointer) }
    set { jr_set_memory_limit(main.pointer, max(0, newValue)) }
  }
}
