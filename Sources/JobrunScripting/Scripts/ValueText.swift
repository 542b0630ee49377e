import JobrunModel
import LuaBridge

/// A Lua value as a person reads it at the prompt: a table as text like JSON.
struct ValueText {
  /// A table that fits into so many characters stands on one line.
  private static let width = 76
  /// Entries of one table that are shown.
  private static let mostEntries = 100

  /// The value at `index`. Tables and userdata that have a `__tostring` are asked for it.
  @Loop
  static func of(_ index: Int32, on thread: LuaThread) -> String {
    switch thread.type(at: index) {
    case .string: return quoted(thread.bytes(at: index) ?? [])
    case .lightUserdata: return thread.describe(at: index)
    case .table:
      let text = thread.display(at: index)
      return isAddress(text) ? of(thread.value(at: index)) : text
    default: return thread.display(at: index)
    }
  }

  /// Whether a text is what Lua makes of a table that has no `__tostring`: `table: 0x55d0c0a8`.
  private static func isAddress(_ text: String) -> Bool {
    let parts = text.split(separator: ": 0x", omittingEmptySubsequences: false)
    return parts.count == 2 && parts[1].allSatisfy(\.isHexDigit)
  }

  static func of(_ value: LuaValue) -> String { block(value, indent: "") }

  /// On one line where that is short, else an entry a line.
  private static func block(_ value: LuaValue, indent: String) -> String {
    let line = line(value)
    guard case .table(let table) = value, line.utf8.count + indent.utf8.count > width else { return line }
    let inner = indent + "  "
    var entries = table.entries.prefix(mostEntries).map { entry in
      inner + key(entry.key, in: table) + block(entry.value, indent: inner)
    }
    if let more = more(than: table) { entries.append(inner + more) }
    let (open, close) = table.isArray ? ("[", "]") : ("{", "}")
    return "\(open)\n\(entries.joined(separator: ",\n"))\n\(indent)\(close)"
  }

  private static func line(_ value: LuaValue) -> String {
    switch value {
    case .nil: return "nil"
    case .null: return "null"
    case .boolean(let value): return "\(value)"
    case .integer(let value): return "\(value)"
    case .number(let value): return "\(value)"
    case .string(let bytes): return quoted(bytes)
    case .function: return "<function>"
    case .other("table"): return "{…}"
    case .other(let type): return "<\(type)>"
    case .table(let table):
      var entries = table.entries.prefix(mostEntries).map { key($0.key, in: table) + line($0.value) }
      if let more = more(than: table) { entries.append(more) }
      let text = entries.joined(separator: ", ")
      return table.isArray ? "[\(text)]" : "{\(text)}"
    }
  }

  /// What stands before an entry's value; a list needs no keys.
  private static func key(_ key: LuaValue, in table: LuaTableValue) -> String {
    if table.isArray { return "" }
    if case .string(let bytes) = key { return quoted(bytes) + ": " }
    return "[\(line(key))]: "
  }

  private static func more(than table: LuaTableValue) -> String? {
    table.entries.count > mostEntries ? "… \(table.entries.count - mostEntries) more" : nil
  }

  /// As a string of JSON; what a terminal would obey is escaped.
  private static func quoted(_ bytes: [UInt8]) -> String {
    var text = "\""
    for scalar in String(decoding: bytes, as: UTF8.self).unicodeScalars {
      switch scalar {
      case "\"": text += "\\\""
      case "\\": text += "\\\\"
      case "\n": text += "\\n"
      case "\r": text += "\\r"
      case "\t": text += "\\t"
      case _ where scalar.value < 0x20 || (0x7F..<0xA0).contains(scalar.value):
        let digits = String(scalar.value, radix: 16)
        text += "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
      default: text.unicodeScalars.append(scalar)
      }
    }
    return text + "\""
  }
}
