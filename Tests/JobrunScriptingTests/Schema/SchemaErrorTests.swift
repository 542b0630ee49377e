import Testing

@testable import JobrunScripting

@Suite("A schema that is wrong itself")
struct SchemaErrorTests {
  static func messages(_ schema: String) -> [String] {
    do throws(SchemaError) {
      _ = try SchemaCheck(schema: Array(schema.utf8))
      return []
    } catch {
      return error.messages
    }
  }

  @Test(
    "is refused with its place and what would be right",
    arguments: [
      ("[]", "a schema (an object, true or false) expected, got an empty array"),
      ("{\"a\":", "not JSON: Invalid value (at byte 5)"),
      (
        #"{"properties":{"a":{"type":"strnig"}}}"#,
        #"/properties/a/type: "string", "number", "integer", "boolean", "array", "object" or "null" expected, got string "strnig" (did you mean "string"?)"#
      ),
      (
        #"{"type":["string","STRING"]}"#,
        #"/type/1: "string", "number", "integer", "boolean", "array", "object" or "null" expected, got string "STRING" (did you mean "string"?)"#
      ),
      (#"{"type":[]}"#, "/type: a type or a list of types expected, got an empty array"),
      (#"{"type":3}"#, "/type: a type or a list of types expected, got number 3"),
      (#"{"nullable":"yes"}"#, #"/nullable: true or false expected, got string "yes""#),
      (#"{"enum":[]}"#, "/enum: a list of values that is not empty expected, got an empty array"),
      (#"{"enum":"a"}"#, #"/enum: a list of values that is not empty expected, got string "a""#),
      (#"{"properties":[1]}"#, "/properties: an object with a schema for each name expected, got an array"),
      (#"{"properties":{"a/b":1}}"#, "/properties/a~1b: a schema (an object, true or false) expected, got number 1"),
      (#"{"required":true}"#, "/required: a list of property names expected, got true"),
      (#"{"required":["a",1]}"#, "/required: a list of property names expected, got an array"),
      (#"{"required":{"a":1}}"#, "/required: a list of property names expected, got an object"),
      (#"{"minLength":-1}"#, "/minLength: a whole number from 0 expected, got number -1"),
      (#"{"maxItems":1.5}"#, "/maxItems: a whole number from 0 expected, got number 1.5"),
      (#"{"contains":{},"minContains":"1"}"#, #"/minContains: a whole number from 0 expected, got string "1""#),
      (#"{"minimum":"0"}"#, #"/minimum: a number expected, got string "0""#),
      (#"{"exclusiveMinimum":true}"#, #"/exclusiveMinimum: a number expected, got true without "minimum""#),
      (#"{"exclusiveMaximum":null}"#, "/exclusiveMaximum: a number expected, got null"),
      (#"{"multipleOf":0}"#, "/multipleOf: a number above 0 expected, got 0"),
      (#"{"pattern":"a("}"#, "/pattern: no regular expression: missing closing parenthesis (at byte 2)"),
      (#"{"pattern":3}"#, "/pattern: a regular expression expected, got number 3"),
      (
        #"{"patternProperties":{"[":{}}}"#,
        "/patternProperties/[: no regular expression: missing terminating ] for character class (at byte 1)"
      ),
      (#"{"items":[]}"#, "/items: a schema expected, got an empty array"),
      (#"{"items":[true],"prefixItems":[true]}"#, #"/items: a schema expected beside "prefixItems", got a list"#),
      (#"{"items":"string"}"#, #"/items: a schema (an object, true or false) expected, got string "string""#),
      (#"{"anyOf":{}}"#, "/anyOf: a list of schemas that is not empty expected, got an empty object"),
      (#"{"allOf":[]}"#, "/allOf: a list of schemas that is not empty expected, got an empty array"),
      (#"{"oneOf":[{},3]}"#, "/oneOf/1: a schema (an object, true or false) expected, got number 3"),
      (
        #"{"dependentRequired":{"a":{"b":1}}}"#,
        "/dependentRequired/a: a list of property names expected, got an object"
      ),
      (#"{"dependencies":[]}"#, "/dependencies: an object expected, got an empty array"),
      (
        #"{"$defs":{"unused":{"type":"nul"}}}"#,
        #"/$defs/unused/type: "string", "number", "integer", "boolean", "array", "object" or "null" expected, got string "nul" (did you mean "null"?)"#
      ),
      (
        ##"{"$ref":"#/$defs/prise","$defs":{"price":{}}}"##,
        ##"/$ref: "#/$defs/prise" leads nowhere: there is no "prise" (did you mean "price"?)"##
      ),
      (
        ##"{"$ref":"#/type","type":"string"}"##,
        #"/type: a schema (an object, true or false) expected, got string "string""#
      ),
      (##"{"$ref":"#/allOf/7","allOf":[{}]}"##, ##"/$ref: "#/allOf/7" leads nowhere: there is no "7""##),
      (
        ##"{"$ref":"#hree","$defs":{"a":{"$anchor":"here"}}}"##,
        ##"/$ref: there is no "$anchor" "hree" (did you mean "here"?)"##
      ),
      (
        #"{"$ref":"https://x/y.json"}"#,
        ##"/$ref: "https://x/y.json" is outside; only this schema can be referred to, as "#/$defs/name""##
      ),
      (#"{"$ref":7}"#, ##"/$ref: a reference such as "#/$defs/name" expected, got number 7"##),
      (
        ##"{"$defs":{"a":{"$id":"other","$ref":"#/$defs/b"},"b":{}}}"##,
        #"/$defs/a/$ref: not supported below a nested "$id", which changes what it refers to"#
      ),
      (
        #"{"unevaluatedProperties":false}"#,
        #"/unevaluatedProperties: not supported; name all properties in one schema and use "additionalProperties""#
      ),
      (##"{"$dynamicRef":"#a"}"##, #"/$dynamicRef: not supported; use "$ref""#),
      (#"{"items":{"minLenght":3}}"#, #"/items/minLenght: unknown keyword (did you mean "minLength"?)"#),
      (
        #"{"name":"x","strict":true,"schema":{"type":"object"}}"#,
        "/schema: no keyword of JSON Schema; give the schema that stands here itself"
      ),
      (##"{"$ref":"#"}"##, "leads back to itself without a step into the value"),
      (
        ##"{"$defs":{"a":{"anyOf":[{"$ref":"#/$defs/b"}]},"b":{"not":{"$ref":"#/$defs/a"}}}}"##,
        "/$defs/b/not: leads back to itself without a step into the value"
      ),
    ])
  func refused(schema: String, message: String) {
    #expect(Self.messages(schema) == [message])
  }

  @Test("is refused with all that is wrong")
  func all() {
    #expect(
      Self.messages(#"{"type":"object","properties":{"a":{"minLength":"x"},"b":3},"required":"a"}"#) == [
        #"/required: a list of property names expected, got string "a""#,
        #"/properties/a/minLength: a whole number from 0 expected, got string "x""#,
        "/properties/b: a schema (an object, true or false) expected, got number 3",
      ])
  }

  @Test(
    "is taken with what means nothing here",
    arguments: [
      #"{"x-order":1,"propertyOrdering":["a"],"$id":"x","example":3,"readOnly":true,"discriminator":{}}"#,
      #"{"format":"date","default":[],"examples":{},"deprecated":true,"contentMediaType":"a/b"}"#,
      ##"{"$defs":{"a":{"$id":"other"},"b":{"$ref":"#/$defs/a"}}}"##,
      ##"{"properties":{"self":{"$ref":"#"},"items":{"items":{"$ref":"#/properties/items"}}}}"##,
    ])
  func taken(schema: String) {
    #expect(Self.messages(schema).isEmpty)
  }

  @Test("is refused where schemas stand too deep in one another for one value")
  func chain() {
    func chain(_ count: Int) -> String {
      let links = (0..<count).map { ##""\##($0)":{"$ref":"#/$defs/\##($0 + 1)"}"## }.joined(separator: ",")
      return ##"{"$defs":{\##(links),"\##(count)":{"type":"null"}}}"##
    }
    #expect(Self.messages(chain(99)).isEmpty)
    #expect(Self.messages(chain(100)) == ["/$defs/0: more than 100 schemas in one another for one value"])
    #expect(Self.messages(chain(20_000)).count == 1)
  }
}
