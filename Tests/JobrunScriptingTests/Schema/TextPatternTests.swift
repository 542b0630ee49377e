import Testing

@testable import JobrunScripting

@Suite("A pattern")
struct TextPatternTests {
  @Test(
    "matches as in ECMAScript",
    arguments: [
      ("", "", true), ("a", "bab", true), ("^a$", "a\n", false), ("^\\u{1F600}$", "😀", true), ("^\\x41$", "A", true),
      ("[^]", "\n", true), ("[]", "a", false), ("\\d", "٣", false), ("\\w", "é", false), ("^\\p{L}+$", "été", true),
      ("(?<y>\\d{4})", "2024", true), ("(?i)", "x", true), ("a.b", "a\nb", false), ("\\/", "/", true),
      ("^(?=.*x)(?!.*y).*$", "axb", true), ("(a)|b\\1$", "b", true), ("^\\S+@\\S+$", "a@b", true),
    ])
  func matches(pattern: String, text: String, expected: Bool) throws {
    var effort = PatternEffort(100_000)
    let matches = try text.utf8.withContiguousStorageIfAvailable { bytes in
      try TextPattern(pattern).matches(UnsafeRawBufferPointer(bytes), effort: &effort)
    }
    #expect(matches == expected)
    #expect(effort.left > 99_000)
  }

  @Test(
    "is refused where it is none",
    arguments: ["(", "[a", "*a", "a{2,1}", "\\C", "(?<n", String(repeating: "(", count: 300)])
  func refused(pattern: String) {
    #expect(throws: TextPattern.Failure.self) { try TextPattern(pattern) }
  }

  @Test("that would be huge is refused")
  func huge() {
    #expect(throws: TextPattern.Failure.self) { try TextPattern("(((a{1,1000}){1,1000}){1,1000}){1,1000}") }
  }
}
