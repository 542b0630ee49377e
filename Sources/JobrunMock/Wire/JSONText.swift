/// The inside of a JSON string with its escapes as written, so that a piece of it can go into another string as it is.
struct JSONText {
  let bytes: UnsafeRawBufferPointer

  /// The bytes of a string that `JSONScanner` accepted.
  init(_ bytes: UnsafeRawBufferPointer, _ range: Range<Int>) {
    self.bytes = UnsafeRawBufferPointer(rebasing: bytes[range])
  }

  /// The number of Unicode scalars.
  var count: Int {
    var (index, count) = (0, 0)
    while index < bytes.count {
      index += width(at: index)
      count += 1
    }
    return count
  }

  /// The first words, at most so many and of at most so many characters together; never a part of an escape or of a
  /// UTF-8 sequence.
  func prefix(words: Int, characters: Int) -> JSONText {
    var (index, count, spaces) = (0, 0, 0)
    while index < bytes.count, count < characters {
      if bytes[index] == UInt8(ascii: " ") {
        spaces += 1
        if spaces == words { break }
      }
      index += width(at: index)
      count += 1
    }
    return JSONText(bytes, 0..<min(index, bytes.count))
  }

  /// The bytes of the character that begins here.
  private func width(at index: Int) -> Int {
    switch bytes[index] {
    case UInt8(ascii: "\\"):
      guard bytes[index + 1] == UInt8(ascii: "u") else { return 2 }
      return (0xD800..<0xDC00).contains(codeUnit(at: index + 2)) ? 12 : 6
    case ..<0x80: return 1
    case ..<0xE0: return 2
    case ..<0xF0: return 3
    default: return 4
    }
  }

  /// The value of the four hexadecimal digits that begin here.
  private func codeUnit(at index: Int) -> UInt32 {
    bytes[index..<index + 4].reduce(0) { value, digit in
      value << 4 | UInt32(Character(Unicode.Scalar(digit)).hexDigitValue ?? 0)
    }
  }

  /// The text that is meant.
  var decoded: String {
    var result: [UInt8] = []
    var index = 0
    while index < bytes.count {
      let width = width(at: index)
      if bytes[index] == UInt8(ascii: "\\") {
        result += scalar(at: index).utf8
      } else {
        result += bytes[index..<index + width]
      }
      index += width
    }
    return String(decoding: result, as: UTF8.self)
  }

  private func scalar(at index: Int) -> String {
    switch bytes[index + 1] {
    case UInt8(ascii: "n"): return "\n"
    case UInt8(ascii: "t"): return "\t"
    case UInt8(ascii: "r"): return "\r"
    case UInt8(ascii: "b"): return "\u{8}"
    case UInt8(ascii: "f"): return "\u{C}"
    case UInt8(ascii: "u"):
      let unit = codeUnit(at: index + 2)
      let isPair = (0xD800..<0xDC00).contains(unit)
      let value = isPair ? 0x10000 + (unit - 0xD800) << 10 + (codeUnit(at: index + 8) - 0xDC00) : unit
      return Unicode.Scalar(value).map(String.init) ?? "\u{FFFD}"
    default: return String(Unicode.Scalar(bytes[index + 1]))
    }
  }

  /// What stands for this text between the quotes of a JSON string.
  static func escaped(_ text: String) -> String {
    var result = ""
    for scalar in text.unicodeScalars {
      switch scalar {
      case "\"": result += "\\\""
      case "\\": result += "\\\\"
      case "\n": result += "\\n"
      case "\r": result += "\\r"
      case "\t": result += "\\t"
      case ..<" ":
        let digits = String(scalar.value, radix: 16)
        result += "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
      default: result.unicodeScalars.append(scalar)
      }
    }
    return result
  }
}
