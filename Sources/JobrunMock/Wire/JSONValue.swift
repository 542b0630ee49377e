/// A JSON value with its texts decoded; numbers stay as they were written.
enum JSONValue: Sendable, Equatable {
  case null
  case bool(Bool)
  case number(String)
  case string(String)
  case array([JSONValue])
  case object([Member])

  struct Member: Sendable, Equatable {
    var key: String
    var value: JSONValue
  }

  /// Reads all of the bytes.
  init(scanning bytes: UnsafeRawBufferPointer) throws(JSONScanner.Malformed) {
    var scanner = JSONScanner(bytes)
    self = try Self.read(&scanner, bytes, depth: 0)
    try scanner.expectEnd()
    if scanner.hasNonASCII, String(validating: bytes, as: UTF8.self) == nil { throw JSONScanner.Malformed(offset: 0) }
  }

  private static func read(
    _ scanner: inout JSONScanner, _ bytes: UnsafeRawBufferPointer, depth: Int
  ) throws(JSONScanner.Malformed) -> Self {
    guard depth < JSONScanner.depthLimit else { throw JSONScanner.Malformed(offset: scanner.position) }
    var first = true
    switch scanner.peek() {
    case UInt8(ascii: "{"):
      try scanner.expect("{")
      var members: [Member] = []
      while let key = try scanner.nextKey(first: &first) {
        members.append(Member(key: text(bytes, key), value: try read(&scanner, bytes, depth: depth + 1)))
      }
      return .object(members)
    case UInt8(ascii: "["):
      try scanner.expect("[")
      var elements: [JSONValue] = []
      while try scanner.nextElement(first: &first) { elements.append(try read(&scanner, bytes, depth: depth + 1)) }
      return .array(elements)
    case UInt8(ascii: "\""): return .string(text(bytes, try scanner.string()))
    default:
      let start = scanner.position
      try scanner.skipValue()
      let word = String(decoding: bytes[start..<scanner.position], as: UTF8.self)
      return switch word {
      case "true": .bool(true)
      case "false": .bool(false)
      case "null": .null
      default: .number(word)
      }
    }
  }

  /// Texts without escapes, as large images are, are copied at once.
  private static func text(_ bytes: UnsafeRawBufferPointer, _ range: Range<Int>) -> String {
    bytes[range].contains(UInt8(ascii: "\\"))
      ? JSONText(bytes, range).decoded : String(decoding: bytes[range], as: UTF8.self)
  }

  /// The member of this name, the last one where there are several; nil where this is no object.
  subscript(key: String) -> JSONValue? {
    if case .object(let members) = self { members.last { $0.key == key }?.value } else { nil }
  }

  var text: String? { if case .string(let text) = self { text } else { nil } }
  var elements: [JSONValue]? { if case .array(let elements) = self { elements } else { nil } }
  var members: [Member]? { if case .object(let members) = self { members } else { nil } }
  var bool: Bool? { if case .bool(let bool) = self { bool } else { nil } }
  /// Nil where this is no number, or one beyond the range of a `Double`.
  var double: Double? {
    if case .number(let literal) = self, let value = Double(literal), value.isFinite { value } else { nil }
  }
  /// Nil where this is no whole number.
  var int: Int? { double.flatMap { Int(exactly: $0) } }

  /// The value as JSON, without white space.
  var json: String {
    switch self {
    case .null: "null"
    case .bool(let bool): bool ? "true" : "false"
    case .number(let literal): literal
    case .string(let text): Self.quoted(text)
    case .array(let elements): "[" + elements.map(\.json).joined(separator: ",") + "]"
    case .object(let members):
      "{" + members.map { Self.quoted($0.key) + ":" + $0.value.json }.joined(separator: ",") + "}"
    }
  }

  /// The text as JSON, with its quotes.
  static func quoted(_ text: String) -> String { "\"" + JSONText.escaped(text) + "\"" }
}
