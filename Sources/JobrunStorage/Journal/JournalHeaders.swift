#if canImport(Glibc)
  internal import Glibc
#else
  internal import Darwin
#endif

/// The response headers that a journal keeps: what helps to ask a provider about an answer. An allow-list: a header that
/// nobody thought of may hold a secret.
enum JournalHeaders {
  private static let kept: [StaticString] = [
    "date", "content-type", "request-id", "x-request-id", "apim-request-id", "x-ms-request-id", "x-ms-region", "cf-ray",
    "openai-processing-ms", "openai-version", "x-envoy-upstream-service-time", "x-amzn-requestid",
    "x-generation-id", "server-timing",
  ]

  /// The letters that they begin with, a bit each.
  private static let initials: UInt32 = kept.reduce(0) { $0 | 1 << UInt32($1.utf8Start[0] & 31) }

  /// - Parameter lines: Header lines, separated by CRLF.
  static func allowed(in lines: [UInt8]) -> [UInt8] {
    var result: [UInt8] = []
    lines.withUnsafeBytes { bytes in
      guard let base = bytes.baseAddress else { return }
      var start = 0
      while start < bytes.count {
        let found = memchr(base + start, 0x0A, bytes.count - start)
        let end = found.map { base.distance(to: UnsafeRawPointer($0)) + 1 } ?? bytes.count
        if initials & 1 << UInt32(bytes[start] & 31) != 0, isKept(UnsafeRawBufferPointer(rebasing: bytes[start..<end]))
        {
          result.append(contentsOf: bytes[start..<end])
        }
        start = end
      }
    }
    return result
  }

  private static func isKept(_ line: UnsafeRawBufferPointer) -> Bool {
    for word in kept {
      let count = word.utf8CodeUnitCount
      guard count < line.count, line[count] == UInt8(ascii: ":") else { continue }
      var index = 0
      while index < count, line[index] | 0x20 == word.utf8Start[index] | 0x20 { index += 1 }
      if index == count { return true }
    }
    return false
  }
}
