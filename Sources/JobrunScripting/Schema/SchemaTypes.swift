import LuaBridge

/// The types that a schema allows.
struct SchemaTypes: OptionSet, Sendable {
  let rawValue: Int

  static let string = SchemaTypes(rawValue: 1)
  static let number = SchemaTypes(rawValue: 2)
  static let integer = SchemaTypes(rawValue: 4)
  static let boolean = SchemaTypes(rawValue: 8)
  static let array = SchemaTypes(rawValue: 16)
  static let object = SchemaTypes(rawValue: 32)
  static let null = SchemaTypes(rawValue: 64)

  static let names: [(name: String, type: SchemaTypes)] = [
    ("string", .string), ("number", .number), ("integer", .integer), ("boolean", .boolean), ("array", .array),
    ("object", .object), ("null", .null),
  ]

  init(rawValue: Int) { self.rawValue = rawValue }

  init?(name: String) {
    guard let found = Self.names.first(where: { $0.name == name }) else { return nil }
    self = found.type
  }

  func contains(_ value: JSONNode) -> Bool {
    switch value.kind {
    case .string: contains(.string)
    case .boolean: contains(.boolean)
    case .null: contains(.null)
    case .array: contains(.array)
    case .object: contains(.object) || value.isUnmarkedEmpty && contains(.array)
    case .integer, .unsigned: !isDisjoint(with: [.number, .integer])
    case .float: contains(.number) || contains(.integer) && SchemaNumber(value)?.isWhole == true
    }
  }
}

extension SchemaTypes: CustomStringConvertible {
  /// `string or null`.
  var description: String { Self.names.filter { contains($0.type) }.map(\.name).joined(separator: " or ") }
}
