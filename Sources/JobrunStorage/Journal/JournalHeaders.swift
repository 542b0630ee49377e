/// The response headers that a journal keeps: what helps to ask a provider about an answer. An allow-list: a header that
/// nobody thought of may hold a secret.
enum JournalHeaders {
  private static let kept: [[UInt8]] = [
    "date", "content-type", "request-id", "x-request-id", "apim-request-id", "x-ms-request-id", "x-ms-region", "cf-ray",
    "openai-processing-ms", "openai-version", "x-envoy-upstream-service-time", "x-amzn-requestid",
    "x-generation-id", "server-timing",
  ].map { Array($0.utf8) }

  /// - Parameter lines: Header lines, separated by CRLF.
  static func allowed(in lines: [UInt8]) -> [UInt8] {
    var result: [UInt8] = []
    lines.withUnsafeBufferPointer { bytes in
      var start = 0
      while start < bytes.count {
        var (end, colon) = (start, -1)
        while end < bytes.count, bytes[end] != 0x0A {
          if colon < 0, bytes[end] == UInt8(ascii: ":") { colon = end }
          end += 1
        }
        if colon > 0, isKept(UnsafeBufferPointer(rebasing: bytes[start..<colon])) {
          result.append(contentsOf: bytes[start..<min(bytes.count, end + 1)])
        }
        start = end + 1
      }
    }
    return result
  }

  private static func isKept(_ name: UnsafeBufferPointer<UInt8>) -> Bool {
    kept.contains { word in
      guard word.count == name.count else { return false }
      for index in 0..<word.count where name[index] | 0x20 != word[index] | 0x20 { return false }
      return true
    }
  }
}
