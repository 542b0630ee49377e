/// Appends JSON to bytes.
///
/// U+0085, U+2028 and U+2029 are escaped in strings: other readers of JSON lines take them for line breaks.
enum JSONText {
  /// Appends `bytes` as a JSON string; what is not UTF-8 becomes U+FFFD.
  static func append(string bytes: UnsafeRawBufferPointer, to json: inout [UInt8]) {
    guard UTF8Validity.firstInvalidOffset(in: bytes) == nil else {
      var repaired = String(decoding: bytes, as: UTF8.self)
      repaired.withUTF8 { append(string: UnsafeRawBufferPointer($0), to: &json) }
      return
    }
    json.append(0x22)
    var start = 0
    var position = 0
    while position < bytes.count {
      let byte = bytes[position]
      // Most bytes: nothing to escape.
      if byte >= 0x20 && byte != 0x22 && byte != 0x5C && byte != 0xC2 && byte != 0xE2 {
        position += 1
        continue
      }
      let length = foreignLineBreak(bytes, position)
      if byte >= 0x80 && length == 0 {
        position += 1
        continue
      }
      append(bytes, start..<position, to: &json)
      if length > 0 {
        appendForeignLineBreak(bytes, position, to: &json)
        position += length
      } else {
        appendEscape(byte, to: &json)
        position += 1
      }
      start = position
    }
    append(bytes, start..<bytes.count, to: &json)
    json.append(0x22)
  }

  static func append(string bytes: [UInt8], to json: inout [UInt8]) {
    bytes.withUnsafeBytes { append(string: $0, to: &json) }
  }

  static func append(string: String, to json: inout [UInt8]) {
    var string = string
    string.withUTF8 { append(string: UnsafeRawBufferPointer($0), to: &json) }
  }

  /// Appends valid JSON as it is written, but for the line breaks that are none in JSON lines.
  static func append(valid value: [UInt8], range: Range<Int>, to json: inout [UInt8]) {
    value.withUnsafeBytes { bytes in
      var start = range.lowerBound
      var position = start
      while position < range.upperBound {
        let byte = bytes[position]
        // Outside of ASCII only strings can be, so an escape fits.
        let length = byte == 0xC2 || byte == 0xE2 ? foreignLineBreak(bytes, position) : 0
        if length == 0 {
          position += 1
          continue
        }
        append(bytes, start..<position, to: &json)
        appendForeignLineBreak(bytes, position, to: &json)
        position += length
        start = position
      }
      append(bytes, start..<range.upperBound, to: &json)
    }
  }

  static func append(_ number: Int, to json: inout [UInt8]) {
    json.append(contentsOf: String(number).utf8)
  }

  private static func append(_ bytes: UnsafeRawBufferPointer, _ range: Range<Int>, to json: inout [UInt8]) {
    json.append(contentsOf: UnsafeRawBufferPointer(rebasing: bytes[range]))
  }

  /// The length of the sequence at `position` where it is U+0085, U+2028 or U+2029, else 0.
  private static func foreignLineBreak(_ bytes: UnsafeRawBufferPointer, _ position: Int) -> Int {
    if bytes[position] == 0xC2 {
      return position + 1 < bytes.count && bytes[position + 1] == 0x85 ? 2 : 0
    }
    guard bytes[position] == 0xE2, position + 2 < bytes.count, bytes[position + 1] == 0x80 else { return 0 }
    return bytes[position + 2] == 0xA8 || bytes[position + 2] == 0xA9 ? 3 : 0
  }

  private static func appendForeignLineBreak(
    _ bytes: UnsafeRawBufferPointer, _ position: Int, to json: inout [UInt8]
  ) {
    let escape: StaticString =
      if bytes[position] == 0xC2 { "\\u0085" } else if bytes[position + 2] == 0xA8 { "\\u2028" } else { "\\u2029" }
    append(escape, to: &json)
  }

  private static func appendEscape(_ byte: UInt8, to json: inout [UInt8]) {
    switch byte {
    case 0x22: append("\\\"", to: &json)
    case 0x5C: append("\\\\", to: &json)
    case 0x08: append("\\b", to: &json)
    case 0x09: append("\\t", to: &json)
    case 0x0A: append("\\n", to: &json)
    case 0x0C: append("\\f", to: &json)
    case 0x0D: append("\\r", to: &json)
    default:
      append("\\u00", to: &json)
      for digit in [byte >> 4, byte & 0xF] { json.append(digit < 10 ? 0x30 + digit : 0x61 + digit - 10) }
    }
  }

  /// Appends ASCII as it is: punctuation, fixed keys.
  static func append(_ literal: StaticString, to json: inout [UInt8]) {
    literal.withUTF8Buffer { json.append(contentsOf: $0) }
  }
}
