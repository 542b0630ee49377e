internal import CDigest
internal import JobrunModel

/// The hashes that a journal keeps, all from SHA-256. Not to be used by two threads at once.
final class JournalHash {
  private let context: OpaquePointer
  // Safety: never written after it was fetched; libcrypto's algorithms may be used by any thread.
  private nonisolated(unsafe) static let algorithm = EVP_MD_fetch(nil, "SHA256", nil)

  init() {
    guard let context = EVP_MD_CTX_new(), Self.algorithm != nil else { fatalError("libcrypto has no SHA-256") }
    self.context = context
  }

  deinit { EVP_MD_CTX_free(context) }

  /// A request's identity: the first 128 bits over its bytes, and behind them a NUL and the scope where there is one.
  func identity(of body: [UInt8], scope: String) -> RequestIdentity {
    let digest = scope.isEmpty ? sha256(body) : sha256(body, [0] + Array(scope.utf8))
    return RequestIdentity(high: digest.0, low: digest.1)
  }

  /// What a stored answer is checked against: the first 64 bits over the request's identity, the status as two bytes and
  /// the body.
  func checksum(_ identity: [UInt8], _ body: [UInt8], status: Int) -> Int64 {
    let status = [UInt8(truncatingIfNeeded: status >> 8), UInt8(truncatingIfNeeded: status)]
    return Int64(bitPattern: sha256(identity + status, body).0)
  }

  /// An item's content: what it says, not where it stands.
  func content(of record: ItemRecord) -> Int64 {
    switch record.content {
    case .text(let bytes), .json(let bytes), .failedJSON(let bytes), .malformed(_, let bytes):
      return Int64(bitPattern: sha256(bytes).0)
    case .columns(let columns, let fields):
      // Lengths between the fields, so that no two records run together to the same bytes.
      let bytes = zip(columns.names, fields).flatMap { name, field in
        Array("\(name.utf8.count):\(name)=\(field.count):".utf8) + field
      }
      return Int64(bitPattern: sha256(bytes).0)
    }
  }

  /// The content of a pack.
  func content(of items: [Int64]) -> Int64 {
    Int64(bitPattern: sha256(items.flatMap { item in withUnsafeBytes(of: item.bigEndian) { [UInt8]($0) } }).0)
  }

  /// The first 128 bits over `first` and `second`.
  private func sha256(_ first: [UInt8], _ second: [UInt8] = []) -> (UInt64, UInt64) {
    EVP_DigestInit_ex2(context, Self.algorithm, nil)
    first.withUnsafeBytes { _ = EVP_DigestUpdate(context, $0.baseAddress, $0.count) }
    if !second.isEmpty { second.withUnsafeBytes { _ = EVP_DigestUpdate(context, $0.baseAddress, $0.count) } }
    return withUnsafeTemporaryAllocation(byteCount: Int(SHA256_DIGEST_LENGTH), alignment: 8) { digest in
      EVP_DigestFinal_ex(context, digest.baseAddress?.assumingMemoryBound(to: UInt8.self), nil)
      return (
        UInt64(bigEndian: digest.load(as: UInt64.self)),
        UInt64(bigEndian: digest.load(fromByteOffset: 8, as: UInt64.self))
      )
    }
  }

  /// The whole SHA-256 as text.
  static func hexadecimal(_ bytes: [UInt8]) -> String {
    hexadecimal(
      of: [UInt8](unsafeUninitializedCapacity: Int(SHA256_DIGEST_LENGTH)) { buffer, count in
        bytes.withUnsafeBytes { _ = EVP_Digest($0.baseAddress, $0.count, buffer.baseAddress, nil, algorithm, nil) }
        count = Int(SHA256_DIGEST_LENGTH)
      })
  }

  static func hexadecimal(of digest: [UInt8]) -> String {
    let digits = Array("0123456789abcdef".unicodeScalars)
    var text = String.UnicodeScalarView()
    for byte in digest {
      text.append(digits[Int(byte >> 4)])
      text.append(digits[Int(byte & 15)])
    }
    return String(text)
  }
}

extension RequestIdentity {
  /// As it stands in the journal: 16 bytes, the most significant first.
  var bytes: [UInt8] {
    [UInt8](unsafeUninitializedCapacity: 16) { buffer, count in
      UnsafeMutableRawBufferPointer(buffer).storeBytes(of: high.bigEndian, as: UInt64.self)
      UnsafeMutableRawBufferPointer(buffer).storeBytes(of: low.bigEndian, toByteOffset: 8, as: UInt64.self)
      count = 16
    }
  }
}
