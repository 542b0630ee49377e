/// Walks over JSON without decoding it: checks its structure (RFC 8259) and finds where a value lies.
///
/// Strings are checked for their escapes and control characters, not for UTF-8.
struct JSONScanner {
  /// Arrays and objects inside one another, at most.
  static let depthLimit = 512

  private let bytes: UnsafeRawBufferPointer
  private var position = 0

  private init(_ bytes: UnsafeRawBufferPointer) { self.bytes = bytes }

  /// Whether `bytes` are one JSON value, with nothing but white space around it.
  static func isValid(_ bytes: [UInt8]) -> Bool {
    bytes.withUnsafeBytes { bytes in
      var scanner = JSONScanner(bytes)
      scanner.skipSpace()
      guard scanner.value(depth: 0) else { return false }
      scanner.skipSpace()
      return scanner.position == bytes.count
    }
  }

  /// Where the value of a top-level key lies: nil where `bytes` are no valid JSON object or have no such key.
  ///
  /// Keys are compared as they are written, without decoding escapes; of two equal ones the last counts.
  static func range(of key: String, in bytes: [UInt8]) -> Range<Int>? {
    bytes.withUnsafeBytes { bytes in
      var found: Range<Int>?
      let isObject = members(of: bytes) { name, value in
        if bytes[name].elementsEqual(key.utf8) { found = value }
      }
      return isObject ? found : nil
    }
  }

  /// Names the members of an object in their order: where the key, without its quotes, and the value lie.
  ///
  /// - Returns: Whether `bytes` are one valid JSON object; of anything else the members up to the fault are named.
  @discardableResult
  static func members(of bytes: UnsafeRawBufferPointer, _ member: (Range<Int>, Range<Int>) -> Void) -> Bool {
    var scanner = JSONScanner(bytes)
    scanner.skipSpace()
    let isObject = scanner.object(depth: 1, member: member)
    scanner.skipSpace()
    return isObject && scanner.position == bytes.count
  }

  private var byte: UInt8? { position < bytes.count ? bytes[position] : nil }

  private mutating func skipSpace() {
    while let byte, byte == 0x20 || byte == 0x0A || byte == 0x0D || byte == 0x09 { position += 1 }
  }

  private mutating func take(_ wanted: Character) -> Bool {
    guard byte == wanted.asciiValue else { return false }
    position += 1
    return true
  }

  /// Passes over one value; `depth` is that of what it stands in.
  private mutating func value(depth: Int) -> Bool {
    guard let byte, depth < Self.depthLimit || (byte != 0x5B && byte != 0x7B) else { return false }
    switch byte {
    case 0x7B: return object(depth: depth + 1) { _, _ in }
    case 0x5B: return array(depth: depth + 1)
    case 0x22: return string()
    case 0x74: return word("true")
    case 0x66: return word("false")
    case 0x6E: return word("null")
    default: return number()
    }
  }

  /// Passes over an object, naming each member: the range of its key without the quotes, and of its value.
  private mutating func object(depth: Int, member: (Range<Int>, Range<Int>) -> Void) -> Bool {
    guard take("{") else { return false }
    skipSpace()
    if take("}") { return true }
    repeat {
      skipSpace()
      let key = position
      guard string() else { return false }
      let name = (key + 1)..<(position - 1)
      skipSpace()
      guard take(":") else { return false }
      skipSpace()
      let start = position
      guard value(depth: depth) else { return false }
      member(name, start..<position)
      skipSpace()
    } while take(",")
    return take("}")
  }

  private mutating func array(depth: Int) -> Bool {
    guard take("[") else { return false }
    skipSpace()
    if take("]") { return true }
    repeat {
      skipSpace()
      guard value(depth: depth) else { return false }
      skipSpace()
    } while take(",")
    return take("]")
  }

  private mutating func string() -> Bool {
    guard take("\"") else { return false }
    while let byte {
      position += 1
      switch byte {
      case 0x22: return true
      case 0x5C: guard escape() else { return false }
      case 0..<0x20: return false
      default: continue
      }
    }
    return false
  }

  /// Passes over what stands behind a backslash.
  private mutating func escape() -> Bool {
    guard let byte else { return false }
    position += 1
    switch byte {
    case 0x22, 0x5C, 0x2F, 0x62, 0x66, 0x6E, 0x72, 0x74: return true
    case 0x75:
      for _ in 0..<4 {
        guard let digit = self.byte, Self.isHexDigit(digit) else { return false }
        position += 1
      }
      return true
    default: return false
    }
  }

  private mutating func word(_ word: StaticString) -> Bool {
    let end = position + word.utf8CodeUnitCount
    guard end <= bytes.count else { return false }
    let matches = word.withUTF8Buffer { bytes[position..<end].elementsEqual($0) }
    position = end
    return matches
  }

  private mutating func number() -> Bool {
    _ = take("-")
    if !take("0") { guard digits() else { return false } }
    if take(".") { guard digits() else { return false } }
    if take("e") || take("E") {
      if !take("+") { _ = take("-") }
      guard digits() else { return false }
    }
    return true
  }

  /// Passes over digits, at least one.
  private mutating func digits() -> Bool {
    let start = position
    while let byte, byte >= 0x30 && byte <= 0x39 { position += 1 }
    return position > start
  }

  private static func isHexDigit(_ byte: UInt8) -> Bool {
    (0x30...0x39).contains(byte) || (0x41...0x46).contains(byte) || (0x61...0x66).contains(byte)
  }
}
