import Testing

@testable import JobrunStorage

@Suite("Decoding JSON strings")
struct JSONStringTests {
  @Test(
    "Escapes become what they stand for",
    arguments: [
      ("", ""),
      ("plain é 끝 😀", "plain é 끝 😀"),
      (#"\"\\\/"#, #""\/"#),
      (#"a\b\f\n\r\tz"#, "a\u{8}\u{C}\n\r\tz"),
      (#"\u0000\u001f\u00e9\u00E9\u2028\uffff"#, "\0\u{1F}éé\u{2028}\u{FFFF}"),
      (#"\ud83d\ude00\uD83D\uDE00."#, "😀😀."),
      (#"\\u00e9"#, #"\u00e9"#),
    ])
  func escapes(literal: String, text: String) { #expect(decoded(literal) == text) }

  @Test(
    "Half of a surrogate pair becomes U+FFFD and takes nothing with it",
    arguments: [
      (#"\ud83d"#, "\u{FFFD}"),
      (#"\ude00x"#, "\u{FFFD}x"),
      (#"\ud83dx\u0041"#, "\u{FFFD}xA"),
      (#"\ud83d\u0041"#, "\u{FFFD}A"),
      (#"\ud83d\n"#, "\u{FFFD}\n"),
      (#"\ud83d\ud83d\ude00"#, "\u{FFFD}😀"),
      (#"\ude00\ud83d"#, "\u{FFFD}\u{FFFD}"),
    ])
  func surrogates(literal: String, text: String) { #expect(decoded(literal) == text) }

  @Test("What JSONText writes comes back")
  func roundTrip() {
    let strings = (0..<0x3000).compactMap(Unicode.Scalar.init).map { "a\(Character($0))\"" }
    let changed = strings.filter { string in
      var json: [UInt8] = []
      JSONText.append(string: string, to: &json)
      return decoded(text(Array(json.dropFirst().dropLast()))) != string
    }
    #expect(changed.isEmpty)
  }

  private func decoded(_ literal: String) -> String {
    var bytes: [UInt8] = []
    Array(literal.utf8).withUnsafeBytes { JSONString.append(decoded: $0, to: &bytes) }
    return text(bytes)
  }
}
