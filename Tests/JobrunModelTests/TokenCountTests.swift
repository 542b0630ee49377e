import JobrunModel
import Testing

@Suite struct TokenCountTests {
  /// What `o200k_base` counts.
  @Test(
    arguments: [
      ("", 0), ("a", 1), ("Hello, world!", 4), ("The quick brown fox jumps over the lazy dog.", 10),
      ("Natalia sold clips to 48 of her friends in April.", 13), ("48+24 = 72", 6), ("1234567", 3),
      ("아 더빙.. 진짜 짜증나네요 목소리", 14), ("我在这家酒店住了三个晚上", 9), ("これはテストです。", 5),
      ("{\"id\":1,\"text\":\"x\"}", 9), ("func ask(_ started: Call) async throws -> CallEnd {", 13),
    ])
  func `short texts are counted to within a quarter, or two tokens`(text: String, tokens: Int) {
    let estimate = TokenCount.estimate(Array(text.utf8))
    #expect(abs(estimate - tokens) <= max(2, tokens / 4), "\(text): \(estimate), not \(tokens)")
  }

  @Test func `what is no text has as many tokens as bytes, at most, and at least one`() {
    for first in UInt8.min...UInt8.max {
      for second in [UInt8(0), 0x20, 0x41, 0x80, 0xBF, 0xC2, 0xE0, 0xED, 0xF0, 0xF4, 0xFF] {
        for bytes in [
          [first], [first, second], [second, first], [first, second, first], [first, 0x80, 0x80, second],
        ] {
          let estimate = TokenCount.estimate(bytes)
          #expect((1...2 * bytes.count).contains(estimate), "\(bytes): \(estimate)")
        }
      }
    }
  }

  @Test func `a text cut anywhere, inside a character too, is counted`() {
    let text = Array("Ünïcödé 12 한국어 你好 ру́сский 😀 ไทย e\u{301}".utf8)
    for end in 0...text.count { #expect(TokenCount.estimate(Array(text[..<end])) <= end) }
    for start in 0..<text.count { #expect(TokenCount.estimate(Array(text[start...])) > 0) }
  }

  @Test func `a long text is counted in one pass`() {
    let text = Array(repeating: Array("All work and no play makes Jack a dull boy. ".utf8), count: 20_000).flatMap(
      \.self)
    let estimate = TokenCount.estimate(text)
    #expect((180_000...260_000).contains(estimate), "\(estimate)")  // o200k_base: 11 a sentence
  }
}
