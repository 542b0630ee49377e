import LuaBridge

/// Schemas made of schemas.
extension SchemaCompiler {
  mutating func combinations(_ fields: SchemaFields) -> [SchemaRule] {
    var rules: [SchemaRule] = []
    if let all = schemas("allOf", fields) { rules.append(.all(all)) }
    if let any = schemas("anyOf", fields) { rules.append(.any(any)) }
    if let one = schemas("oneOf", fields) { rules.append(.one(one)) }
    if let not = schema("not", fields) { rules.append(.not(not)) }
    let (then, otherwise) = (schema("then", fields), schema("else", fields))
    if let condition = schema("if", fields) {
      rules.append(.condition(if: condition, then: then, else: otherwise))
    }
    return rules
  }

  /// Checked even where nothing refers to them.
  mutating func definitions(_ fields: SchemaFields) {
    _ = namedSchemas("$defs", fields)
    _ = namedSchemas("definitions", fields)
  }

  /// Adds a rule for each `$ref`. What it refers to need not be where a schema usually is.
  mutating func resolveReferences() {
    while let reference = references.next() {
      guard let target = reference.target.string else {
        refuse(reference.pointer, "a reference such as \"#/$defs/name\" expected, got \(reference.target.described)")
        continue
      }
      if references.isBelowIdentifier(reference.pointer) {
        refuse(reference.pointer, "not supported below a nested \"$id\", which changes what it refers to")
      } else if let schema = schema(referredToAs: target, pointer: reference.pointer) {
        schemas[reference.schema].rules.append(.reference(schema))
      }
    }
  }

  private mutating func schema(referredToAs target: String, pointer: String) -> Int? {
    guard target.hasPrefix("#") else {
      refuse(pointer, "\"\(target)\" is outside; only this schema can be referred to, as \"#/$defs/name\"")
      return nil
    }
    let fragment = String(target.dropFirst()).removingPercents
    guard fragment.isEmpty || fragment.hasPrefix("/") else {
      if let found = references.anchors[fragment] { return found }
      let hint = NameSuggestion.hint(for: fragment, among: references.anchors.keys.sorted())
      refuse(pointer, "there is no \"$anchor\" \"\(fragment)\"\(hint)")
      return nil
    }
    var node = root
    for step in fragment.split(separator: "/", omittingEmptySubsequences: false).dropFirst() {
      let name = String(step).unescapedPointerStep
      guard let next = node.kind == .array ? Int(name).flatMap(node.element) : member(name, of: node) else {
        let hint = NameSuggestion.hint(for: name, among: node.members.compactMap(\.key.string))
        refuse(pointer, "\"\(target)\" leads nowhere: there is no \"\(name)\"\(hint)")
        return nil
      }
      node = next
    }
    return schema(at: node, pointer: fragment)
  }
}

/// What refers to what, gathered while the schemas are read.
struct SchemaReferences {
  struct Reference {
    var schema: Int
    var target: JSONNode
    var pointer: String
  }

  private var all: [Reference] = []
  private var resolved = 0
  private(set) var anchors: [String: Int] = [:]
  private var identifiers: [String] = []

  mutating func note(_ fields: SchemaFields, index: Int, isRoot: Bool) {
    if let target = fields["$ref"] {
      all.append(Reference(schema: index, target: target, pointer: fields.pointer(to: "$ref")))
    }
    if let anchor = fields["$anchor"]?.string { anchors[anchor] = index }
    if !isRoot, fields["$id"]?.string != nil { identifiers.append(fields.pointer) }
  }

  /// The next one to resolve; the schema it leads to may add more.
  mutating func next() -> Reference? {
    guard resolved < all.count else { return nil }
    defer { resolved += 1 }
    return all[resolved]
  }

  func isBelowIdentifier(_ pointer: String) -> Bool { identifiers.contains { pointer.hasPrefix($0 + "/") } }
}

extension JSONNode {
  fileprivate func element(_ index: Int) -> JSONNode? {
    for (offset, element) in elements.enumerated() where offset == index { return element }
    return nil
  }
}

extension String {
  fileprivate var unescapedPointerStep: String { replacing("~1", with: "/").replacing("~0", with: "~") }

  /// With `%41` as `A`.
  fileprivate var removingPercents: String {
    guard utf8.contains(UInt8(ascii: "%")) else { return self }
    var bytes: [UInt8] = []
    var rest = Substring(self).utf8
    while let byte = rest.popFirst() {
      let digits = rest.prefix(2)
      if byte == UInt8(ascii: "%"), digits.count == 2, let value = UInt8(Substring(digits), radix: 16) {
        bytes.append(value)
        rest.removeFirst(2)
      } else {
        bytes.append(byte)
      }
    }
    return String(decoding: bytes, as: UTF8.self)
  }
}
