import LuaBridge

/// Makes rules of a schema's text, and finds all that is wrong with it.
struct SchemaCompiler {
  let root: JSONNode
  var schemas: [SchemaNode] = []
  /// Where each schema is, as a JSON pointer.
  private(set) var pointers: [String] = []
  var problems: [SchemaError.Problem] = []
  private var indices: [JSONNode: Int] = [:]
  /// The members of what references lead through.
  private var members: [JSONNode: [String: JSONNode]] = [:]
  var references = SchemaReferences()

  init(root: JSONNode) { self.root = root }

  /// The first schema is the whole.
  mutating func compile() throws(SchemaError) -> [SchemaNode] {
    _ = schema(at: root, pointer: "")
    resolveReferences()
    if problems.isEmpty {
      problems += SchemaNesting(schemas: schemas).problems(pointers: pointers)
    }
    guard problems.isEmpty else { throw SchemaError(problems: problems) }
    return schemas
  }

  /// The index of the schema at a node, which is compiled unless it was already.
  mutating func schema(at node: JSONNode, pointer: String) -> Int {
    if let known = indices[node] { return known }
    let index = schemas.count
    indices[node] = index
    schemas.append(SchemaNode())
    pointers.append(pointer)
    if node.boolean == false {
      schemas[index].rules = [.never]
    } else if node.kind == .object {
      let fields = SchemaFields(node, pointer: pointer)
      let compiled = compile(fields, index: index)
      schemas[index] = compiled
    } else if node.boolean == nil {
      refuse(pointer, "a schema (an object, true or false) expected, got \(node.described)")
    }
    return index
  }

  /// The order is that of the checks: the type first.
  private mutating func compile(_ fields: SchemaFields, index: Int) -> SchemaNode {
    checkKeywords(of: fields)
    var node = SchemaNode()
    let types = types(fields)
    if let types { node.rules.append(.type(types)) }
    node.isNullable = flag("nullable", fields) ?? false
    node.rules += values(fields) + numbers(fields) + strings(fields) + objects(fields) + arrays(fields)
    node.takesEmptyAsArray =
      types.map { $0.contains(.array) && !$0.contains(.object) }
      ?? (node.rules.contains(where: \.isOfArrays) && !node.rules.contains(where: \.isOfObjects))
    node.rules += combinations(fields)
    definitions(fields)
    references.note(fields, index: index, isRoot: index == 0)
    return node
  }

  private mutating func checkKeywords(of fields: SchemaFields) {
    for name in fields.names {
      if SchemaKeyword.checked.contains(name) || SchemaKeyword.annotations.contains(name) { continue }
      if let message = SchemaKeyword.refused[name] {
        refuse(fields.pointer(to: name), message)
      } else if fields.pointer.isEmpty, SchemaKeyword.wrappers.contains(name) {
        refuse(fields.pointer(to: name), "no keyword of JSON Schema; give the schema that stands here itself")
      } else if let meant = NameSuggestion.nearest(to: name, among: SchemaKeyword.suggestions) {
        refuse(fields.pointer(to: name), "unknown keyword (did you mean \"\(meant)\"?)")
      }
    }
  }

  /// The value of the last member with this key.
  mutating func member(_ name: String, of node: JSONNode) -> JSONNode? {
    if let known = members[node] { return known[name] }
    let read = Dictionary(node.members.map { ($0.key.string ?? "", $0.value) }, uniquingKeysWith: { $1 })
    members[node] = read
    return read[name]
  }

  mutating func refuse(_ pointer: String, _ message: String) {
    problems.append(.init(pointer: pointer, message: message))
  }
}

/// The keywords of one schema. Of equal ones the last counts.
struct SchemaFields {
  let pointer: String
  let names: [String]
  private let values: [String: JSONNode]

  init(_ node: JSONNode, pointer: String) {
    self.pointer = pointer
    let members = node.members.map { ($0.key.string ?? "", $0.value) }
    names = members.map(\.0)
    values = Dictionary(members, uniquingKeysWith: { $1 })
  }

  subscript(name: String) -> JSONNode? { values[name] }

  func pointer(to name: String) -> String { pointer.appendingPointer(name) }
}

extension String {
  /// This JSON pointer, one step deeper.
  func appendingPointer(_ step: String) -> String {
    guard step.utf8.contains(where: { $0 == UInt8(ascii: "~") || $0 == UInt8(ascii: "/") }) else {
      return self + "/" + step
    }
    var pointer = self + "/"
    for character in step.unicodeScalars {
      switch character {
      case "~": pointer += "~0"
      case "/": pointer += "~1"
      default: pointer.unicodeScalars.append(character)
      }
    }
    return pointer
  }
}
