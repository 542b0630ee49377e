/// A token of Lua source, as far as finding keys needs it.
struct LuaToken: Equatable {
  enum Kind: Equatable {
    /// A name or a keyword.
    case name(String)
    /// A string's contents; escapes other than `\\` and quotes are kept as written.
    case string(String)
    case number(String)
    /// A one-byte symbol such as `{` or `=`.
    case symbol(Character)
    /// An operator that is no symbol of a table constructor, such as `==` or `..`.
    case other
  }

  var kind: Kind
  /// From 1.
  var line: Int
}

/// Cuts Lua source into tokens. It accepts any bytes: what is not Lua becomes some token, never a trap.
struct LuaLexer {
  private let source: [UInt8]
  private var position = 0
  private var line = 1

  init(_ source: [UInt8]) { self.source = source }

  static func tokens(of source: [UInt8]) -> [LuaToken] {
    var lexer = LuaLexer(source)
    var tokens: [LuaToken] = []
    while let token = lexer.next() { tokens.append(token) }
    return tokens
  }

  static func isNameByte(_ byte: UInt8) -> Bool {
    switch byte {
    case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
      UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "_"):
      true
    default: false
    }
  }

  private func peek(_ offset: Int = 0) -> UInt8? {
    position + offset < source.count ? source[position + offset] : nil
  }

  /// The next token, or nil at the end.
  mutating func next() -> LuaToken? {
    skipBlanksAndComments()
    guard let byte = peek() else { return nil }
    let start = line
    let kind: LuaToken.Kind
    switch byte {
    case UInt8(ascii: "0")...UInt8(ascii: "9"): kind = .number(word(including: UInt8(ascii: ".")))
    case _ where Self.isNameByte(byte): kind = .name(word())
    case UInt8(ascii: "\""), UInt8(ascii: "'"): kind = .string(quoted(by: byte))
    case UInt8(ascii: "["):
      if let level = longBracketLevel() {
        kind = .string(longString(level: level))
      } else {
        position += 1
        kind = .symbol("[")
      }
    default: kind = symbol(byte)
    }
    return LuaToken(kind: kind, line: start)
  }

  private mutating func skipBlanksAndComments() {
    while let byte = peek() {
      if byte == UInt8(ascii: "\n") {
        line += 1
        position += 1
      } else if byte <= UInt8(ascii: " ") {
        position += 1
      } else if byte == UInt8(ascii: "-"), peek(1) == UInt8(ascii: "-") {
        position += 2
        if let level = longBracketLevel() {
          _ = longString(level: level)
        } else {
          while let next = peek(), next != UInt8(ascii: "\n") { position += 1 }
        }
      } else if byte == UInt8(ascii: "#"), position == 0 {  // the line of `#!`
        while let next = peek(), next != UInt8(ascii: "\n") { position += 1 }
      } else {
        return
      }
    }
  }

  private mutating func word(including extra: UInt8? = nil) -> String {
    let start = position
    while let byte = peek(), Self.isNameByte(byte) || byte == extra { position += 1 }
    return String(decoding: source[start..<position], as: UTF8.self)
  }

  private mutating func quoted(by quote: UInt8) -> String {
    position += 1
    var bytes: [UInt8] = []
    while let byte = peek(), byte != quote, byte != UInt8(ascii: "\n") {
      position += 1
      if byte == UInt8(ascii: "\\"), let escaped = peek() {
        position += 1
        if escaped == UInt8(ascii: "\n") { line += 1 }
        if escaped != quote, escaped != UInt8(ascii: "\\") { bytes.append(byte) }
        bytes.append(escaped)
      } else {
        bytes.append(byte)
      }
    }
    if peek() == quote { position += 1 }
    return String(decoding: bytes, as: UTF8.self)
  }

  /// The number of `=` of a long bracket that opens here; nil where none does.
  private func longBracketLevel() -> Int? {
    guard peek() == UInt8(ascii: "[") else { return nil }
    var level = 0
    while peek(1 + level) == UInt8(ascii: "=") { level += 1 }
    return peek(1 + level) == UInt8(ascii: "[") ? level : nil
  }

  private mutating func longString(level: Int) -> String {
    position += level + 2
    let start = position
    while let byte = peek() {
      if byte == UInt8(ascii: "\n") { line += 1 }
      if byte == UInt8(ascii: "]"), closes(level: level) {
        let text = String(decoding: source[start..<position], as: UTF8.self)
        position += level + 2
        return text
      }
      position += 1
    }
    return String(decoding: source[start..<position], as: UTF8.self)
  }

  private func closes(level: Int) -> Bool {
    for offset in 0..<level where peek(1 + offset) != UInt8(ascii: "=") { return false }
    return peek(1 + level) == UInt8(ascii: "]")
  }

  private mutating func symbol(_ byte: UInt8) -> LuaToken.Kind {
    position += 1
    let next = peek()
    switch (byte, next) {
    case (UInt8(ascii: "="), UInt8(ascii: "=")), (UInt8(ascii: "~"), UInt8(ascii: "=")),
      (UInt8(ascii: "<"), UInt8(ascii: "=")), (UInt8(ascii: ">"), UInt8(ascii: "=")),
      (UInt8(ascii: ":"), UInt8(ascii: ":")):
      position += 1
      return .other
    case (UInt8(ascii: "."), UInt8(ascii: ".")):
      while peek() == UInt8(ascii: ".") { position += 1 }
      return .other
    default: return .symbol(Character(UnicodeScalar(byte)))
    }
  }
}
