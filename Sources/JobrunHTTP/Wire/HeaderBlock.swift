/// The header lines of a response, as they came.
struct HeaderBlock {
  private let bytes: [UInt8]

  /// - Parameter bytes: The lines, separated by CRLF, without the status line.
  init(_ bytes: [UInt8]) { self.bytes = bytes }

  init(_ text: String) { self.init(Array(text.utf8)) }

  /// The last value of a header, without the blanks around it; nil where it is absent.
  ///
  /// - Parameter name: In lower case.
  subscript(name: String) -> String? {
    var found: String?
    forEach { if $0 == name { found = $1 } }
    return found
  }

  /// Calls `body` with each name, in lower case, and its value.
  func forEach(_ body: (String, String) -> Void) {
    for line in bytes.split(whereSeparator: { $0 == UInt8(ascii: "\r") || $0 == UInt8(ascii: "\n") }) {
      guard let colon = line.firstIndex(of: UInt8(ascii: ":")) else { continue }
      let value = line[(colon + 1)...].drop { $0 == 0x20 || $0 == 0x09 }
      let end = value.lastIndex { $0 != 0x20 && $0 != 0x09 }.map { $0 + 1 } ?? value.startIndex
      body(
        String(decoding: line[..<colon], as: UTF8.self).lowercased(), String(decoding: value[..<end], as: UTF8.self))
    }
  }
}
