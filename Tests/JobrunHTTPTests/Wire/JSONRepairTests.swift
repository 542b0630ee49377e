import Testing

@testable import JobrunHTTP

@Suite struct JSONRepairTests {
  @Test(arguments: [
    (#"{"a":"x\ud83dy"}"#, #"{"a":"x\#u{FFFD}y"}"#), (#""\udc00""#, #""\#u{FFFD}""#),
    (#""\ud83d\ud83d\ude00""#, #""\#u{FFFD}\ud83d\ude00""#), (#""\\ud83d \ud83d""#, #""\\ud83d \#u{FFFD}""#),
    (#""\uD83D""#, #""\#u{FFFD}""#),
  ])
  func `half a surrogate pair becomes U+FFFD, and nothing else changes`(text: String, expected: String) {
    #expect(JSONRepair.repaired(Array(text.utf8)).map { String(decoding: $0, as: UTF8.self) } == expected)
  }

  @Test(arguments: [#"{"a":"\ud83d\ude00 \n \\ ü"}"#, "", "\\", #""\u"#, #""\ud8"#, "plain"])
  func `what is Unicode is left alone, JSON or not`(text: String) {
    #expect(JSONRepair.repaired(Array(text.utf8)) == nil)
  }

  @Test func `bytes that are no UTF-8 become U+FFFD`() {
    #expect(JSONRepair.repaired([0x22, 0xFF, 0x61, 0xC3, 0x22]) == Array("\"\u{FFFD}a\u{FFFD}\"".utf8))
  }
}
