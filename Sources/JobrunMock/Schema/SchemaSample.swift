/// Makes a value that satisfies a JSON Schema: always the same for the same schema and prompt.
///
/// What it does not know (`not`, `patternProperties`, `if`) it ignores; recursion and size are bounded.
struct SchemaSample {
  private static let depthLimit = 48
  /// From here on only what is required is made.
  private static let plainDepth = 4
  private static let itemLimit = 1000
  static let lengthLimit = 10_000

  private let root: JSONValue
  private let words: [String]
  private let numbers: [Double]
  /// The values that may still be made before only what is required is.
  private var budget = 2000
  /// The values that may still be made at all.
  private var rest = 20_000
  private var nextWord = 0
  /// The place in a list whose items must differ.
  private var variant = 0

  private init(root: JSONValue, prompt: String) {
    self.root = root
    let pieces = prompt.unicodeScalars.prefix(2000).split { !$0.properties.isAlphabetic && !("0"..."9" ~= $0) }
    words = pieces.filter { $0.first.map { $0.properties.isAlphabetic } ?? false }.map { String($0) }
    numbers = pieces.compactMap { piece in piece.count < 16 ? Int(String(piece)).map { Double($0) } : nil }
  }

  /// - Parameter isObject: The value must be an object, as a tool's arguments are.
  static func value(of schema: JSONValue, prompt: String, isObject: Bool) -> JSONValue {
    var sample = Self(root: schema, prompt: prompt)
    let value = sample.value(schema, depth: 0)
    return isObject && value.members == nil ? .object([]) : value
  }

  private mutating func value(_ schema: JSONValue, depth: Int) -> JSONValue {
    (budget, rest) = (budget - 1, rest - 1)
    guard depth < Self.depthLimit, rest > 0 else { return .null }
    let schema = resolved(schema, depth: depth)
    if let constant = schema["const"] { return constant }
    if let values = schema["enum"]?.elements, !values.isEmpty { return values[variant % values.count] }
    switch Self.type(of: schema) {
    case "object": return object(schema, depth: depth)
    case "array": return array(schema, depth: depth)
    case "integer": return number(schema, isWhole: true)
    case "number": return number(schema, isWhole: false)
    case "boolean": return .bool(variant % 2 == 0)
    case "null": return .null
    default: return .string(string(schema))
    }
  }

  /// The schema with its references, alternatives and conjunctions merged into it.
  private func resolved(_ schema: JSONValue, depth: Int) -> JSONValue {
    var schema = schema
    for _ in 0..<Self.depthLimit {
      if let reference = schema["$ref"]?.text {
        schema = SchemaMerge.merge(SchemaMerge.without("$ref", schema), target(of: reference))
      } else if let parts = schema["allOf"]?.elements {
        schema = parts.reduce(SchemaMerge.without("allOf", schema)) { SchemaMerge.merge($0, $1) }
      } else if let name = ["anyOf", "oneOf"].first(where: { schema[$0]?.elements != nil }) {
        let choices = (schema[name]?.elements ?? []).filter { $0 != .bool(false) }
        let choice = depth < Self.plainDepth && budget > 0 ? choices.first : choices.min { weight($0) < weight($1) }
        schema = SchemaMerge.merge(SchemaMerge.without(name, schema), choice ?? .bool(true))
      } else {
        break
      }
    }
    return schema
  }

  /// How much a choice lets a value grow.
  private func weight(_ schema: JSONValue) -> Int {
    if schema["const"] != nil || schema["enum"] != nil { return 0 }
    if schema["$ref"] != nil || schema["anyOf"] != nil || schema["allOf"] != nil || schema["oneOf"] != nil { return 3 }
    return switch Self.type(of: schema) {
    case "object", "array": 2
    case "null": 0
    default: 1
    }
  }

  /// What a reference within the schema points to; anything for others.
  private func target(of reference: String) -> JSONValue {
    guard reference.hasPrefix("#") else { return .bool(true) }
    var value = root
    for step in reference.dropFirst().split(separator: "/") {
      // "~1" before "~0", as RFC 6901 says; "%24" is how some write a "$".
      let name = step.replacing("%24", with: "$").replacing("~1", with: "/").replacing("~0", with: "~")
      let element = Int(name).flatMap { index in
        value.elements.flatMap { $0.indices.contains(index) ? $0[index] : nil }
      }
      value = value[String(name)] ?? element ?? .bool(true)
    }
    return value
  }

