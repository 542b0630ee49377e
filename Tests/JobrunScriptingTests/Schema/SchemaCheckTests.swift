import Testing

@testable import JobrunScripting

/// A schema, a value, and what is wrong with it.
struct SchemaCase: CustomTestStringConvertible {
  let schema: String
  let value: String
  let problems: [String]

  init(_ schema: String, _ value: String, _ problems: String...) {
    (self.schema, self.value, self.problems) = (schema, value, problems)
  }

  var testDescription: String { "\(schema) \(value)" }

  func found() throws -> [String] { try SchemaCheck(schema: Array(schema.utf8)).problems(of: Array(value.utf8)) }
}

@Suite("The check of a value against a JSON Schema")
struct SchemaCheckTests {
  @Test(
    "says what type is expected",
    arguments: [
      SchemaCase(#"{"type":"string"}"#, #""""#),
      SchemaCase(#"{"type":"number"}"#, #""12""#, #"number expected, got string "12""#),
      SchemaCase(#"{"type":"number"}"#, "1"), SchemaCase(#"{"type":"number"}"#, "18446744073709551615"),
      SchemaCase(#"{"type":"number"}"#, "1.5"),
      SchemaCase(#"{"type":"integer"}"#, "1.0"), SchemaCase(#"{"type":"integer"}"#, "1e300"),
      SchemaCase(#"{"type":"integer"}"#, "1.5", "integer expected, got number 1.5"),
      SchemaCase(#"{"type":"boolean"}"#, "false"),
      SchemaCase(#"{"type":"boolean"}"#, "0", "boolean expected, got number 0"),
      SchemaCase(#"{"type":"null"}"#, "null"),
      SchemaCase(#"{"type":"null"}"#, "{}", "null expected, got an empty object"),
      SchemaCase(#"{"type":"array"}"#, "[]"),
      SchemaCase(#"{"type":"array"}"#, "{}", "array expected, got an empty object"),
      SchemaCase(#"{"type":"object"}"#, "{}"),
      SchemaCase(#"{"type":"object"}"#, "[1]", "object expected, got an array"),
      SchemaCase(#"{"type":["string","null"]}"#, "null"),
      SchemaCase(#"{"type":["null","string"]}"#, "true", "string or null expected, got true"),
      SchemaCase(#"{"type":"string","nullable":true}"#, "null"),
      SchemaCase(#"{"type":"string","nullable":false}"#, "null", "string expected, got null"),
      SchemaCase(#"{"enum":["a"],"nullable":true}"#, "null"),
      SchemaCase("true", "1"), SchemaCase("{}", "[]"), SchemaCase("false", "1", "nothing is allowed here"),
    ])
  func types(each: SchemaCase) throws { #expect(try each.found() == each.problems) }

  @Test(
    "compares with enum and const",
    arguments: [
      SchemaCase(#"{"enum":["a",1,null]}"#, "1.0"), SchemaCase(#"{"enum":["a",1,null]}"#, "null"),
      SchemaCase(#"{"enum":["a",1,null]}"#, #""b""#, #"one of "a", 1, null expected, got string "b""#),
      SchemaCase(#"{"enum":[1]}"#, "true", "1 expected, got true"),
      SchemaCase(#"{"enum":[0]}"#, "false", "0 expected, got false"),
      SchemaCase(
        #"{"enum":[1,2,3,4,5,6,7,8,9,10,11,12,13,14]}"#, "0",
        "one of 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12 and 2 more expected, got number 0"),
      SchemaCase(#"{"const":"a"}"#, #""a""#), SchemaCase(#"{"const":"a"}"#, "2", #""a" expected, got number 2"#),
      SchemaCase(#"{"const":{"a":[1,{}],"b":2}}"#, #"{"b":2.0,"a":[1,{}]}"#),
      SchemaCase(#"{"const":{"a":[1]}}"#, #"{"a":[1,1]}"#, "an object expected, got an object"),
      SchemaCase(#"{"const":[]}"#, "{}", "[] expected, got an empty object"),
      SchemaCase(
        #"{"const":9007199254740993}"#, "9007199254740992", "9007199254740993 expected, got number 9007199254740992"),
      SchemaCase(#"{"const":null}"#, "null"), SchemaCase(#"{"const":false}"#, "null", "false expected, got null"),
      SchemaCase(#"{"type":"string","enum":["a","b"]}"#, "3", "string expected, got number 3"),
    ])
  func values(each: SchemaCase) throws { #expect(try each.found() == each.problems) }

  @Test(
    "compares numbers",
    arguments: [
      SchemaCase(#"{"minimum":0}"#, "0"), SchemaCase(#"{"minimum":0}"#, "-1", "at least 0 expected, got -1"),
      SchemaCase(#"{"minimum":0}"#, #""x""#), SchemaCase(#"{"maximum":1.5}"#, "1.5"),
      SchemaCase(#"{"maximum":1.5}"#, "2", "at most 1.5 expected, got 2"),
      SchemaCase(#"{"exclusiveMinimum":0}"#, "0", "more than 0 expected, got 0"),
      SchemaCase(#"{"exclusiveMinimum":0}"#, "1e-9"),
      SchemaCase(#"{"exclusiveMaximum":10}"#, "10.0", "less than 10 expected, got 10"),
      SchemaCase(#"{"minimum":0,"exclusiveMinimum":true}"#, "0", "more than 0 expected, got 0"),
      SchemaCase(#"{"minimum":0,"exclusiveMinimum":false}"#, "0"),
      SchemaCase(
        #"{"maximum":9223372036854775807}"#, "9223372036854775808",
        "at most 9223372036854775807 expected, got 9223372036854775808"),
      SchemaCase(
        #"{"minimum":9223372036854775808}"#, "-9223372036854775808",
        "at least 9223372036854775808 expected, got -9223372036854775808"),
      SchemaCase(#"{"minimum":1e300}"#, "18446744073709551615", "at least 1e+300 expected, got 18446744073709551615"),
      SchemaCase(#"{"multipleOf":3}"#, "9"), SchemaCase(#"{"multipleOf":3}"#, "10", "a multiple of 3 expected, got 10"),
      SchemaCase(#"{"multipleOf":0.01}"#, "19.99"), SchemaCase(#"{"multipleOf":0.1}"#, "0.3"),
      SchemaCase(#"{"multipleOf":0.01}"#, "0.075", "a multiple of 0.01 expected, got 0.075"),
      SchemaCase(#"{"multipleOf":1e-300}"#, "1e300"), SchemaCase(#"{"multipleOf":1}"#, "-9223372036854775808"),
      SchemaCase(#"{"multipleOf":9223372036854775808}"#, "-9223372036854775808"),
      SchemaCase(#"{"multipleOf":2}"#, "18446744073709551615", "a multiple of 2 expected, got 18446744073709551615"),
    ])
  func numbers(each: SchemaCase) throws { #expect(try each.found() == each.problems) }

  @Test(
    "measures and matches strings",
    arguments: [
      SchemaCase(#"{"minLength":2}"#, #""é😀""#), SchemaCase(#"{"minLength":2}"#, "1"),
      SchemaCase(#"{"minLength":2}"#, #""😀""#, #"at least 2 characters expected, got 1: "😀""#),
      SchemaCase(#"{"maxLength":1}"#, #""ab""#, #"at most 1 character expected, got 2: "ab""#),
      SchemaCase(#"{"minLength":2,"maxLength":2.0}"#, #""a""#, #"2 characters expected, got 1: "a""#),
      SchemaCase(#"{"minLength":2,"maxLength":4}"#, #""a""#, #"2 to 4 characters expected, got 1: "a""#),
      SchemaCase(#"{"pattern":"b"}"#, #""abc""#), SchemaCase(#"{"pattern":"^b"}"#, "3"),
      SchemaCase(#"{"pattern":"^b"}"#, #""abc""#, #"text that matches ^b expected, got "abc""#),
      SchemaCase(#"{"pattern":"^\\d{4}-\\d\\d$"}"#, #""2024-05""#),
      SchemaCase(#"{"pattern":"^(?!^[-+.]*$)[+-]?0*\\d*\\.?\\d*$"}"#, #""12.50""#),
      SchemaCase(#"{"pattern":"^\\u00e9$"}"#, #""é""#), SchemaCase(#"{"pattern":"^.$"}"#, #""😀""#),
      SchemaCase(#"{"pattern":"a$"}"#, #""a\n""#, #"text that matches a$ expected, got "a"# + "\n\""),
      SchemaCase(#"{"pattern":""}"#, #""""#), SchemaCase(#"{"pattern":"a\u0000b"}"#, #""a\u0000b""#),
      SchemaCase(#"{"format":"email","type":"string"}"#, #""x""#),
      SchemaCase(
        #"{"maxLength":1}"#, #""0123456789012345678901234567890123456789xyz""#,
        #"at most 1 character expected, got 43: "0123456789012345678901234567890123456789…""#),
    ])
  func strings(each: SchemaCase) throws { #expect(try each.found() == each.problems) }

  @Test(
    "looks into objects",
    arguments: [
      SchemaCase(
        #"{"properties":{"items":{"items":{"properties":{"price":{"type":"number"}}}}}}"#,
        #"{"items":[{},{},{},{"price":"12"}]}"#, #"/items/3/price: number expected, got string "12""#),
      SchemaCase(#"{"properties":{"a~b/c":false}}"#, #"{"a~b/c":1}"#, "/a~0b~1c: nothing is allowed here"),
      SchemaCase(#"{"properties":{"":{"type":"null"}}}"#, #"{"":1}"#, "/: null expected, got number 1"),
      SchemaCase(#"{"properties":{"a":{"type":"null"}}}"#, "[1]"),
      SchemaCase(
        #"{"properties":{"c":true,"a":{"type":"null"},"b":true}}"#, #"{"b":1,"a":2,"x":3}"#,
        "/a: null expected, got number 2"),
      SchemaCase(#"{"required":["a","b"]}"#, #"{"b":null}"#, #"the key "a" is missing"#),
      SchemaCase(#"{"required":["a","b"]}"#, "{}", #"the key "a" is missing"#, #"the key "b" is missing"#),
      SchemaCase(#"{"required":{}}"#, "{}"), SchemaCase(#"{"required":["a"]}"#, "[]"),
      SchemaCase(
        #"{"properties":{"price":true},"additionalProperties":false}"#, #"{"prise":1,"x":2}"#,
        #"/prise: no such key is allowed (did you mean "price"?)"#, "/x: no such key is allowed"),
      SchemaCase(#"{"additionalProperties":{"type":"null"}}"#, #"{"a":1}"#, "/a: null expected, got number 1"),
      SchemaCase(
        #"{"patternProperties":{"^x":{"type":"null"}},"additionalProperties":false}"#, #"{"xa":1,"y":2}"#,
        "/xa: null expected, got number 1", "/y: no such key is allowed"),
      SchemaCase(
        #"{"properties":{"xa":{"minimum":5}},"patternProperties":{"^x":{"maximum":3}}}"#, #"{"xa":4}"#,
        "/xa: at least 5 expected, got 4", "/xa: at most 3 expected, got 4"),
      SchemaCase(#"{"minProperties":1}"#, "{}", "at least 1 key expected, got 0"),
      SchemaCase(#"{"maxProperties":1}"#, #"{"a":1,"b":2}"#, "at most 1 key expected, got 2"),
      SchemaCase(
        #"{"propertyNames":{"maxLength":1}}"#, #"{"a":1,"bc":2}"#,
        #"/bc: the key itself does not fit: at most 1 character expected, got 2: "bc""#),
      SchemaCase(
        #"{"dependentRequired":{"a":["b","c"]}}"#, #"{"a":1,"c":2}"#, #"the key "b" is missing; it belongs to "a""#),
      SchemaCase(#"{"dependentRequired":{"a":["b"]}}"#, #"{"c":1}"#),
      SchemaCase(#"{"dependencies":{"a":["b"]}}"#, #"{"a":1}"#, #"the key "b" is missing; it belongs to "a""#),
      SchemaCase(#"{"dependencies":{"a":{"minProperties":2}}}"#, #"{"a":1}"#, "at least 2 keys expected, got 1"),
      SchemaCase(#"{"dependentSchemas":{"a":{"required":["b"]}}}"#, #"{"a":1}"#, #"the key "b" is missing"#),
      SchemaCase(#"{"properties":{"a":{"type":"null"}}}"#, #"{"a":null,"a":1}"#, "/a: null expected, got number 1"),
    ])
  func objects(each: SchemaCase) throws { #expect(try each.found() == each.problems) }

  @Test(
    "looks into arrays",
    arguments: [
      SchemaCase(
        #"{"items":{"type":"null"}}"#, "[1,null,2]", "/0: null expected, got number 1",
        "/2: null expected, got number 2"),
      SchemaCase(
        #"{"prefixItems":[{"type":"null"}],"items":{"type":"string"}}"#, "[1,2]", "/0: null expected, got number 1",
        "/1: string expected, got number 2"),
      SchemaCase(#"{"prefixItems":[true,true]}"#, "[1,2,3]"),
      SchemaCase(#"{"prefixItems":[true],"items":false}"#, "[1,2]", "/1: nothing is allowed here"),
      SchemaCase(#"{"items":[true],"additionalItems":false}"#, "[1,2]", "/1: nothing is allowed here"),
      SchemaCase(#"{"items":[{"type":"null"}]}"#, "[1,2]", "/0: null expected, got number 1"),
      SchemaCase(#"{"items":true,"additionalItems":false}"#, "[1,2]"),
      SchemaCase(#"{"minItems":1}"#, "[]", "at least 1 item expected, got 0"), SchemaCase(#"{"minItems":1}"#, "{}"),
      SchemaCase(#"{"maxItems":1}"#, "[1,2]", "at most 1 item expected, got 2"),
      SchemaCase(
        #"{"uniqueItems":true}"#, #"[1,"1",{"a":1,"b":2},1.0,{"b":2,"a":1}]"#,
        "/3: the same as item 0; all must differ",
        "/4: the same as item 2; all must differ"),
      SchemaCase(#"{"uniqueItems":true}"#, "[0,false,null,[],{},\"\",[[]]]"),
      SchemaCase(#"{"uniqueItems":false}"#, "[1,1]"),
      SchemaCase(#"{"contains":{"type":"null"}}"#, "[1,null]"),
      SchemaCase(#"{"contains":{"type":"null"}}"#, "[1]", #"at least 1 item expected to fit "contains", got 0"#),
      SchemaCase(#"{"contains":{"type":"null"},"minContains":0}"#, "[1]"),
      SchemaCase(
        #"{"contains":{"type":"null"},"maxContains":1}"#, "[null,null]", #"1 item expected to fit "contains", got 2"#),
    ])
  func arrays(each: SchemaCase) throws { #expect(try each.found() == each.problems) }

  @Test(
    "combines schemas",
    arguments: [
      SchemaCase(
        #"{"allOf":[{"minimum":5},{"multipleOf":2}]}"#, "3", "at least 5 expected, got 3",
        "a multiple of 2 expected, got 3"),
      SchemaCase(#"{"anyOf":[{"type":"string"},{"type":"null"}]}"#, "null"),
      SchemaCase(#"{"anyOf":[{"type":"string"},{"type":"null"}]}"#, "3", "string or null expected, got number 3"),
      SchemaCase(
        #"{"anyOf":[{"properties":{"a":{"properties":{"b":{"type":"number"}}}},"type":"object"},{"type":"null"}]}"#,
        #"{"a":{"b":"x"}}"#, #"/a/b: number expected, got string "x""#),
      SchemaCase(
        #"{"anyOf":[{"properties":{"kind":{"const":"a"},"x":{"minimum":1}}},{"properties":{"kind":{"const":"b"},"x":{"maximum":-1}}}]}"#,
        #"{"kind":"b","x":0}"#, "/x: at most -1 expected, got 0"),
      SchemaCase(
        #"{"anyOf":[{"required":["a"]},{"required":["b"]}]}"#, "{}",
        #"none of the 2 schemas of "anyOf" fits: the key "a" is missing; or the key "b" is missing"#),
      SchemaCase(#"{"oneOf":[{"minimum":1},{"maximum":3}]}"#, "4"),
      SchemaCase(
        #"{"oneOf":[{"minimum":1},{"maximum":3}]}"#, "2",
        #"exactly one schema of "oneOf" expected to fit, got 2 (0 and 1, from 0)"#),
      SchemaCase(
        #"{"oneOf":[{"const":"a"},{"enum":["b","c"]}]}"#, "1", #""a" or one of "b", "c" expected, got number 1"#),
      SchemaCase(#"{"not":{"type":"string"}}"#, "1"),
      SchemaCase(#"{"not":{"type":"string"}}"#, #""x""#, #"string "x" fits the schema in "not", and must not"#),
      SchemaCase(#"{"not":{}}"#, "1", #"number 1 fits the schema in "not", and must not"#),
      SchemaCase(
        #"{"if":{"type":"string"},"then":{"minLength":2},"else":{"minimum":2}}"#, "1", "at least 2 expected, got 1"),
      SchemaCase(
        #"{"if":{"type":"string"},"then":{"minLength":2},"else":{"minimum":2}}"#, #""a""#,
        #"at least 2 characters expected, got 1: "a""#),
      SchemaCase(#"{"if":{"type":"string"},"then":{"minLength":2}}"#, "1"), SchemaCase(#"{"then":false}"#, "1"),
    ])
  func combinations(each: SchemaCase) throws { #expect(try each.found() == each.problems) }

  @Test(
    "follows references",
    arguments: [
      SchemaCase(
        ##"{"$ref":"#/$defs/a","$defs":{"a":{"type":"null"}}}"##, "1", "null expected, got number 1"),
      SchemaCase(
        ##"{"properties":{"next":{"$ref":"#"},"n":{"type":"number"}}}"##, #"{"next":{"next":{"n":"x"}}}"#,
        #"/next/next/n: number expected, got string "x""#),
      SchemaCase(
        ##"{"items":{"$ref":"#/definitions/a%25~1b~0"},"definitions":{"a%/b~":{"type":"null"}}}"##, "[1]",
        "/0: null expected, got number 1"),
      SchemaCase(
        ##"{"$ref":"#here","x":{"$anchor":"no"},"$defs":{"a":{"$anchor":"here","type":"null"}}}"##, "1",
        "null expected, got number 1"),
      SchemaCase(##"{"$ref":"#/x/1","x":[0,{"type":"null"}]}"##, "1", "null expected, got number 1"),
      SchemaCase(
        ##"{"$ref":"#/$defs/a","minimum":3,"$defs":{"a":{"maximum":1}}}"##, "2", "at least 3 expected, got 2",
        "at most 1 expected, got 2"),
      SchemaCase(
        ##"{"$id":"https://x/y","$schema":"z","title":"t","$comment":"c","$ref":"#/$defs/a","$defs":{"a":true}}"##, "2"),
      SchemaCase(##"{"properties":{"$ref":{"type":"string"}}}"##, ##"{"$ref":"#/x"}"##),
    ])
  func references(each: SchemaCase) throws { #expect(try each.found() == each.problems) }

  @Test("names twenty problems and counts the others")
  func many() throws {
    let value = "[" + (0..<25).map(String.init).joined(separator: ",") + "]"
    let problems = try SchemaCase(#"{"items":{"type":"null"}}"#, value).found()
    #expect(problems.count == 21)
    #expect(problems.first == "/0: null expected, got number 0")
    #expect(problems.suffix(2) == ["/19: null expected, got number 19", "and 5 more"])
  }

  @Test(
    "says what is no JSON",
    arguments: [
      SchemaCase("{}", "", "not JSON: The document is empty (at byte 0)"),
      SchemaCase("{}", "{\"a\":1,}", "not JSON: Missing a name for object member (at byte 7)"),
      SchemaCase(
        "{}", String(repeating: "[", count: 200) + String(repeating: "]", count: 200),
        "not JSON: nested deeper than 128 levels"),
    ])
  func noJSON(each: SchemaCase) throws { #expect(try each.found() == each.problems) }
}
