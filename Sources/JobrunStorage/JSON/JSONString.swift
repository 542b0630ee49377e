/// Decodes the strings of valid JSON.
enum JSONString {
  /// Appends the text of a string that is given without its quotes; half of a surrogate pair becomes U+FFFD.
  static func append(decoded literal: UnsafeRawBufferPointer, to text: inout [UInt8]) {
    var rest = literal[...]
    while let backslash = rest.firstIndex(of: 0x5C) {
      text.append(contentsOf: rest[..<backslash])
      rest = rest[(backslash + 1)...]
      switch rest.popFirst() {
      case UInt8(ascii: "b"): text.append(0x08)
      case UInt8(ascii: "t"): text.append(0x09)
      case UInt8(ascii: "n"): text.append(0x0A)
      case UInt8(ascii: "f"): text.append(0x0C)
      case UInt8(ascii: "r"): text.append(0x0D)
      case UInt8(ascii: "u"): text.append(contentsOf: takeScalar(&rest).utf8)
      case let byte?: text.append(byte)
      case nil: return
      }
    }
    text.append(contentsOf: rest)
  }

  /// Takes the digits behind `\u`, and those of a second escape where both make one character.
  private static func takeScalar(_ rest: inout Slice<UnsafeRawBufferPointer>) -> Unicode.Scalar {
    let first = codeUnit(rest.prefix(4))
    rest = rest.dropFirst(4)
    if let scalar = Unicode.Scalar(first) { return scalar }
    guard first < 0xDC00, rest.starts(with: [0x5C, UInt8(ascii: "u")]) else { return "\u{FFFD}" }
    let second = codeUnit(rest.dropFirst(2).prefix(4))
    guard (0xDC00...0xDFFF).contains(second) else { return "\u{FFFD}" }
    rest = rest.dropFirst(6)
    return Unicode.Scalar(0x10000 + ((first - 0xD800) << 10) + (second - 0xDC00)) ?? "\u{FFFD}"
  }

  private static func codeUnit(_ digits: Slice<UnsafeRawBufferPointer>) -> UInt32 {
    digits.reduce(0) { number, digit in
      number << 4 | UInt32(digit & 0xF) + (digit > UInt8(ascii: "9") ? 9 : 0)
    }
  }
}
