/// The keywords of JSON Schema, by what becomes of them.
enum SchemaKeyword {
  static let checked: Set<String> = [
    "$ref", "$defs", "definitions", "$anchor", "type", "nullable", "enum", "const",
    "minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum", "multipleOf", "minLength", "maxLength", "pattern",
    "properties", "patternProperties", "additionalProperties", "propertyNames", "required", "minProperties",
    "maxProperties", "dependencies", "dependentRequired", "dependentSchemas",
    "items", "prefixItems", "additionalItems", "minItems", "maxItems", "uniqueItems", "contains", "minContains",
    "maxContains", "allOf", "anyOf", "oneOf", "not", "if", "then", "else",
  ]

  /// They say nothing about which values fit.
  static let annotations: Set<String> = [
    "format", "title", "description", "default", "example", "examples", "deprecated", "readOnly", "writeOnly",
    "$schema", "$id", "id", "$comment", "$vocabulary", "$dynamicAnchor", "$recursiveAnchor", "contentEncoding",
    "contentMediaType", "contentSchema", "discriminator", "externalDocs", "xml", "strict", "name", "note",
    "propertyOrdering",
  ]

  /// What to write instead of those that would change the meaning but are not known.
  static let refused: [String: String] = [
    "unevaluatedProperties": "not supported; name all properties in one schema and use \"additionalProperties\"",
    "unevaluatedItems": "not supported; use \"items\" behind \"prefixItems\"",
    "$dynamicRef": "not supported; use \"$ref\"", "$recursiveRef": "not supported; use \"$ref\"",
    "divisibleBy": "not supported; use \"multipleOf\"", "extends": "not supported; use \"allOf\"",
    "disallow": "not supported; use \"not\"",
  ]

  /// What a misspelt keyword may have been meant to be; short ones are too near to other words.
  static let suggestions = (checked.filter { $0.count > 4 }.union(["$ref", "enum", "type"])).sorted()

  /// Keys of what providers wrap a schema in.
  static let wrappers: Set<String> = ["schema", "json_schema", "parameters", "input_schema"]
}
