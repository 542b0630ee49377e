import CLuaShims

/// JSON as a row of nodes, made once and then only read; it needs no Lua state to live.
public final class JSONTape {
  private let tape: OpaquePointer
  private let root: JSONNode
  /// Made of a Lua value: empty tables are `{}`, whatever they were meant to be.
  public let isOfLua: Bool

  /// Reads JSON text. Nesting is at most 128.
  public convenience init(_ json: [UInt8]) throws(LuaJSONError) {
    try self.init(owning: json.withUnsafeBytes { jr_tape_parse($0.baseAddress, $0.count) }, isOfLua: false)
  }

  /// Reads the value at `index` as `encodeJSON` would write it, and refuses what it refuses.
  public convenience init(_ thread: LuaThread, at index: Int32) throws(LuaJSONError) {
    try self.init(owning: jr_tape_of_value(thread.pointer, index), isOfLua: true)
  }

  private init(owning made: OpaquePointer?, isOfLua: Bool) throws(LuaJSONError) {
    guard let made else { throw LuaJSONError(message: "not enough memory") }
    guard let first = jr_tape_root(made) else {
      defer { jr_tape_free(made) }
      throw LuaJSONError(jr_tape_failure(made))
    }
    tape = made
    self.isOfLua = isOfLua
    root = JSONNode(node: first)
  }

  /// Lends the outermost value. Nodes may be kept by who keeps the tape, too.
  public func withRoot<R, Failure>(_ body: (JSONNode) throws(Failure) -> R) throws(Failure) -> R {
    // The last use of a tape would otherwise end it, before its nodes are read.
    defer { withExtendedLifetime(self) {} }
    return try body(root)
  }

  deinit { jr_tape_free(tape) }
}

// Nothing changes the tape between `init` and `deinit`.
extension JSONTape: @unchecked Sendable {}
