import Testing

@testable import JobrunMock

@Suite("The scanner accepts JSON and nothing else")
struct JSONScannerTests {
  private func offset(of text: String) -> Int? {
    Array(text.utf8).withUnsafeBytes { bytes in
      var scanner = JSONScanner(bytes)
      do throws(JSONScanner.Malformed) {
        try scanner.skipValue()
        try scanner.expectEnd()
        return nil
      } catch {
        return error.offset
      }
    }
  }

  @Test(arguments: [
    "0", "-0", "-12.5e+10", "1E-2", "true", "false", "null", "\"\"", "[]", "{}", " [ 1 , 2 ] ", #"{"a":{"b":[{}]}}"#,
    #""\"\\\/\b\f\n\r\tA\ud83d\ude00""#, "\"\u{7F}é😀\"", "\t\r\n1\n",
  ])
  func `JSON is accepted`(text: String) { #expect(offset(of: text) == nil) }

  @Test(arguments: [
    ("", 0), ("01", 1), ("-", 1), ("1.", 2), ("1e", 2), (".5", 0), ("tru", 0), ("nul", 0), ("True", 0), ("[1,]", 3),
    ("[1 2]", 3), ("{1:2}", 1), (#"{"a"}"#, 4), (#"{"a":1,}"#, 7), ("[", 1), ("{", 1), (#"{"a":1"#, 6), ("1 1", 2),
    ("\"a", 2), ("\"\n\"", 1), (#""\x""#, 1), (#""\u12""#, 3), (#""\ud800""#, 1), (#""\ude00""#, 1),
    (#""\ud83d\u0041""#, 1), (#""\"#, 1), ("NaN", 0), ("'a'", 0), ("]", 0), ("\u{0}", 0), ("[1\u{0}", 2),
  ])
  func `anything else is refused where it goes wrong`(text: String, place: Int) { #expect(offset(of: text) == place) }

  @Test func `nesting has a limit`() {
    func nested(_ depth: Int) -> String { String(repeating: "[", count: depth) + String(repeating: "]", count: depth) }
    #expect(offset(of: nested(JSONScanner.depthLimit)) == nil)
    #expect(offset(of: nested(JSONScanner.depthLimit + 1)) == JSONScanner.depthLimit)
    #expect(offset(of: nested(1_000_000)) == JSONScanner.depthLimit)
  }

  @Test func `bytes that are no UTF-8 make no chat request`() {
    let parts = chatBody("|").utf8.split(separator: UInt8(ascii: "|"))
    let body = parts[0] + [0xC3, 0x28] + parts[1]
    let refusal = Array(body).withUnsafeBytes { bytes in
      #expect(throws: ChatRequest.Refusal.self) { try ChatRequest(scanning: bytes) }
    }
    #expect(refusal == .notJSON(offset: 0))
  }
}
