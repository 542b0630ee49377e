import LuaBridge
import Testing

@testable import JobrunScripting

@Suite("A check that could go on for ever")
struct SchemaBoundsTests {
  @Test(
    "is given up where repeats in repeats try all ways", arguments: ["^(a+)+$", "(a|aa)+$", "(.*)*[=;]", "(x+x+)+[yz]"])
  func repeats(pattern: String) throws {
    let text = String(repeating: "a", count: 40) + String(repeating: "x", count: 40) + "!"
    #expect(
      try SchemaCase(#"{"items":{"pattern":"\#(pattern)"}}"#, #"["\#(text)"]"#).found() == [
        "/0: cannot be checked: the pattern \(pattern) takes too long; write it without repeats in repeats"
      ])
  }

  @Test(
    "is given up where a pattern reads a long text again from each character",
    arguments: ["[^b]*b", "a{0,60000}b", "(a*)\\\\1b"])
  func longText(pattern: String) throws {
    let text = String(repeating: "a", count: 1_000_000)
    let problems = try SchemaCase(#"{"pattern":"\#(pattern)"}"#, #""\#(text)""#).found()
    let isRefused = problems.first?.hasPrefix("text that matches") == true
    let isGivenUp = problems.first?.hasPrefix("cannot be checked") == true
    #expect(problems.count == 1 && (isRefused || isGivenUp))
  }

  @Test("has one effort for all texts of a value")
  func manyTexts() throws {
    let text = "\"" + String(repeating: "a", count: 17) + "!\""
    let value = "[" + Array(repeating: text, count: 5000).joined(separator: ",") + "]"
    let problems = try SchemaCase(#"{"items":{"pattern":"^(a+)+$"}}"#, value).found()
    #expect(problems.count == 1)
    #expect(problems.first?.contains("cannot be checked") == true)
  }

  static let nested = String(repeating: #"{"x":"#, count: 60) + "1" + String(repeating: "}", count: 60)

  @Test("is given up where alternatives double at each level")
  func alternatives() throws {
    let branch = ##"{"type":"object","properties":{"x":{"$ref":"#"}}}"##
    let problems = try SchemaCase(#"{"anyOf":[\#(branch),\#(branch)]}"#, Self.nested).found()
    #expect(problems.count == 1)
    #expect(
      problems.first?.hasSuffix("cannot be checked: the schema has too many alternatives for a value of this size")
        == true)
  }

  @Test("is not given up where only the reasons double at each level")
  func reasons() throws {
    let branch = ##"{"required":["y"],"properties":{"x":{"$ref":"#"}}}"##
    #expect(
      try SchemaCase(#"{"anyOf":[\#(branch),\#(branch)]}"#, Self.nested).found() == [
        #"none of the 2 schemas of "anyOf" fits: the key "y" is missing"#
      ])
  }

  @Test("is given up where value and schema are both deep")
  func deep() throws {
    let links = (0..<95).map { ##""\##($0)":{"$ref":"#/$defs/\##($0 + 1)"}"## }.joined(separator: ",")
    let schema = ##"{"items":{"$ref":"#/$defs/0"},"$defs":{\##(links),"95":{"items":{"$ref":"#/$defs/0"}}}}"##
    func value(_ depth: Int) -> String { String(repeating: "[", count: depth) + String(repeating: "]", count: depth) }
    #expect(try SchemaCase(schema, value(10)).found().isEmpty)
    #expect(
      try SchemaCase(schema, value(100)).found().first?.hasSuffix(
        "cannot be checked: more than 1000 schemas in one another") == true)
  }

  @Test("is not given up where a usual one is large")
  func large() throws {
    let element = #"{"id":7,"name":"some name of a thing","tags":["a","b","c"],"kind":"b","at":"2024-05-01"}"#
    let schema =
      ##"{"items":{"$ref":"#/$defs/thing"},"uniqueItems":false,"$defs":{"thing":{"type":"object","##
      + ##""required":["id","name"],"additionalProperties":false,"properties":{"id":{"type":"integer"},"##
      + ##""name":{"type":"string","maxLength":100,"pattern":"^[a-z ]+$"},"tags":{"uniqueItems":true,"items":{"enum":["a","b","c"]}},"##
      + ##""at":{"pattern":"^\\d{4}-\\d{2}-\\d{2}$"},"kind":{"anyOf":[{"const":"a"},{"const":"b"}]}}}}}"##
    let value = "[" + Array(repeating: element, count: 3000).joined(separator: ",") + "]"
    #expect(try SchemaCase(schema, value).found().isEmpty)
  }

  @Test("frees what it holds: schemas, patterns, values")
  func frees() throws {
    weak var pattern: TextPattern?
    weak var tape: JSONTape?
    do {
      let made = try TextPattern("a")
      let value = try JSONTape(Array("[1]".utf8))
      let rules: [SchemaRule] = [.pattern(made)]
      #expect(rules.count == 1 && value.withRoot(\.count) == 1)
      (pattern, tape) = (made, value)
    }
    #expect(pattern == nil && tape == nil)
  }
}
