import Testing

@testable import JobrunMock
@testable import JobrunScripting

/// The mock's values pass the project's own check.
@Suite struct MockSchemaTests {
  static let schemas = [
    #"{}"#, #"{"type":"object"}"#,
    #"{"type":"object","properties":{"a":{"type":"string"},"b":{"type":["integer","null"],"minimum":2}},"required":["a","b"],"additionalProperties":false}"#,
    #"{"type":"array","items":{"enum":["x","y"]},"minItems":2,"maxItems":3,"uniqueItems":true}"#,
    #"{"type":"array","prefixItems":[{"const":1},{"type":"string"}],"items":false,"minItems":2}"#,
    #"{"type":"number","exclusiveMinimum":1,"exclusiveMaximum":1.5}"#,
    #"{"type":"number","minimum":7.05,"multipleOf":0.1}"#,
    #"{"type":"integer","minimum":-9,"maximum":-8,"multipleOf":2}"#,
    #"{"type":"integer","multipleOf":0.5,"exclusiveMinimum":0}"#,
    #"{"type":"string","minLength":30,"maxLength":31}"#,
    #"{"type":"string","pattern":"^(GB|DE)\\d{2}[^0-9]+$"}"#, #"{"type":"string","pattern":"^[\\w.]+@[a-z]+\\.com$"}"#,
    #"{"anyOf":[{"type":"integer"},{"type":"null"}]}"#,
    #"{"oneOf":[{"type":"object","required":["k"],"properties":{"k":{"const":"a"}}},{"type":"string"}]}"#,
    #"{"allOf":[{"type":"integer","minimum":3},{"maximum":5},{"minimum":4}]}"#,
    ##"{"$defs":{"node":{"type":"object","properties":{"v":{"type":"integer"},"next":{"anyOf":[{"$ref":"#/$defs/node"},{"type":"null"}]}},"required":["v","next"],"additionalProperties":false}},"$ref":"#/$defs/node"}"##,
    ##"{"type":"object","properties":{"children":{"type":"array","items":{"$ref":"#"}}},"required":["children"]}"##,
  ]

  @Test(arguments: schemas) func `a value of the mock satisfies its schema`(schema: String) throws {
    let check = try SchemaCheck(schema: Array(schema.utf8))
    let parsed = try Array(schema.utf8).withUnsafeBytes { try JSONValue(scanning: $0) }
    for prompt in ["", "Ada is 36, Grace is 85 and 7.5 years are long. 한국어"] {
      let value = SchemaSample.value(of: parsed, prompt: prompt, isObject: false).json
      #expect(check.problems(of: Array(value.utf8)) == [], "\(value)")
    }
  }
}
