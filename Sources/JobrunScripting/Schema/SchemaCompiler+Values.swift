import LuaBridge

/// `type`, `enum`, `const`, and what is asked of numbers and strings.
extension SchemaCompiler {
  mutating func types(_ fields: SchemaFields) -> SchemaTypes? {
    guard let value = fields["type"] else { return nil }
    let pointer = fields.pointer(to: "type")
    if value.kind == .string { return type(value, pointer: pointer) }
    guard value.kind == .array, value.count > 0 else {
      refuse(pointer, "a type or a list of types expected, got \(value.described)")
      return nil
    }
    var types: SchemaTypes = []
    for (offset, element) in value.elements.enumerated() {
      guard let type = type(element, pointer: pointer.appendingPointer("\(offset)")) else { return nil }
      types.insert(type)
    }
    return types
  }

  private mutating func type(_ value: JSONNode, pointer: String) -> SchemaTypes? {
    if let type = value.string.flatMap(SchemaTypes.init(name:)) { return type }
    let names = SchemaTypes.names.map(\.name)
    let meant = value.string.map { NameSuggestion.hint(for: $0.lowercased(), among: names) } ?? ""
    let list = names.dropLast().map { "\"\($0)\"" }.joined(separator: ", ")
    refuse(pointer, "\(list) or \"null\" expected, got \(value.described)\(meant)")
    return nil
  }

  mutating func values(_ fields: SchemaFields) -> [SchemaRule] {
    var rules: [SchemaRule] = []
    if let value = fields["const"] { rules.append(.values(SchemaValues([value]))) }
    if let value = fields["enum"] {
      if value.kind == .array, value.count > 0 {
        rules.append(.values(SchemaValues(Array(value.elements))))
      } else {
        expected("a list of values that is not empty", value, "enum", fields)
      }
    }
    return rules
  }

  mutating func numbers(_ fields: SchemaFields) -> [SchemaRule] {
    var rules: [SchemaRule] = []
    let (least, most) = (number("minimum", fields), number("maximum", fields))
    if let bound = exclusive("exclusiveMinimum", of: least, "minimum", fields) {
      rules.append(.bound(.moreThan, bound))
    }
    if let bound = exclusive("exclusiveMaximum", of: most, "maximum", fields) { rules.append(.bound(.lessThan, bound)) }
    if let least, fields["exclusiveMinimum"]?.boolean != true { rules.append(.bound(.atLeast, least)) }
    if let most, fields["exclusiveMaximum"]?.boolean != true { rules.append(.bound(.atMost, most)) }
    if let step = number("multipleOf", fields) {
      if step > .integer(0) {
        rules.append(.multiple(of: step))
      } else {
        refuse(fields.pointer(to: "multipleOf"), "a number above 0 expected, got \(step)")
      }
    }
    return rules
  }

  /// A number, or draft 4's true beside the bound itself.
  private mutating func exclusive(
    _ name: String, of bound: SchemaNumber?, _ boundName: String, _ fields: SchemaFields
  ) -> SchemaNumber? {
    guard let value = fields[name], value.boolean != false else { return nil }
    if let number = SchemaNumber(value) { return number }
    if value.boolean == nil {
      expected("a number", value, name, fields)
    } else if fields[boundName] == nil {
      refuse(fields.pointer(to: name), "a number expected, got true without \"\(boundName)\"")
    }
    return bound
  }

  mutating func strings(_ fields: SchemaFields) -> [SchemaRule] {
    var rules: [SchemaRule] = []
    if let length = count("minLength", "maxLength", fields) { rules.append(.length(length)) }
    if let value = fields["pattern"] {
      if let source = value.string {
        if let pattern = pattern(source, pointer: fields.pointer(to: "pattern")) { rules.append(.pattern(pattern)) }
      } else {
        expected("a regular expression", value, "pattern", fields)
      }
    }
    return rules
  }
}
