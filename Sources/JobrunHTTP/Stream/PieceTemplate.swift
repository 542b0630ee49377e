internal import Glibc

/// An event that only adds a piece of text, so that the next one like it need not be read: nearly all events of a stream
/// differ from the one before by that piece.
struct PieceTemplate {
  private let prefix: [UInt8]
  private let suffix: [UInt8]

  /// - Parameters:
  ///   - event: The event's bytes.
  ///   - piece: The inside of its string that is the piece.
  init(_ event: Range<Int>, piece: Range<Int>, _ bytes: UnsafeRawBufferPointer) {
    prefix = Array(bytes[event.lowerBound..<piece.lowerBound])
    suffix = Array(bytes[piece.upperBound..<event.upperBound])
  }

  /// The piece of another event; nil where it is of another kind, or has to be looked at.
  func piece(of event: Range<Int>, _ bytes: UnsafeRawBufferPointer) -> Range<Int>? {
    guard event.count >= prefix.count + suffix.count, let base = bytes.baseAddress,
      memcmp(base + event.lowerBound, prefix, prefix.count) == 0,
      memcmp(base + event.upperBound - suffix.count, suffix, suffix.count) == 0
    else { return nil }
    let piece = event.lowerBound + prefix.count..<event.upperBound - suffix.count
    // A quote may end the string early.
    if memchr(base + piece.lowerBound, 0x22, piece.count) != nil { return nil }
    // A backslash at its end would take the quote behind it.
    return piece.isEmpty || bytes[piece.upperBound - 1] != UInt8(ascii: "\\") ? piece : nil
  }
}
