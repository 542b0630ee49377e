import LuaBridge

/// Reads the values of keywords. Absent ones give nil; wrong ones are noted and give nil.
extension SchemaCompiler {
  mutating func flag(_ name: String, _ fields: SchemaFields) -> Bool? {
    guard let value = fields[name] else { return nil }
    if value.boolean == nil { expected("true or false", value, name, fields) }
    return value.boolean
  }

  mutating func number(_ name: String, _ fields: SchemaFields) -> SchemaNumber? {
    guard let value = fields[name] else { return nil }
    if let number = SchemaNumber(value) { return number }
    expected("a number", value, name, fields)
    return nil
  }

  mutating func size(_ name: String, _ fields: SchemaFields) -> Int? {
    guard let value = fields[name] else { return nil }
    switch SchemaNumber(value) {
    case .integer(let size) where size >= 0: return Int(size)
    case .unsigned: return Int.max
    case .float(let size) where size > 0 && size.rounded() == size: return Int.max
    default:
      expected("a whole number from 0", value, name, fields)
      return nil
    }
  }

  mutating func count(_ least: String, _ most: String, _ fields: SchemaFields) -> SchemaCount? {
    let (low, high) = (size(least, fields), size(most, fields))
    return low == nil && high == nil ? nil : SchemaCount(least: low ?? 0, most: high ?? .max)
  }

  mutating func schema(_ name: String, _ fields: SchemaFields) -> Int? {
    guard let value = fields[name] else { return nil }
    return schema(at: value, pointer: fields.pointer(to: name))
  }

  /// A list of schemas that has at least one.
  mutating func schemas(_ name: String, _ fields: SchemaFields) -> [Int]? {
    guard let value = fields[name] else { return nil }
    guard value.kind == .array, value.count > 0 else {
      expected("a list of schemas that is not empty", value, name, fields)
      return nil
    }
    return value.elements.enumerated().map {
      schema(at: $0.element, pointer: fields.pointer(to: name).appendingPointer("\($0.offset)"))
    }
  }

  /// An object whose values are schemas.
  mutating func namedSchemas(_ name: String, _ fields: SchemaFields) -> [(key: JSONNode, schema: Int)]? {
    guard let value = fields[name] else { return nil }
    guard value.kind == .object else {
      expected("an object with a schema for each name", value, name, fields)
      return nil
    }
    return value.members.map { key, value in
      (key, schema(at: value, pointer: fields.pointer(to: name).appendingPointer(key.string ?? "")))
    }
  }

  /// A list of strings. An empty object is an empty list: Lua writes it so.
  mutating func names(_ value: JSONNode, pointer: String) -> [JSONNode]? {
    if value.kind == .object, value.count == 0 { return [] }
    guard value.kind == .array, value.elements.allSatisfy({ $0.kind == .string }) else {
      refuse(pointer, "a list of property names expected, got \(value.described)")
      return nil
    }
    return Array(value.elements)
  }

  mutating func pattern(_ source: String, pointer: String) -> TextPattern? {
    do throws(TextPattern.Failure) {
      return try TextPattern(source)
    } catch {
      refuse(pointer, "no regular expression: \(error.reason) (at byte \(error.offset))")
      return nil
    }
  }

  mutating func expected(_ what: String, _ value: JSONNode, _ name: String, _ fields: SchemaFields) {
    refuse(fields.pointer(to: name), "\(what) expected, got \(value.described)")
  }
}
