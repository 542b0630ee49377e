import CLua
import CLuaShims

/// Raw access: metamethods are never called.
extension LuaThread {
  /// Pushes a new table. The capacities are hints.
  ///
  /// Stack: [..] -> [.., table]
  public func newTable(arrayCapacity: Int32 = 0, fieldCapacity: Int32 = 0) {
    lua_createtable(pointer, max(0, arrayCapacity), max(0, fieldCapacity))
  }

  /// Stack: [.., table, value] -> [.., table]
  @_disfavoredOverload
  public func setField(_ name: String) {
    var name = name
    name.withUTF8 { setField(UnsafeRawBufferPointer($0)) }
  }

  /// Stack: [.., table, value] -> [.., table]
  public func setField(_ name: StaticString) {
    name.withBytes { setField($0) }
  }

  /// Stack: [.., table, value] -> [.., table]
  public func setField(_ name: UnsafeRawBufferPointer) {
    assert(type(at: -2) == .table, "setField needs a table below the value")
    jr_set_field(pointer, name.baseAddress?.assumingMemoryBound(to: CChar.self), name.count)
  }

  /// Stack: [.., table, value] -> [.., table]
  public func setIndex(_ i: Int) {
    assert(type(at: -2) == .table, "setIndex needs a table below the value")
    lua_rawseti(pointer, -2, lua_Integer(i))
  }

  /// Pushes a field of the table at `index`, and nil if there is no table.
  ///
  /// Stack: [..] -> [.., value]
  @discardableResult
  public func field(_ name: String, of index: Int32) -> LuaType {
    guard type(at: index) == .table else { return pushMissing() }
    var name = name
    return name.withUTF8 { bytes in
      let start = UnsafeRawPointer(bytes.baseAddress)?.assumingMemoryBound(to: CChar.self)
      return LuaType(rawValue: jr_field(pointer, index, start, bytes.count)) ?? .none
    }
  }

  /// Pushes an element of the table at `index`, and nil if there is no table.
  ///
  /// Stack: [..] -> [.., value]
  @discardableResult
  public func index(_ i: Int, of index: Int32) -> LuaType {
    guard type(at: index) == .table else { return pushMissing() }
    return LuaType(rawValue: lua_rawgeti(pointer, index, lua_Integer(i))) ?? .none
  }

  /// The length of a string or table, without metamethods; 0 for other values. A table with holes has more than one.
  public func rawLength(at index: Int32) -> Int { Int(clamping: lua_rawlen(pointer, index)) }

  /// Marks a table so that it stays a list in JSON even if it is empty.
  public func markArray(at index: Int32) {
    if type(at: index) == .table { jr_mark_array(pointer, index) }
  }

  /// Marks a table so that it is an object in JSON whatever its keys.
  public func markObject(at index: Int32) {
    if type(at: index) == .table { jr_mark_object(pointer, index) }
  }

  public func isMarkedArray(at index: Int32) -> Bool { jr_is_marked_array(pointer, index) }

  public func isMarkedObject(at index: Int32) -> Bool { jr_is_marked_object(pointer, index) }

  private func pushMissing() -> LuaType {
    lua_pushnil(pointer)
    return .nil
  }
}
