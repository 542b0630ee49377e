import LuaBridge

extension LuaValue {
  /// The value in an error message: `"60/min"`, `12`, `a table`; long strings are cut.
  var described: String {
    switch self {
    case .nil: "nil"
    case .null: "jobrun.null"
    case .boolean(let value): "\(value)"
    case .integer(let value): "\(value)"
    case .number(let value): value.isNaN ? "nan" : "\(value)"
    case .string(let bytes): Self.quoted(bytes)
    case .table: "a table"
    case .function: "a function"
    case .other(let type): "a \(type)"
    }
  }

  private static func quoted(_ bytes: [UInt8]) -> String {
    let text = String(decoding: bytes.prefix(160), as: UTF8.self)
    let shown = text.prefix(40)
    let isCut = shown.utf8.count < bytes.count
    return "\"\(shown)\(isCut ? "..." : "")\""
  }

  /// The text of a string; invalid UTF-8 is repaired.
  var text: String? {
    guard case .string(let bytes) = self else { return nil }
    return String(decoding: bytes, as: UTF8.self)
  }

  /// The number, of an integer or a float.
  var number: Double? {
    switch self {
    case .integer(let value): Double(value)
    case .number(let value): value
    default: nil
    }
  }

  /// The number, where it has no fraction.
  var wholeNumber: Int? {
    switch self {
    case .integer(let value): value
    case .number(let value): Int(exactly: value)
    default: nil
    }
  }

  var table: LuaTableValue? {
    guard case .table(let table) = self else { return nil }
    return table
  }
}
