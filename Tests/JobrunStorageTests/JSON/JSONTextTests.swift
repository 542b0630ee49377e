import Foundation
import Testing

@testable import JobrunStorage

@Suite("Writing JSON")
struct JSONTextTests {
  private func string(_ bytes: [UInt8]) -> String {
    var json: [UInt8] = []
    JSONText.append(string: bytes, to: &json)
    return text(json)
  }

  @Test(
    "A string is escaped where it must be",
    arguments: [
      ("", #""""#),
      ("plain é 말 😀", "\"plain é 말 😀\""),
      ("\"\\/", #""\"\\/""#),
      ("\u{8}\t\n\u{C}\r\u{0}\u{1}\u{1F}\u{1B}", #""\b\t\n\f\r\u0000\u0001\u001f\u001b""#),
      ("a\u{85}b\u{2028}c\u{2029}d", #""a\u0085b\u2028c\u2029d""#),
      ("\u{A0}\u{2027}\u{202A}\u{7F}", "\"\u{A0}\u{2027}\u{202A}\u{7F}\""),
    ])
  func escapes(value: String, json: String) { #expect(string(Array(value.utf8)) == json) }

  @Test(
    "What is no UTF-8 is repaired",
    arguments: [
      ([0x61, 0xFF, 0x62], "\"a\u{FFFD}b\""), ([0xC2], "\"\u{FFFD}\""), ([0xE2, 0x80], "\"\u{FFFD}\""),
      ([0xFF, 0x0A], "\"\u{FFFD}\\n\""),
    ] as [([UInt8], String)])
  func repairs(bytes: [UInt8], json: String) { #expect(string(bytes) == json) }

  @Test("Another reader gets every scalar back, and the line is one line")
  func roundTrip() throws {
    for value in stride(from: UInt32(0), through: 0x10FFFF, by: 101) {
      guard let scalar = Unicode.Scalar(value) else { continue }
      let json = string(Array("x\(scalar)y".utf8))
      #expect(JSONScanner.isValid(Array(json.utf8)))
      #expect(!json.unicodeScalars.contains { "\n\u{85}\u{2028}\u{2029}".unicodeScalars.contains($0) })
      let decoded = try JSONSerialization.jsonObject(with: Data(json.utf8), options: .fragmentsAllowed) as? String
      #expect(decoded == "x\(scalar)y")
    }
  }

  @Test("Valid JSON stays as it is, but for other line breaks")
  func valid() {
    let value = Array("{\"a\": \"é\u{2028}\u{85}\", \"b\":1}".utf8)
    var json: [UInt8] = []
    JSONText.append(valid: value, range: 0..<value.count, to: &json)
    #expect(text(json) == #"{"a": "é\u2028\u0085", "b":1}"#)
  }
}
