/// Makes one schema of two that both must hold.
enum SchemaMerge {
  static func without(_ key: String, _ schema: JSONValue) -> JSONValue {
    .object((schema.members ?? []).filter { $0.key != key })
  }

  static func merge(_ a: JSONValue, _ b: JSONValue) -> JSONValue {
    guard let first = a.members else { return b }
    guard let second = b.members else { return a }
    var merged = first
    for member in second {
      if let place = merged.lastIndex(where: { $0.key == member.key }) {
        merged[place].value = merge(member.key, merged[place].value, member.value)
      } else {
        merged.append(member)
      }
    }
    return .object(merged)
  }

  private static func merge(_ key: String, _ a: JSONValue, _ b: JSONValue) -> JSONValue {
    switch key {
    case "properties":
      var properties = a.members ?? []
      for member in b.members ?? [] {
        if let place = properties.lastIndex(where: { $0.key == member.key }) {
          properties[place].value = merge(properties[place].value, member.value)
        } else {
          properties.append(member)
        }
      }
      return .object(properties)
    case "required", "allOf": return .array((a.elements ?? []) + (b.elements ?? []))
    case "items": return merge(a, b)
    case "additionalProperties": return a == .bool(false) ? a : merge(a, b)
    case "type", "enum":
      let common = choices(a).filter { choices(b).contains($0) }
      return common.isEmpty ? b : common.count == 1 && key == "type" ? common[0] : .array(common)
    case "minimum", "exclusiveMinimum", "minLength", "minItems", "minProperties":
      return a.double ?? -.infinity > b.double ?? -.infinity ? a : b
    case "maximum", "exclusiveMaximum", "maxLength", "maxItems", "maxProperties":
      return a.double ?? .infinity < b.double ?? .infinity ? a : b
    default: return b
    }
  }

  private static func choices(_ value: JSONValue) -> [JSONValue] { value.elements ?? [value] }
}
