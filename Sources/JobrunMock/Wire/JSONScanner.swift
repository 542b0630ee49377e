/// Reads JSON without building it: the caller walks through objects and arrays and keeps the ranges it wants.
///
/// It accepts what RFC 8259 accepts and nothing else, apart from UTF-8, which the caller checks when
/// `hasNonASCII` is set. A `\u` escape with half of a surrogate pair is malformed, as for the real provider.
struct JSONScanner {
  /// What was read is no JSON.
  struct Malformed: Error, Equatable {
    var offset: Int
  }

  static let depthLimit = 512

  private let bytes: UnsafeRawBufferPointer
  private(set) var position = 0
  /// Whether a string read so far has a byte beyond ASCII.
  private(set) var hasNonASCII = false

  init(_ bytes: UnsafeRawBufferPointer) { self.bytes = bytes }

  /// The next byte that is no white space, 0 at the end. It stays unread.
  mutating func peek() -> UInt8 {
    while position < bytes.count {
      let byte = bytes[position]
      guard byte == 0x20 || byte == 0x0A || byte == 0x0D || byte == 0x09 else { return byte }
      position += 1
    }
    return 0
  }

  /// Reads this byte, and white space before it.
  mutating func expect(_ byte: Unicode.Scalar) throws(Malformed) {
    guard peek() == UInt8(ascii: byte), position < bytes.count else { throw Malformed(offset: position) }
    position += 1
  }

  mutating func expectEnd() throws(Malformed) {
    _ = peek()
    guard position == bytes.count else { throw Malformed(offset: position) }
  }

  /// The next member's key, without its quotes; the value is to be read next. Nil at the object's end.
  ///
  /// - Parameter first: True before the first member; changed to false.
  mutating func nextKey(first: inout Bool) throws(Malformed) -> Range<Int>? {
    guard try hasNext(first: &first, end: "}") else { return nil }
    let key = try string()
    try expect(":")
    return key
  }

  /// Whether an element is to be read next; false at the array's end.
  ///
  /// - Parameter first: True before the first element; changed to false.
  mutating func nextElement(first: inout Bool) throws(Malformed) -> Bool { try hasNext(first: &first, end: "]") }

  private mutating func hasNext(first: inout Bool, end: Unicode.Scalar) throws(Malformed) -> Bool {
    if peek() == UInt8(ascii: end), position < bytes.count {
      position += 1
      return false
    }
    if !first { try expect(",") }
    first = false
    return true
  }

  /// Reads a string and gives the range inside its quotes.
  mutating func string() throws(Malformed) -> Range<Int> {
    try expect("\"")
    let start = position
    while position < bytes.count {
      let byte = bytes[position]
      switch byte {
      case UInt8(ascii: "\""):
        position += 1
        return start..<(position - 1)
      case UInt8(ascii: "\\"): try escape()
      case ..<0x20: throw Malformed(offset: position)
      default:
        if byte >= 0x80 { hasNonASCII = true }
        position += 1
      }
    }
    throw Malformed(offset: position)
  }

  private mutating func escape() throws(Malformed) {
    let start = position
    guard position + 1 < bytes.count else { throw Malformed(offset: position) }
    position += 2
    switch bytes[position - 1] {
    case UInt8(ascii: "u"):
      switch try hexadecimal() {
      case 0xD800..<0xDC00:
        guard position + 1 < bytes.count, bytes[position] == UInt8(ascii: "\\"),
          bytes[position + 1] == UInt8(ascii: "u")
        else { throw Malformed(offset: start) }
        position += 2
        guard case 0xDC00..<0xE000 = try hexadecimal() else { throw Malformed(offset: start) }
      case 0xDC00..<0xE000: throw Malformed(offset: start)
      default: break
      }
    case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"), UInt8(ascii: "b"), UInt8(ascii: "f"),
      UInt8(ascii: "n"), UInt8(ascii: "r"), UInt8(ascii: "t"):
      break
    default: throw Malformed(offset: start)
    }
  }

  /// Reads four hexadecimal digits.
  private mutating func hexadecimal() throws(Malformed) -> UInt32 {
    guard position + 4 <= bytes.count else { throw Malformed(offset: position) }
    var value: UInt32 = 0
    for _ in 0..<4 {
      guard let digit = Character(Unicode.Scalar(bytes[position])).hexDigitValue, bytes[position] < 0x80 else {
        throw Malformed(offset: position)
      }
      value = value << 4 | UInt32(digit)
      position += 1
    }
    return value
  }

  /// Reads any value.
  mutating func skipValue(depth: Int = 0) throws(Malformed) {
    guard depth < Self.depthLimit else { throw Malformed(offset: position) }
    var first = true
    switch peek() {
    case UInt8(ascii: "{"):
      position += 1
      while try nextKey(first: &first) != nil { try skipValue(depth: depth + 1) }
    case UInt8(ascii: "["):
      position += 1
      while try nextElement(first: &first) { try skipValue(depth: depth + 1) }
    case UInt8(ascii: "\""): _ = try string()
    case UInt8(ascii: "t"): try literal("true")
    case UInt8(ascii: "f"): try literal("false")
    case UInt8(ascii: "n"): try literal("null")
    default: try number()
    }
  }

  private mutating func literal(_ word: StaticString) throws(Malformed) {
    let end = position + word.utf8CodeUnitCount
    guard end <= bytes.count,
      bytes[position..<end].elementsEqual(UnsafeBufferPointer(start: word.utf8Start, count: end - position))
    else { throw Malformed(offset: position) }
    position = end
  }

  private mutating func number() throws(Malformed) {
    _ = take(UInt8(ascii: "-"))
    if !take(UInt8(ascii: "0")) { try digits() }
    if take(UInt8(ascii: ".")) { try digits() }
    if take(UInt8(ascii: "e")) || take(UInt8(ascii: "E")) {
      if !take(UInt8(ascii: "+")) { _ = take(UInt8(ascii: "-")) }
      try digits()
    }
  }

  private mutating func digits() throws(Malformed) {
    let start = position
    while position < bytes.count, bytes[position] >= 0x30, bytes[position] <= 0x39 { position += 1 }
    guard position > start else { throw Malformed(offset: position) }
  }

  private mutating func take(_ byte: UInt8) -> Bool {
    guard position < bytes.count, bytes[position] == byte else { return false }
    position += 1
    return true
  }
}
