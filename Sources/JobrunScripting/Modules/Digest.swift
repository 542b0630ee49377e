import CDigest

/// Digests by libmd.
enum Digest {
  private static let hexadecimalCount = 2 * Int(SHA256_DIGEST_LENGTH)

  /// The SHA-256 in hexadecimal.
  static func sha256(_ bytes: [UInt8]) -> [UInt8] {
    [UInt8](unsafeUninitializedCapacity: hexadecimalCount + 1) { buffer, count in
      buffer.withMemoryRebound(to: CChar.self) { text in
        bytes.withUnsafeBufferPointer { _ = SHA256Data($0.baseAddress, $0.count, text.baseAddress) }
      }
      count = hexadecimalCount  // without the NUL
    }
  }
}
