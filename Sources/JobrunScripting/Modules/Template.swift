/// A text with `{{name}}` in it.
struct Template {
  private let text: [UInt8]

  init(_ text: [UInt8]) { self.text = text }

  /// The text with the value of each name in its place. A `{{` that is not closed stays as it is.
  func render<E: Error>(_ value: (String) throws(E) -> [UInt8]) throws(E) -> [UInt8] {
    let brace = UInt8(ascii: "{")
    var rendered: [UInt8] = []
    var position = 0
    while position < text.count {
      guard text[position] == brace, position + 1 < text.count, text[position + 1] == brace,
        let end = end(of: position + 2)
      else {
        rendered.append(text[position])
        position += 1
        continue
      }
      rendered += try value(Self.trimmed(text[position + 2..<end]))
      position = end + 2
    }
    return rendered
  }

  /// Where the name that begins at `start` is closed; a name has no braces and no line break.
  private func end(of start: Int) -> Int? {
    var index = start
    while index + 1 < text.count {
      switch text[index] {
      case UInt8(ascii: "}"): return text[index + 1] == UInt8(ascii: "}") && index > start ? index : nil
      case UInt8(ascii: "{"), UInt8(ascii: "\n"): return nil
      default: index += 1
      }
    }
    return nil
  }

  private static func trimmed(_ bytes: ArraySlice<UInt8>) -> String {
    let blank = UInt8(ascii: " ")
    var name = bytes.drop { $0 == blank }
    while name.last == blank { name.removeLast() }
    return String(decoding: name, as: UTF8.self)
  }
}
