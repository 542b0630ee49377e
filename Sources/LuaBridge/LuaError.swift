import CLua
import CLuaShims

/// A failure of Lua code.
public struct LuaError: Error, CustomStringConvertible {
  public enum Kind: Sendable {
    /// The text is not Lua.
    case syntax
    /// An error was raised.
    case runtime
    /// The memory limit was reached.
    case memory
    /// The time budget ran out, even if the script swallowed the error.
    case timeBudget
    /// A value could not become JSON, or text was not JSON.
    case json
  }

  public var kind: Kind
  /// The message as Lua gives it, "jobs/x.lua:12: …"; of other error values what `tostring` makes of them, of plain tables JSON.
  public var message: String
  /// "stack traceback:\n…" without the bridge's own lines; nil where there was none to be had.
  public var traceback: String?

  public init(kind: Kind, message: String, traceback: String? = nil) {
    self.kind = kind
    self.message = message
    self.traceback = traceback
  }

  public var description: String { message }
}

extension LuaError {
  /// Reads the failure of a protected entry; leaves the error value where it is, on top of the stack.
  ///
  /// Stack: [.., error] -> same
  init(outcome: Int32, on thread: LuaThread) {
    let stack = StackGuard(thread)
    defer { stack.check() }
    jr_take_traceback(thread.pointer)  // before a __tostring can fail and leave another
    let traceback = thread.string(at: -1).map(LuaError.cleaned)
    thread.pop()
    switch jr_outcome(rawValue: UInt32(outcome)) {
    case JR_SYNTAX: self.init(kind: .syntax, message: thread.string(at: -1) ?? "syntax error")
    case JR_MEMORY: self.init(kind: .memory, message: thread.string(at: -1) ?? "not enough memory")
    case JR_BUDGET: self.init(kind: .timeBudget, message: thread.string(at: -1) ?? "time budget exceeded")
    default: self.init(kind: .runtime, message: LuaError.message(of: thread))
    }
    self.traceback = traceback
  }

  private static func message(of thread: LuaThread) -> String {
    switch thread.type(at: -1) {
    case .string: return thread.string(at: -1) ?? ""
    case .number, .boolean, .lightUserdata: return thread.describe(at: -1)
    case .table:
      if luaL_getmetafield(thread.pointer, -1, "__tostring") != LUA_TNIL {
        thread.pop()
        return thread.display(at: -1)
      }
      let json = try? thread.withJSON(at: -1) { $0.count <= 2000 ? String(decoding: $0, as: UTF8.self) : nil }
      return (json ?? nil) ?? "(error object is a table value)"
    case .userdata where luaL_getmetafield(thread.pointer, -1, "__tostring") != LUA_TNIL:
      thread.pop()
      return thread.display(at: -1)
    case let type:
      return "(error object is a \(type.name) value)"
    }
  }

  /// Drops the lines of the functions that the bridge has at the bottom of a stack.
  private static func cleaned(_ traceback: String) -> String {
    var text = Substring(traceback)
    while text.hasSuffix("\n\t[C]: in ?") { text = text.dropLast("\n\t[C]: in ?".count) }
    return String(text)
  }
}
