#if canImport(Glibc)
  internal import Glibc
#else
  internal import Darwin
#endif

/// A whole file, where it is text.
enum TextFile {
  enum Contents: Equatable {
    /// Without a byte order mark.
    case text([UInt8])
    /// Not UTF-8, or with a NUL in it.
    case binary
    case tooLong
  }

  /// Reads a file; of one that is no text mostly only the beginning.
  static func read(_ path: [UInt8], cap: Int = InputLimits.record) throws(SystemError) -> Contents {
    let descriptor = try SystemCall.open(String(decoding: path, as: UTF8.self), O_RDONLY)
    defer { try? SystemCall.close(descriptor) }
    var bytes: [UInt8] = []
    var buffer = [UInt8](repeating: 0, count: 64 << 10)
    while true {
      let count = try buffer.withUnsafeMutableBufferPointer { (bytes) throws(SystemError) in
        try SystemCall.read(descriptor, into: UnsafeMutableRawBufferPointer(bytes))
      }
      // The first piece tells images and the like; a character that is cut at its end does not count.
      if bytes.isEmpty, let fault = fault(in: buffer[..<count]), fault + 4 < count { return .binary }
      bytes.append(contentsOf: buffer[..<count])
      if count == 0 || bytes.count > cap { break }
    }
    if let fault = fault(in: bytes[...]), bytes.count <= cap || fault + 4 < bytes.count { return .binary }
    if bytes.count > cap { return .tooLong }
    return .text(bytes.starts(with: [0xEF, 0xBB, 0xBF]) ? Array(bytes.dropFirst(3)) : bytes)
  }

  private static func fault(in bytes: ArraySlice<UInt8>) -> Int? {
    bytes.withUnsafeBytes { TextFault.first(in: $0, allowsNUL: false)?.offset }
  }
}
