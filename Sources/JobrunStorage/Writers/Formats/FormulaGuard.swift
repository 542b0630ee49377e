/// Which texts a spreadsheet would run as a formula on opening the file (OWASP "CSV injection", ASVS 1.2.10).
enum FormulaGuard {
  /// `'`, which makes a spreadsheet take what follows for text.
  static let mark: UInt8 = 0x27

  /// Whether `text` begins as a formula does and is no number.
  static func applies(to text: UnsafeRawBufferPointer) -> Bool {
    switch text.first {
    case UInt8(ascii: "="), UInt8(ascii: "@"), 0x09, 0x0D, 0x00: true
    case UInt8(ascii: "+"), UInt8(ascii: "-"): !isNumber(text)
    default: false
    }
  }

  /// Whether all of `text`, which begins with a sign, is a number as `-5`, `+3.2e1`, `-.5`.
  private static func isNumber(_ text: UnsafeRawBufferPointer) -> Bool {
    var position = 1
    func take(_ isWanted: (UInt8) -> Bool) -> Bool {
      guard position < text.count, isWanted(text[position]) else { return false }
      position += 1
      return true
    }
    func digits() -> Int {
      let start = position
      while take({ $0 >= 0x30 && $0 <= 0x39 }) {}
      return position - start
    }
    var count = digits()
    if take({ $0 == UInt8(ascii: ".") }) { count += digits() }
    guard count > 0 else { return false }
    if take({ $0 | 0x20 == UInt8(ascii: "e") }) {
      _ = take { $0 == UInt8(ascii: "+") || $0 == UInt8(ascii: "-") }
      guard digits() > 0 else { return false }
    }
    return position == text.count
  }
}
