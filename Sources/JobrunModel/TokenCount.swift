/// Estimates how many tokens a text is, without a vocabulary.
///
/// One pass over the bytes cuts the text as the tokenizers do (GPT-4o's `o200k_base`), and each piece has a weight, fitted by
/// least squares to its counts: a word 1, 0.32 more for each letter beyond the eighth, and 0.7 for each accented one; three
/// digits 1; a blank before digits 1; punctuation 0.8 and 0.3 for each sign more; a line break behind a word 1.8. Of
/// other scripts each character: Hangul 0.86, Han 0.8, kana 0.66, Arabic and Hebrew 0.38, Indic and Thai 0.4, Greek and
/// Cyrillic 0.16 and 1 a word. Errors are in docs/scripting.md. A pure value; any bytes are fine.
public struct TokenCount {
  /// Pieces of a text; what follows may depend on the one before.
  private enum Piece {
    case none, word, digits, blank, lineBreak, punctuation, letters, other
  }

  /// In hundredths of a token.
  private var sum = 0
  private var last = Piece.none

  /// The tokens of UTF-8; 0 for nothing, else at least 1.
  public static func estimate(_ text: UnsafeRawBufferPointer) -> Int {
    var count = TokenCount()
    var index = 0
    while index < text.count { index = count.take(from: index, of: text) }
    return text.isEmpty ? 0 : max(1, (count.sum + 50) / 100)
  }

  public static func estimate(_ text: [UInt8]) -> Int { text.withUnsafeBytes { estimate($0) } }

  /// Counts the piece that begins at `start`.
  /// - Returns: where the next one begins.
  private mutating func take(from start: Int, of text: UnsafeRawBufferPointer) -> Int {
    let byte = text[start]
    switch Self.kind(byte) {
    case .letter: return word(from: start, of: text)
    case .digit:
      let end = Self.end(of: .digit, from: start, of: text)
      sum += 108 * ((end - start + 2) / 3) + (last == .blank ? 103 : 0)
      last = .digits
      return end
    case .blank:
      let end = Self.end(of: .blank, from: start, of: text)
      if end - start > 1 { sum += 99 }
      last = .blank
      return end
    case .lineBreak:
      var end = start + 1
      while end < text.count, Self.kind(text[end]) == .lineBreak || Self.kind(text[end]) == .blank { end += 1 }
      if last != .punctuation { sum += 184 } else if end - start > 1 { sum += 99 }
      last = .lineBreak
      return end
    case .sign:
      let end = Self.end(of: .sign, from: start, of: text)
      sum += 80 + 32 * (end - start - 1)
      last = .punctuation
      return end
    case .wide:
      let (scalar, length) = Self.scalar(at: start, of: text)
      if Self.isLatin(scalar) { return word(from: start, of: text) }
      character(scalar)
      return start + length
    }
  }

  /// A word ends before a capital that follows a small letter.
  private mutating func word(from start: Int, of text: UnsafeRawBufferPointer) -> Int {
    var (index, letters, accented) = (start, 0, 0)
    var (isCapital, wasCapital, isAllCapital) = (false, true, true)
    while index < text.count {
      let byte = text[index]
      var length = 1
      if Self.kind(byte) == .letter {
        isCapital = byte < 0x60
        if isCapital, !wasCapital { break }
      } else {
        guard byte >= 0x80 else { break }
        let wide = Self.scalar(at: index, of: text)
        guard Self.isLatin(wide.scalar) else { break }
        length = wide.length
        isCapital = false
        accented += 1
      }
      if letters == 1 { isAllCapital = wasCapital && isCapital }
      wasCapital = isCapital
      letters += 1
      index += length
    }
    sum += 101 + 71 * accented
    sum += isAllCapital && letters > 1 ? 24 * max(0, letters - 3) : 32 * max(0, letters - 8)
    last = .word
    return index
  }

  private mutating func character(_ scalar: UInt32) {
    let isLetter = scalar < 0x590
    switch scalar {
    case ..<0x590: sum += 16 + (last == .letters ? 0 : 104)  // Greek, Cyrillic
    case 0x590..<0x900: sum += 38  // Hebrew, Arabic
    case 0x900..<0x1100: sum += 40  // Indic scripts, Thai
    case 0x3040..<0x3100: sum += 66  // kana
    case 0xAC00..<0xD7B0, 0x3130..<0x3190: sum += 86  // Hangul
    case 0x2E80..<0xA000, 0xF900..<0xFB00, 0xFF00..<0xFFF0: sum += 80  // Han, full-width forms
    case 0x10000...: sum += 200  // emoji and rare scripts
    default: sum += 100  // also what is no UTF-8
    }
    last = isLetter ? .letters : .other
  }

  // MARK: Bytes

  private enum Kind {
    case letter, digit, blank, lineBreak, sign
    /// Part of a character beyond ASCII.
    case wide
  }

  private static func kind(_ byte: UInt8) -> Kind {
    switch byte {
    case 0x61...0x7A, 0x41...0x5A: .letter
    case 0x20, 0x09: .blank
    case 0x30...0x39: .digit
    case 0x0A, 0x0D: .lineBreak
    case 0x80...: .wide
    default: .sign
    }
  }

  private static func end(of kind: Kind, from start: Int, of text: UnsafeRawBufferPointer) -> Int {
    var end = start + 1
    while end < text.count, self.kind(text[end]) == kind { end += 1 }
    return end
  }

  /// Accented Latin letters, with those of Vietnamese.
  private static func isLatin(_ scalar: UInt32) -> Bool {
    (0xC0..<0x250).contains(scalar) && scalar != 0xD7 && scalar != 0xF7 || (0x1E00..<0x1F00).contains(scalar)
  }

  /// The character at `index`; a byte that begins none is one by itself, U+FFFD.
  private static func scalar(at index: Int, of text: UnsafeRawBufferPointer) -> (scalar: UInt32, length: Int) {
    let byte = text[index]
    let length = byte >= 0xF0 ? 4 : byte >= 0xE0 ? 3 : 2
    guard byte >= 0xC2, byte < 0xF5, index + length <= text.count else { return (0xFFFD, 1) }
    var scalar = UInt32(byte & (0x7F >> UInt8(length)))
    for position in index + 1..<index + length {
      guard text[position] & 0xC0 == 0x80 else { return (0xFFFD, 1) }
      scalar = scalar << 6 | UInt32(text[position] & 0x3F)
    }
    return (scalar, length)
  }
}
