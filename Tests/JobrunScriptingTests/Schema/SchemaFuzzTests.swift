import Testing

@testable import JobrunScripting

@Suite("Schemas and values of random bytes")
struct SchemaFuzzTests {
  static let schemas = [
    ##"{"type":["object","null"],"properties":{"a":{"$ref":"#/$defs/b"},"c":{"enum":[1,"x",null,{"y":[]}]}},"required":["a"],"additionalProperties":false,"$defs":{"b":{"minimum":1,"maximum":1e9,"multipleOf":0.5,"exclusiveMinimum":0}}}"##,
    ##"{"prefixItems":[{"const":1}],"items":{"anyOf":[{"type":"string","pattern":"^(a|b)+\\d{1,3}$","minLength":1},{"$ref":"#"}]},"uniqueItems":true,"contains":{"type":"string"},"maxItems":5}"##,
    ##"{"oneOf":[{"patternProperties":{"^x":{"nullable":true,"not":{"type":"null"}}}},{"if":{"required":["q"]},"then":{"minProperties":2},"else":{"propertyNames":{"maxLength":3}}}],"dependencies":{"a":["b"],"c":{"$ref":"#/oneOf/0"}}}"##,
  ]
  static let values = [
    #"{"a":2.5,"c":{"y":[]}}"#, #"[1,"ab12",["x",1],"b7",[[["a1"]]],1.0]"#,
    #"{"xa":null,"q":{"z":[1,2,{"w":"é😀"}]},"b":-9223372036854775808}"#,
    #"{"a":18446744073709551615,"c":1e308,"é":""}"#,
  ]

  @Test("never trap", arguments: 0..<4)
  func mutations(seed: Int) {
    var random = Lehmer(state: UInt64(seed) * 977 + 1)
    var checks = 0
    for _ in 0..<1500 {
      let schema = random.mutated(Self.schemas.randomElement(using: &random) ?? "")
      guard let check = try? SchemaCheck(schema: schema) else { continue }
      for _ in 0..<4 {
        let value = random.mutated(Self.values.randomElement(using: &random) ?? "")
        checks += check.problems(of: value).count > 21 ? 0 : 1
      }
    }
    #expect(checks > 0 && checks % 4 == 0)
  }
}

/// Numbers that are the same in every run.
struct Lehmer: RandomNumberGenerator {
  var state: UInt64

  mutating func next() -> UInt64 {
    state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
    return (state >> 33) ^ (state << 31)
  }

  /// Up to three bytes changed, removed, put in, or a piece repeated.
  mutating func mutated(_ text: String) -> [UInt8] {
    var bytes = Array(text.utf8)
    for _ in 0..<Int.random(in: 0...3, using: &self) where !bytes.isEmpty {
      let at = Int.random(in: 0..<bytes.count, using: &self)
      let byte = Array("\"{}[]:,0129.-e\\*+()truenull$#/xa\u{0}\u{ff}".utf8).randomElement(using: &self) ?? 0
      switch Int.random(in: 0..<4, using: &self) {
      case 0: bytes[at] = byte
      case 1: bytes.remove(at: at)
      case 2: bytes.insert(byte, at: at)
      default: bytes.insert(contentsOf: bytes[at..<min(at + 12, bytes.count)], at: at)
      }
    }
    return bytes
  }
}
