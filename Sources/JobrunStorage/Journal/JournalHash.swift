internal import CDigest
internal import JobrunModel

/// The hashes that a journal keeps, all from SHA-256.
enum JournalHash {
  /// A request's identity: the first 128 bits over its bytes, and behind them a NUL and the scope where there is one.
  static func identity(of body: [UInt8], scope: String) -> RequestIdentity {
    let digest = sha256(scope.isEmpty ? body : body + [0] + Array(scope.utf8))
    return RequestIdentity(high: word(digest, 0), low: word(digest, 8))
  }

  /// What a stored answer is checked against: the first 64 bits over the request's identity and the body.
  static func checksum(_ identity: [UInt8], _ body: [UInt8]) -> Int64 {
    Int64(bitPattern: word(sha256(identity + body), 0))
  }

  /// An item's content: what it says, not where it stands.
  static func content(of record: ItemRecord) -> Int64 {
    let digest =
      switch record.content {
      case .text(let bytes), .json(let bytes), .failedJSON(let bytes): sha256(bytes)
      case .malformed(_, let raw): sha256(raw)
      case .columns(let columns, let fields):
        // Lengths between the fields, so that no two records run together to the same bytes.
        sha256(
          zip(columns.names, fields).flatMap { name, field in
            Array("\(name.utf8.count):\(name)=\(field.count):".utf8) + field
          })
      }
    return Int64(bitPattern: word(digest, 0))
  }

  /// The SHA-256 of `bytes` as text.
  static func hexadecimal(_ bytes: [UInt8]) -> String { hexadecimal(of: sha256(bytes)) }

  static func hexadecimal(of digest: [UInt8]) -> String {
    let digits = Array("0123456789abcdef".unicodeScalars)
    var text = String.UnicodeScalarView()
    for byte in digest {
      text.append(digits[Int(byte >> 4)])
      text.append(digits[Int(byte & 15)])
    }
    return String(text)
  }

  private static func sha256(_ bytes: [UInt8]) -> [UInt8] {
    [UInt8](unsafeUninitializedCapacity: Int(SHA256_DIGEST_LENGTH)) { buffer, count in
      bytes.withUnsafeBufferPointer { _ = SHA256($0.baseAddress, $0.count, buffer.baseAddress) }
      count = Int(SHA256_DIGEST_LENGTH)
    }
  }

  /// Eight bytes from `start`, the most significant first.
  private static func word(_ digest: [UInt8], _ start: Int) -> UInt64 {
    digest[start..<(start + 8)].reduce(0) { $0 << 8 | UInt64($1) }
  }
}

extension RequestIdentity {
  /// As it stands in the journal: 16 bytes, the most significant first.
  var bytes: [UInt8] {
    [UInt8](unsafeUninitializedCapacity: 16) { buffer, count in
      for index in 0..<8 {
        buffer[index] = UInt8(truncatingIfNeeded: high >> UInt64(56 - 8 * index))
        buffer[8 + index] = UInt8(truncatingIfNeeded: low >> UInt64(56 - 8 * index))
      }
      count = 16
    }
  }
}