  private static func type(of schema: JSONValue) -> String {
    if let name = schema["type"]?.text { return name }
    let names = (schema["type"]?.elements ?? []).compactMap(\.text)
    if let name = names.first(where: { $0 != "null" }) ?? names.first { return name }
    let keywords = Set((schema.members ?? []).map(\.key))
    func has(_ names: String...) -> Bool { !keywords.isDisjoint(with: names) }
    if has("properties", "required", "additionalProperties", "minProperties") { return "object" }
    if has("items", "prefixItems", "minItems", "maxItems") { return "array" }
    if has("minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum", "multipleOf") { return "number" }
    return "string"
  }

  private mutating func object(_ schema: JSONValue, depth: Int) -> JSONValue {
    let required = (schema["required"]?.elements ?? []).compactMap(\.text)
    let isGenerous = depth < Self.plainDepth && budget > 0
    var members: [JSONValue.Member] = []
    var names: Set<String> = []
    for property in schema["properties"]?.members ?? [] where property.value != .bool(false) {
      let isWanted = isGenerous || required.contains(property.key)
      if isWanted, names.insert(property.key).inserted {
        let last = schema["properties"]?[property.key] ?? property.value
        members.append(.init(key: property.key, value: value(last, depth: depth + 1)))
      }
    }
    let others = schema["additionalProperties"] ?? .bool(true)
    for name in required where names.insert(name).inserted {
      members.append(.init(key: name, value: value(others, depth: depth + 1)))
    }
    let least = min(schema["minProperties"]?.int ?? 0, Self.itemLimit)
    var count = 0
    while members.count < least, others != .bool(false) {
      count += 1
      if names.insert("mock_\(count)").inserted {
        members.append(.init(key: "mock_\(count)", value: value(others, depth: depth + 1)))
      }
    }
    return .object(members)
  }

  private mutating func array(_ schema: JSONValue, depth: Int) -> JSONValue {
    // Before draft 2020-12 the first items stood as a list in `items`.
    let first = schema["prefixItems"]?.elements ?? schema["items"]?.elements ?? []
    let others = first.isEmpty || schema["prefixItems"] != nil ? schema["items"] : schema["additionalItems"]
    let isGenerous = depth < Self.plainDepth && budget > 0
    let most = schema["maxItems"]?.int ?? Self.itemLimit
    let usual = isGenerous ? max(first.count, others == .bool(false) ? 0 : 1) : 0
    let count = max(0, min(max(schema["minItems"]?.int ?? 0, min(usual, most)), Self.itemLimit))
    let outer = variant
    defer { variant = outer }
    var elements: [JSONValue] = []
    for index in 0..<count {
      if schema["uniqueItems"] == .bool(true) { variant = index }
      elements.append(value(index < first.count ? first[index] : others ?? .bool(true), depth: depth + 1))
    }
    return .array(elements)
  }

  private func number(_ schema: JSONValue, isWhole: Bool) -> JSONValue {
    SchemaNumberSample(schema, isWhole: isWhole).value(near: numbers, variant: variant)
  }

  /// Three words of the prompt, each time the next ones, within the lengths that are allowed.
  private mutating func string(_ schema: JSONValue) -> String {
    let (least, most) = (
      min(max(0, schema["minLength"]?.int ?? 0), Self.lengthLimit), max(0, schema["maxLength"]?.int ?? Self.lengthLimit)
    )
    if let pattern = schema["pattern"]?.text, let text = PatternSample.text(of: pattern, minLength: least) {
      return text
    }
    if let text = schema["format"]?.text.flatMap(Self.example) { return text }
    var text = variant == 0 ? "" : "\(variant) "
    if words.isEmpty {
      text += "mock"
    } else {
      text += (0..<min(3, words.count)).map { words[(nextWord + $0) % words.count] }.joined(separator: " ")
      nextWord += 3
    }
    var scalars = Array(text.unicodeScalars.prefix(most))
    while scalars.count < least { scalars.append(Unicode.Scalar(UInt8(ascii: "x"))) }
    var result = ""
    result.unicodeScalars.append(contentsOf: scalars)
    return result
  }

  private static func example(of format: String) -> String? {
    switch format {
    case "date": "2026-01-31"
    case "time": "12:00:00Z"
    case "date-time": "2026-01-31T12:00:00Z"
    case "duration": "P1D"
    case "email", "idn-email": "mock@example.com"
    case "hostname", "idn-hostname": "example.com"
    case "ipv4": "192.0.2.1"
    case "ipv6": "2001:db8::1"
    case "uuid": "00000000-0000-4000-8000-000000000000"
    case "uri", "iri", "uri-reference", "iri-reference": "https://example.com/"
    default: nil
    }
  }
}
