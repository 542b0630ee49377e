import Testing

@testable import JobrunMock

@Suite("Text goes into JSON and out of it unharmed")
struct JSONTextTests {
  private func decoded(_ escaped: String) -> String {
    Array(escaped.utf8).withUnsafeBytes { JSONText($0, 0..<$0.count).decoded }
  }

  @Test(arguments: ["", "plain", "\"quoted\" \\ back", "a\nb\rc\td", "\u{0}\u{1}\u{1F}", "é 😀 字", "e\u{301}\r\n"])
  func `what is escaped decodes to itself`(text: String) {
    #expect(decoded(JSONText.escaped(text)).unicodeScalars.elementsEqual(text.unicodeScalars))
  }

  @Test(arguments: [
    (#"\u0041\u00e9\u5b57"#, "Aé字"), (#"\ud83d\ude00!"#, "😀!"), (#"\/\b\f"#, "/\u{8}\u{C}"), (#"\uD834\uDD1E"#, "𝄞"),
  ])
  func `every escape is understood`(escaped: String, text: String) { #expect(decoded(escaped) == text) }

  @Test(arguments: [
    ("one two three", 2, 100, "one two"), ("one two", 2, 100, "one two"), ("abcdef", 9, 3, "abc"), ("字字字", 9, 2, "字字"),
    (#"a\n\u0041b"#, 9, 3, #"a\n\u0041"#), (#"\ud83d\ude00\ud83d\ude00"#, 9, 1, #"\ud83d\ude00"#),
  ])
  func `a prefix never cuts a character`(text: String, words: Int, characters: Int, prefix: String) {
    Array(text.utf8).withUnsafeBytes { bytes in
      let piece = JSONText(bytes, 0..<bytes.count).prefix(words: words, characters: characters)
      #expect(String(decoding: piece.bytes, as: UTF8.self) == prefix)
    }
  }
}
