/// A key. It never shows itself: only the header writer takes the value out.
public struct Secret: Sendable, Equatable, CustomStringConvertible, CustomDebugStringConvertible, CustomReflectable {
  /// The key itself, for the wire.
  let value: String

  /// White space around a key comes from copying it and is no part of it.
  /// - Returns: nil where nothing is left.
  public init?(_ text: String) {
    var scalars = text.unicodeScalars[...]
    while let first = scalars.first, first.properties.isWhitespace { scalars.removeFirst() }
    while let last = scalars.last, last.properties.isWhitespace { scalars.removeLast() }
    guard !scalars.isEmpty else { return nil }
    value = String(scalars)
  }

  public var description: String { "***" }
  public var debugDescription: String { "***" }
  public var customMirror: Mirror { Mirror(self, children: []) }

  /// Whether the key can stand in a header: printable ASCII without blanks.
  var isHeaderSafe: Bool { value.utf8.allSatisfy { $0 > 0x20 && $0 < 0x7F } }

  /// The text with the key blotted out, for messages that may repeat it.
  public func redacted(_ text: String) -> String {
    guard value.utf8.count >= 4 else { return text }
    var rest = text[...]
    var result = ""
    while let range = rest.firstRange(of: value) {
      result += rest[..<range.lowerBound] + "***"
      rest = rest[range.upperBound...]
    }
    return result + rest
  }
}
