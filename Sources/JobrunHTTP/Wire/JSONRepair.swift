/// Makes JSON readable in which a part of a text is no Unicode: models cut characters in two, and an answer that was
/// paid for must not be lost to that.
enum JSONRepair {
  private static let replacement = Array("\u{FFFD}".utf8)

  /// The text with U+FFFD in place of bytes that are no UTF-8 and of escapes that are half of a surrogate pair.
  ///
  /// - Returns: nil where there is nothing of the kind.
  static func repaired(_ bytes: [UInt8]) -> [UInt8]? {
    let text =
      String(validating: bytes, as: UTF8.self) == nil ? Array(String(decoding: bytes, as: UTF8.self).utf8) : bytes
    let whole = withWholeEscapes(text)
    return whole == bytes ? nil : whole
  }

  private static func withWholeEscapes(_ text: [UInt8]) -> [UInt8] {
    var result: [UInt8] = []
    result.reserveCapacity(text.count)
    var index = 0
    while index < text.count {
      guard text[index] == UInt8(ascii: "\\"), index + 1 < text.count else {
        result.append(text[index])
        index += 1
        continue
      }
      guard let unit = escapedUnit(text, at: index), (0xD800..<0xE000).contains(unit) else {
        // Both bytes of the escape, so that the second is not taken for the begin of another.
        result += text[index...(index + 1)]
        index += 2
        continue
      }
      if unit < 0xDC00, let next = escapedUnit(text, at: index + 6), (0xDC00..<0xE000).contains(next) {
        result += text[index..<(index + 12)]
        index += 12
      } else {
        result += replacement
        index += 6
      }
    }
    return result
  }

  /// The value of `\uXXXX` at `index`; nil where there is none.
  private static func escapedUnit(_ text: [UInt8], at index: Int) -> UInt32? {
    guard index + 6 <= text.count, text[index] == UInt8(ascii: "\\"), text[index + 1] == UInt8(ascii: "u") else {
      return nil
    }
    var value: UInt32 = 0
    for byte in text[(index + 2)..<(index + 6)] {
      guard byte < 0x80, let digit = Character(Unicode.Scalar(byte)).hexDigitValue else { return nil }
      value = value << 4 | UInt32(digit)
    }
    return value
  }
}
