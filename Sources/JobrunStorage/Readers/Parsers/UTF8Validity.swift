/// Checks UTF-8 where it lies, without making a `String`.
enum UTF8Validity {
  /// The offset of the first byte that begins no well-formed sequence (Unicode 3.9, table 3-7), or nil.
  static func firstInvalidOffset(in bytes: UnsafeRawBufferPointer) -> Int? {
    let count = bytes.count
    var offset = 0
    while offset < count {
      // Eight ASCII bytes at a time.
      while offset + 8 <= count,
        bytes.loadUnaligned(fromByteOffset: offset, as: UInt64.self) & 0x8080_8080_8080_8080 == 0
      {
        offset += 8
      }
      // Then one sequence after another to the next ASCII byte, and over it.
      while offset < count {
        let byte = bytes[offset]
        if byte < 0x80 {
          offset += 1
          break
        }
        let length = sequenceLength(bytes, offset, lead: byte)
        if length == 0 { return offset }
        offset += length
      }
    }
    return nil
  }

  /// The length of the well-formed sequence at `offset`, which begins with a byte that is not ASCII; or 0.
  @inline(__always)
  private static func sequenceLength(_ bytes: UnsafeRawBufferPointer, _ offset: Int, lead: UInt8) -> Int {
    let left = bytes.count - offset
    if lead < 0xE0 {
      return lead >= 0xC2 && left >= 2 && isContinuation(bytes[offset + 1]) ? 2 : 0
    }
    if lead < 0xF0 {
      guard left >= 3, isContinuation(bytes[offset + 2]) else { return 0 }
      let second = bytes[offset + 1]
      // E0: no overlong form; ED: no surrogate.
      let low: UInt8 = lead == 0xE0 ? 0xA0 : 0x80
      let high: UInt8 = lead == 0xED ? 0x9F : 0xBF
      return second >= low && second <= high ? 3 : 0
    }
    guard lead <= 0xF4, left >= 4, isContinuation(bytes[offset + 2]), isContinuation(bytes[offset + 3]) else {
      return 0
    }
    let second = bytes[offset + 1]
    // F0: no overlong form; F4: nothing above U+10FFFF.
    let low: UInt8 = lead == 0xF0 ? 0x90 : 0x80
    let high: UInt8 = lead == 0xF4 ? 0x8F : 0xBF
    return second >= low && second <= high ? 4 : 0
  }

  @inline(__always)
  private static func isContinuation(_ byte: UInt8) -> Bool { byte & 0xC0 == 0x80 }
}
