import CLua
import CLuaShims

/// Reading converts nothing: a number is not a string, and a string is not a number.
extension LuaThread {
  /// Whether the value is `jobrun.null`.
  public func isNull(at index: Int32) -> Bool {
    lua_type(pointer, index) == LUA_TLIGHTUSERDATA && lua_touserdata(pointer, index) == nil
  }

  /// Whether the value counts as true: everything but nil and false.
  public func bool(at index: Int32) -> Bool { lua_toboolean(pointer, index) != 0 }

  /// An integer, or a float with an exact integer value.
  public func integer(at index: Int32) -> Int? {
    guard lua_type(pointer, index) == LUA_TNUMBER else { return nil }
    var exact: Int32 = 0
    let value = lua_tointegerx(pointer, index, &exact)
    return exact != 0 ? Int(value) : nil
  }

  /// Any number.
  public func double(at index: Int32) -> Double? {
    lua_type(pointer, index) == LUA_TNUMBER ? lua_tonumberx(pointer, index, nil) : nil
  }

  /// A string, with U+FFFD where it is not UTF-8.
  public func string(at index: Int32) -> String? {
    withBytes(at: index) { String(decoding: $0, as: UTF8.self) }
  }

  /// The bytes of a string.
  public func bytes(at index: Int32) -> [UInt8]? {
    withBytes(at: index) { [UInt8]($0) }
  }

  /// Calls `body` with the bytes of a string, which are valid until it returns; nil if the value is not a string.
  @inline(__always)
  public func withBytes<R>(at index: Int32, _ body: (UnsafeRawBufferPointer) -> R) -> R? {
    var count = 0
    guard let start = jr_bytes(pointer, index, &count) else { return nil }
    return body(UnsafeRawBufferPointer(start: start, count: count))
  }

  /// Whether the value is a Lua integer, not a float.
  func isInteger(at index: Int32) -> Bool { lua_isinteger(pointer, index) != 0 }
}
