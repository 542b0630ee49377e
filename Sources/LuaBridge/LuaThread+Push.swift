import CLua
import CLuaShims

// Stack: [..] -> [.., value]
extension LuaThread {
  public func pushNil() { lua_pushnil(pointer) }

  /// Pushes `jobrun.null`, a light userdata.
  public func pushNull() { lua_pushlightuserdata(pointer, nil) }

  public func push(_ value: Bool) { lua_pushboolean(pointer, value ? 1 : 0) }

  public func push(_ value: Int) { lua_pushinteger(pointer, lua_Integer(value)) }

  public func push(_ value: Double) { lua_pushnumber(pointer, value) }

  @_disfavoredOverload
  public func push(_ value: String) {
    var value = value
    value.withUTF8 { push(UnsafeRawBufferPointer($0)) }
  }

  public func push(_ value: StaticString) {
    value.withBytes { push($0) }
  }

  public func push(_ bytes: [UInt8]) {
    bytes.withUnsafeBytes { push($0) }
  }

  public func push(_ bytes: UnsafeRawBufferPointer) {
    lua_pushlstring(pointer, bytes.baseAddress?.assumingMemoryBound(to: CChar.self), bytes.count)
  }

  public func push(_ reference: LuaReference) {
    precondition(reference.belongs(to: self), "a reference is pushed to the state it comes from")
    lua_rawgeti(pointer, jr_registry_index(), lua_Integer(reference.id))
  }

  public func pushCopy(at index: Int32) { lua_pushvalue(pointer, index) }

  /// Pushes a new userdata of this type.
  ///
  /// - Parameter held: The index of a value that it keeps, for `pushHeld`; 0: none.
  public func push(_ type: LuaUserdataType, slot: Int, generation: Int, holding held: Int32 = 0) {
    jr_push_handle(pointer, type.metatable.id, Int64(slot), Int64(generation), held)
  }

  /// Pushes the value that the userdata at `index` keeps; nil where it keeps none.
  public func pushHeld(of index: Int32) {
    if type(at: index) == .userdata { lua_getiuservalue(pointer, index, 1) } else { pushNil() }
  }
}

extension StaticString {
  /// Calls `body` with the bytes of the literal.
  @inline(__always)
  func withBytes(_ body: (UnsafeRawBufferPointer) -> Void) {
    if hasPointerRepresentation {
      body(UnsafeRawBufferPointer(start: utf8Start, count: utf8CodeUnitCount))
    } else {
      withUTF8Buffer { body(UnsafeRawBufferPointer($0)) }
    }
  }
}
