import Testing

@testable import JobrunScripting

@Suite("A code fence")
struct CodeFenceTests {
  @Test(
    "is removed where it is around the whole text",
    arguments: [
      ("```json\n{}\n```", "{}\n"), ("```\n1\n```", "1\n"), (" \n```js\n1```\n ", "1"), ("```1```", "1"),
      ("``````", ""), ("```\n```", ""), ("```json\n```x\n```", "```x\n"),
    ])
  func removed(text: String, expected: String) {
    #expect(String(decoding: CodeFence.removed(from: Array(text.utf8)), as: UTF8.self) == expected)
  }

  @Test("is left alone elsewhere", arguments: ["", "```", "`````", "{}", "see ```1```", "```1``` see"])
  func left(text: String) {
    #expect(String(decoding: CodeFence.removed(from: Array(text.utf8)), as: UTF8.self) == text)
  }
}
