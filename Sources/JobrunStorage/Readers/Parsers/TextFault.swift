#if canImport(Glibc)
  internal import Glibc
#else
  internal import Darwin
#endif

/// The first byte that keeps a piece of the input from being text.
struct TextFault: Equatable {
  enum Kind: Equatable {
    case invalidUTF8(UInt8)
    case nul
  }

  var kind: Kind
  /// From 0, in the bytes that were looked at.
  var offset: Int

  /// Looks for the first byte that is not UTF-8, and for a NUL if these are not allowed.
  static func first(in bytes: UnsafeRawBufferPointer, allowsNUL: Bool) -> TextFault? {
    guard let base = bytes.baseAddress else { return nil }
    let invalid = UTF8Validity.firstInvalidOffset(in: bytes)
    let end = invalid ?? bytes.count
    if !allowsNUL, let nul = memchr(base, 0, end) {
      return TextFault(kind: .nul, offset: UnsafeRawPointer(nul) - base)
    }
    return invalid.map { TextFault(kind: .invalidUTF8(bytes[$0]), offset: $0) }
  }

  /// The fault in words, with the line and the byte in it (from 1) for a record that begins on `line`.
  func description(in bytes: UnsafeRawBufferPointer, line: Int) -> String {
    var line = line
    var lineStart = 0
    for (position, byte) in bytes[..<offset].enumerated() where byte == 0x0A {
      line += 1
      lineStart = position + 1
    }
    let what =
      switch kind {
      case .invalidUTF8(let byte): "invalid UTF-8 (0x\(String(byte, radix: 16, uppercase: true)))"
      case .nul: "a NUL"
      }
    return "line \(line): \(what) at byte \(offset - lineStart + 1)"
  }
}
