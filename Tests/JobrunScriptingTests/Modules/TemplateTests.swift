import Testing

@testable import JobrunScripting

@Suite("A template")
struct TemplateTests {
  @Test(
    "puts values in place of names and leaves the rest",
    arguments: [
      ("", ""), ("plain", "plain"), ("{{a}}", "<a>"), ("{{a}}{{b}}", "<a><b>"), ("x {{ a b }} y", "x <a b> y"),
      ("{{{a}}}", "{<a>}"), ("{{}}", "{{}}"), ("{{a", "{{a"), ("{{a}", "{{a}"), ("{ {a}}", "{ {a}}"),
      ("{{a\n}}", "{{a\n}}"), ("}}{{", "}}{{"), ("é{{ñ}}é", "é<ñ>é"),
    ])
  func render(text: String, expected: String) {
    let rendered = Template(Array(text.utf8)).render { Array("<\($0)>".utf8) }
    #expect(String(decoding: rendered, as: UTF8.self) == expected)
  }
}
