/// Text of models, servers and files made harmless for a terminal: it can neither move the cursor nor forge a line.
enum VisibleText {
  /// Control characters, escape sequences and the marks that reverse text become visible as `\u{…}`; line breaks and
  /// tabs stay where `keepingLines` is set.
  static func make(_ text: String, keepingLines: Bool = false) -> String {
    guard text.unicodeScalars.contains(where: { isUnsafe($0) || $0 == "\n" || $0 == "\t" }) else { return text }
    var result = ""
    for scalar in text.unicodeScalars {
      if scalar == "\n" || scalar == "\t" {
        result.unicodeScalars.append(keepingLines ? scalar : " ")
      } else if isUnsafe(scalar) {
        result += "\\u{" + String(scalar.value, radix: 16) + "}"
      } else {
        result.unicodeScalars.append(scalar)
      }
    }
    return result
  }

  private static func isUnsafe(_ scalar: Unicode.Scalar) -> Bool {
    switch scalar.value {
    case 0x09, 0x0A: false
    case 0..<0x20, 0x7F..<0xA0: true  // C0, DEL, C1
    case 0x200E, 0x200F, 0x202A...0x202E, 0x2066...0x2069: true  // direction marks
    default: false
    }
  }
}
