import CLua
import CLuaShims

extension LuaThread {
  /// A value in words, for messages: `"60/min"`, `12`, `a table`, `nil`. Strings are cut at 40 characters.
  public func describe(at index: Int32) -> String {
    switch type(at: index) {
    case .none, .nil: return "nil"
    case .boolean: return bool(at: index) ? "true" : "false"
    case .lightUserdata: return isNull(at: index) ? "null" : "a userdata"
    case .number: return numberText(at: index)
    case .string:
      let text = (withBytes(at: index) { String(decoding: $0.prefix(200), as: UTF8.self) }) ?? ""
      return text.count > 40 ? "\"\(text.prefix(40))…\"" : "\"\(text)\""
    case .table: return "a table"
    case .function: return "a function"
    case .userdata: return "a \(typeName(at: index))"
    case .thread: return "a coroutine"
    }
  }

  /// What `tostring` gives, metamethods included; an error in one of these gives its message.
  public func display(at index: Int32) -> String {
    let stack = StackGuard(self)
    defer { stack.check() }
    guard ensureStack(20) else { return describe(at: index) }
    let budget: Int64 = 100_000_000
    let finished = jr_to_display(pointer, index, budget) == Int32(JR_FINISHED.rawValue)
    defer { pop() }
    if !finished {
      jr_take_traceback(pointer)
      pop()
    }
    let text = string(at: -1) ?? describe(at: -1)
    return finished ? text : "(error in __tostring: \(text))"
  }

  /// The file and line where the Lua function at `index` is defined; the file as in the chunk's name.
  public func definition(at index: Int32) -> (file: String, line: Int)? {
    var source: UnsafePointer<CChar>?
    var count = 0
    var line: Int32 = 0
    guard jr_definition(pointer, index, &source, &count, &line), let source else { return nil }
    let name = String(decoding: UnsafeRawBufferPointer(start: source, count: count), as: UTF8.self)
    let file = name.first == "@" || name.first == "=" ? String(name.dropFirst()) : name
    return (file, Int(line))
  }

  /// "file:line" of the Lua code that called the running host function; higher levels are its callers.
  public func callerPosition(level: Int32 = 1) -> String? {
    withUnsafeTemporaryAllocation(of: CChar.self, capacity: 128) { buffer in
      guard jr_position(pointer, level, buffer.baseAddress, buffer.count), let start = buffer.baseAddress else {
        return nil
      }
      return String(cString: start)
    }
  }

  /// Lua's name of the value's type; of a userdata, the name its metatable gives.
  func typeName(at index: Int32) -> String {
    if isNull(at: index) { return "null" }
    let type = type(at: index)
    guard type == .userdata, luaL_getmetafield(pointer, index, "__name") != LUA_TNIL else { return type.name }
    defer { pop() }
    return string(at: -1) ?? type.name
  }

  /// A number as Lua writes it.
  private func numberText(at index: Int32) -> String {
    pushCopy(at: index)
    defer { pop() }
    guard let text = lua_tolstring(pointer, -1, nil) else { return "a number" }
    return String(cString: text)
  }
}
