import JobrunModel
import JobrunTestSupport
import Testing

@testable import JobrunScripting

@Suite("A record")
struct ItemMarshalTests {
  static let source = "return { model = 'm', prompt = function(item, ctx) ctx:emit(item) return false end }"

  @Test(
    "becomes the item's table",
    arguments: [
      (ItemRecord.line("a\tb"), #"{"text":"a\tb"}"#),
      (.json(#" {"b":[],"a":null,"n":1} "#), #"{"a":null,"b":[],"n":1}"#),
      (.columns([("b", "1"), ("a c", "x\ny")]), #"{"a c":"x\ny","b":"1"}"#),
      (.failed(#"{"id":3,"item":{"q":1},"error":{}}"#), #"{"q":1}"#),
    ])
  func item(record: ItemRecord, expected: String) async throws {
    #expect(try await onLoop { try Script(Self.source).rows(record) } == [expected])
  }

  @Test(
    "that is no item fails with class bad_input and its line",
    arguments: [
      (ItemRecord.json("[1]"), "line 7: not a JSON object"), (.json("[]"), "line 7: not a JSON object"),
      (.json("12"), "line 7: not a JSON object"), (.json("null"), "line 7: not a JSON object"),
      (.failed("{}"), "line 7: the line of a failed item has no `item`"),
      (.failed(#"{"item":[1]}"#), "line 7: the line of a failed item has no `item`"),
      (.failed("1"), "line 7: not a JSON object"),
      (
        ItemRecord(content: .malformed(reason: "line 9: 3 fields, 2 expected", raw: []), index: 1, line: 9),
        "line 9: 3 fields, 2 expected"
      ),
    ])
  func bad(record: ItemRecord, expected: String) async throws {
    let failure = try await onLoop { try Script(Self.source).failure(record) }
    #expect(failure.errorClass == .badInput)
    #expect(failure.message == expected)
    #expect(failure.hook == nil)
  }

  @Test("that is not JSON fails with the parser's words")
  func notJSON() async throws {
    let failure = try await onLoop { try Script(Self.source).failure(.json("{\"a\":")) }
    #expect(failure.errorClass == .badInput)
    #expect(failure.message.hasPrefix("line 7: not a JSON object: "))
  }
}
