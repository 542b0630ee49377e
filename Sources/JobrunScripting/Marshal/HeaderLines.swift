/// The header lines of an answer.
struct HeaderLines {
  /// Names in lower case, in the order of their first lines; values of equal names are joined by `, `.
  private(set) var fields: [(name: String, value: String)] = []

  /// - Parameter bytes: The lines, separated by CRLF or LF; what has no colon is passed over.
  init(_ bytes: [UInt8]) {
    for line in bytes.split(whereSeparator: { $0 == UInt8(ascii: "\n") || $0 == UInt8(ascii: "\r") }) {
      guard let colon = line.firstIndex(of: UInt8(ascii: ":")) else { continue }
      let name = String(decoding: line[..<colon], as: UTF8.self).lowercased()
      let value = Self.trimmed(line[line.index(after: colon)...])
      if let position = fields.firstIndex(where: { $0.name == name }) {
        fields[position].value += ", " + value
      } else {
        fields.append((name, value))
      }
    }
  }

  /// The value of a name in lower case.
  subscript(name: String) -> String? { fields.first { $0.name == name }?.value }

  private static func trimmed(_ bytes: ArraySlice<UInt8>) -> String {
    var value = bytes.drop { $0 == UInt8(ascii: " ") || $0 == UInt8(ascii: "\t") }
    while value.last == UInt8(ascii: " ") || value.last == UInt8(ascii: "\t") { value.removeLast() }
    return String(decoding: value, as: UTF8.self)
  }
}
