/// Finds what looks like an API key in a job file: keys belong in the environment, and job files get shared.
enum SecretScan {
  /// The lines, from 1, on which something like `sk-…` stands.
  static func lines(in source: [UInt8]) -> [Int] {
    source.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false).enumerated()
      .filter { hasKey($0.element) }.map { $0.offset + 1 }
  }

  /// Whether a word of the line is `sk-` and at least 16 bytes of letters, digits, `_` and `-`.
  private static func hasKey(_ line: ArraySlice<UInt8>) -> Bool {
    let dash = UInt8(ascii: "-")
    return line.split { !LuaLexer.isNameByte($0) && $0 != dash }
      .contains { $0.count >= 19 && $0.starts(with: Array("sk-".utf8)) }
  }
}
