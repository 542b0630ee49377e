import JobrunModel
import JobrunTestSupport
import LuaBridge
import Testing

@testable import JobrunScripting

@Suite("What an item is called")
struct ItemIdentifierTests {
  private static let source =
    "return { model = 'm', prompt = function(item, ctx) ctx:emit { id = ctx.id } return false end }"

  @Test(
    "is told without running a hook, and the engine says the same",
    arguments: [
      (ItemRecord.line("a", index: 4), ItemID.integer(4)),
      (.json(#"{"id":"x"}"#), .string("x")), (.json(#"{"id":7}"#), .integer(7)),
      (.json(#"{"id":7.5}"#, index: 3), .integer(3)), (.json(#"{"id":null}"#, index: 3), .integer(3)),
      (.columns([("id", "7"), ("q", "x")]), .string("7")), (.columns([("q", "x")], index: 3), .integer(3)),
      (.failed(#"{"id":9,"item":{"id":"x"}}"#), .integer(9)), (.failed(#"{"item":{"id":"x"}}"#), .string("x")),
    ])
  func ids(record: ItemRecord, expected: ItemID) async throws {
    try await onLoop {
      let identifier = ItemIdentifier(job: try Script.load(Self.source), input: InputSpec(path: "in"))
      #expect(try identifier.id(of: record) == expected)
      let json = if case .string(let text) = expected { "\"\(text)\"" } else { "\(expected)" }
      #expect(try Script(Self.source).rows(record) == [#"{"id":\#(json)}"#])
    }
  }

  @Test("is the field that the input names")
  func field() async throws {
    try await onLoop {
      let job = try Script.load(Self.source)
      let byKey = ItemIdentifier(job: job, input: InputSpec(path: "in", id: "key"))
      #expect(try byKey.id(of: .json(#"{"id":1,"key":"k"}"#)) == .string("k"))
      let byText = ItemIdentifier(job: job, input: InputSpec(path: "in", id: "text"))
      #expect(try byText.id(of: .line("a")) == .string("a"))
    }
  }

  @Test("cannot be told of what is no item, however often; nothing stays on the stack")
  func bad() async throws {
    try await onLoop {
      let job = try Script.load(Self.source)
      let identifier = ItemIdentifier(job: job, input: InputSpec(path: "in"))
      for _ in 0..<1000 {
        let error = #expect(throws: BadRecord.self) { try identifier.id(of: .json("[1]")) }
        #expect(error?.reason == "line 7: not a JSON object")
        _ = try identifier.id(of: .failed(#"{"item":{}}"#))
      }
      #expect(job.world.state.main.top == 0)
    }
  }
}
