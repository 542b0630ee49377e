/// Writes fields of a CSV or TSV by RFC 4180.
///
/// A field is quoted where it holds the separator, a quote or a line break, and where it begins or ends with a blank, which
/// some readers would drop.
struct FieldWriter {
  static let quote: UInt8 = 0x22
  let separator: UInt8
  /// Whether texts that a spreadsheet would run get a `'` before them: it changes them for every other reader.
  let guardsFormulas: Bool

  /// Appends one field.
  ///
  /// - Parameter isText: Whether it was a string; others cannot be formulas.
  func append(_ field: UnsafeRawBufferPointer, isText: Bool, to record: inout [UInt8]) {
    let isGuarded = isText && guardsFormulas && FormulaGuard.applies(to: field)
    guard needsQuotes(field) else {
      if isGuarded { record.append(FormulaGuard.mark) }
      record.append(contentsOf: field)
      return
    }
    record.append(Self.quote)
    if isGuarded { record.append(FormulaGuard.mark) }
    for byte in field {
      if byte == Self.quote { record.append(Self.quote) }
      record.append(byte)
    }
    record.append(Self.quote)
  }

  private func needsQuotes(_ field: UnsafeRawBufferPointer) -> Bool {
    guard let first = field.first, let last = field.last else { return false }
    if Self.isBlank(first) || Self.isBlank(last) { return true }
    return field.contains { $0 == separator || $0 == Self.quote || $0 == 0x0A || $0 == 0x0D }
  }

  private static func isBlank(_ byte: UInt8) -> Bool { byte == 0x20 || byte == 0x09 }
}
