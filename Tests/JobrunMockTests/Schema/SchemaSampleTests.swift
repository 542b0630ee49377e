import Testing

@testable import JobrunMock

@Suite("A value for a schema")
struct SchemaSampleTests {
  private func sample(_ schema: String, prompt: String = "") throws -> String {
    var schema = schema
    let value = try schema.withUTF8 { try JSONValue(scanning: UnsafeRawBufferPointer($0)) }
    return SchemaSample.value(of: value, prompt: prompt, isObject: false).json
  }

  @Test(arguments: [
    (#"{"type":"integer","minimum":3}"#, "3"),
    (#"{"type":"integer","exclusiveMinimum":3,"multipleOf":5}"#, "5"),
    (#"{"type":"integer","exclusiveMinimum":3}"#, "4"),
    (#"{"type":"integer","maximum":-7}"#, "-7"),
    (#"{"type":"number","exclusiveMinimum":0,"exclusiveMaximum":1}"#, "0.5"),
    (#"{"type":"number","minimum":0.25,"multipleOf":0.1}"#, "0.3"),
    (#"{"type":["null","boolean"]}"#, "true"),
    (#"{"const":{"a":[1]}}"#, #"{"a":[1]}"#),
    (#"{"enum":["x","y"]}"#, #""x""#),
    (#"{"type":"string","minLength":6}"#, #""mockxx""#),
    (#"{"type":"string","maxLength":2}"#, #""mo""#),
    (#"{"type":"string","pattern":"^[A-Z]{3}-\\d+(a|b)?$","minLength":8}"#, #""AAA-0000a""#),
    (#"{"type":"string","format":"uuid"}"#, #""00000000-0000-4000-8000-000000000000""#),
    (#"{"type":"array","items":{"type":"integer"},"minItems":3,"uniqueItems":true}"#, "[0,-1,-2]"),
    (#"{"prefixItems":[{"type":"null"},{"type":"boolean"}],"items":false}"#, "[null,true]"),
    (#"{"allOf":[{"required":["a"]},{"properties":{"a":{"type":"null"}}}]}"#, #"{"a":null}"#),
    (#"{"anyOf":[{"type":"null"},{"type":"string"}]}"#, "null"),
    (##"{"$ref":"#/$defs/n","$defs":{"n":{"type":"integer","minimum":1}}}"##, "1"),
    (##"{"$ref":"#"}"##, #""mock""#),
    (#"{"required":["b"],"minProperties":2}"#, #"{"b":"mock","mock_1":"mock"}"#),
  ])
  func `is as the schema says`(schema: String, value: String) throws { #expect(try sample(schema) == value) }

  @Test func `takes words and numbers from the prompt`() throws {
    let schema = #"{"properties":{"who":{"type":"string"},"age":{"type":"integer","minimum":10}}}"#
    #expect(try sample(schema, prompt: "Ada, 7 or 36 years") == #"{"who":"Ada or years","age":36}"#)
  }

  @Test func `ends where a schema contains itself`() throws {
    let node = ##"{"type":"object","properties":{"l":{"$ref":"#"},"r":{"anyOf":[{"$ref":"#"},{"type":"null"}]}},"##
    #expect(try sample(node + #""required":["r"]}"#).count < 20_000)
    #expect(try sample(node + #""required":["l","r"]}"#).count < 2_000_000)
  }
}
