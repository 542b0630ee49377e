import LuaBridge

/// What is asked of objects and arrays.
extension SchemaCompiler {
  mutating func objects(_ fields: SchemaFields) -> [SchemaRule] {
    var rules: [SchemaRule] = []
    if let value = fields["required"], let names = names(value, pointer: fields.pointer(to: "required")) {
      rules.append(.required(names))
    }
    if let members = members(fields) { rules.append(.members(members)) }
    if let count = count("minProperties", "maxProperties", fields) { rules.append(.memberCount(count)) }
    if let schema = schema("propertyNames", fields) { rules.append(.memberNames(schema)) }
    for name in ["dependencies", "dependentRequired", "dependentSchemas"] { rules += dependencies(name, fields) }
    return rules
  }

  private mutating func members(_ fields: SchemaFields) -> SchemaMembers? {
    guard
      ["properties", "patternProperties", "additionalProperties"].contains(where: { fields[$0] != nil })
    else { return nil }
    var members = SchemaMembers()
    // Stable: of equal keys the last is found first.
    members.named = (namedSchemas("properties", fields) ?? []).sorted { $0.key.utf8.order(to: $1.key.utf8) < 0 }
    for (key, schema) in namedSchemas("patternProperties", fields) ?? [] {
      let source = key.string ?? ""
      let pointer = fields.pointer(to: "patternProperties").appendingPointer(source)
      if let pattern = pattern(source, pointer: pointer) { members.patterns.append((pattern, schema)) }
    }
    members.others = schema("additionalProperties", fields)
    return members
  }

  /// A list of keys, or a schema for the whole object.
  private mutating func dependencies(_ name: String, _ fields: SchemaFields) -> [SchemaRule] {
    guard let value = fields[name] else { return [] }
    guard value.kind == .object else {
      expected("an object", value, name, fields)
      return []
    }
    return value.members.compactMap { key, value in
      let pointer = fields.pointer(to: name).appendingPointer(key.string ?? "")
      if name == "dependentRequired" || name == "dependencies" && value.kind == .array {
        return names(value, pointer: pointer).map { .dependentKeys(key: key, others: $0) }
      }
      return .dependentSchema(key: key, schema(at: value, pointer: pointer))
    }
  }

  mutating func arrays(_ fields: SchemaFields) -> [SchemaRule] {
    var rules: [SchemaRule] = []
    if let count = count("minItems", "maxItems", fields) { rules.append(.elementCount(count)) }
    // A list as `items` is what `prefixItems` was until 2019.
    let isTuple = fields["items"]?.kind == .array
    var first: [Int] = []
    if let value = fields["items"], isTuple, value.count == 0 {
      expected("a schema", value, "items", fields)
    } else {
      first = (isTuple ? schemas("items", fields) : schemas("prefixItems", fields)) ?? []
    }
    if isTuple, fields["prefixItems"] != nil {
      refuse(fields.pointer(to: "items"), "a schema expected beside \"prefixItems\", got a list")
    }
    let behind = schema("additionalItems", fields)
    let rest = isTuple ? behind : schema("items", fields)
    if !first.isEmpty || rest != nil { rules.append(.elements(first: first, rest: rest)) }
    if flag("uniqueItems", fields) == true { rules.append(.unique) }
    var containing = count("minContains", "maxContains", fields) ?? SchemaCount()
    if fields["minContains"] == nil { containing.least = 1 }
    if let schema = schema("contains", fields) { rules.append(.contains(schema, containing)) }
    return rules
  }
}
