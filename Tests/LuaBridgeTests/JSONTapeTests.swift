import LuaBridge
import Testing

@Suite("The JSON tape") struct JSONTapeTests {
  /// The tape, written as JSON again; unmarked empty tables as `?`.
  static func text(_ node: JSONNode) -> String {
    switch node.kind {
    case .null: "null"
    case .boolean: "\(node.boolean == true)"
    case .integer: "\(node.integer ?? 0)"
    case .unsigned: "\(node.unsigned ?? 0)"
    case .float: "\(node.float ?? 0)"
    case .string: "\"\(node.string ?? "")\""
    case .array: "[" + node.elements.map(text).joined(separator: ",") + "]"
    case .object where node.isUnmarkedEmpty: "?"
    case .object: "{" + node.members.map { text($0.key) + ":" + text($0.value) }.joined(separator: ",") + "}"
    }
  }

  @Test(arguments: [
    "null", "true", "false", "0", "-9223372036854775808", "18446744073709551615", "1.5", "\"\"", "\"é\u{0}\"", "[]",
    "{}",
    "[[],[{}],1]", "{\"a\":{\"b\":[1,2,{\"c\":null}]},\"d\":\"x\"}", "{\"a\":1,\"a\":2}",
  ])
  func `has the values of a text`(text: String) throws {
    let tape = try JSONTape(Array(text.replacing("\u{0}", with: "\\u0000").utf8))
    #expect(tape.withRoot(Self.text) == text)
    #expect(!tape.isOfLua)
  }

  @Test(arguments: [
    ("", "The document is empty", 0), ("[1,]", "Invalid value", 3),
    ("\"\\ud800\"", "The surrogate pair in string is invalid", 1),
  ])
  func `says where a text is wrong`(text: String, message: String, offset: Int) {
    #expect(throws: LuaJSONError(message: message, offset: offset)) { try JSONTape(Array(text.utf8)) }
  }

  @Test func `is not deeper than 128 levels`() throws {
    func lists(_ depth: Int) -> [UInt8] {
      Array((String(repeating: "[", count: depth) + String(repeating: "]", count: depth)).utf8)
    }
    #expect(try JSONTape(lists(128)).withRoot(\.span) == 128)
    #expect(throws: LuaJSONError(message: "nested deeper than 128 levels")) { try JSONTape(lists(129)) }
    #expect(throws: LuaJSONError(message: "nested deeper than 128 levels")) { try JSONTape(lists(5000)) }
  }

  @Test(arguments: [
    ("{}", "?"), ("array {}", "[]"), ("object {}", "{}"),
    ("{ a = {}, b = object {}, c = array {}, d = { {} } }", #"{"a":?,"b":{},"c":[],"d":[?]}"#),
    ("{ object {}, {}, array {}, {} }", "[{},?,[],?]"), ("{ z = {}, a = object {} }", #"{"a":{},"z":?}"#),
    ("null", "null"), ("nil", "null"),
    // Begun twice: the keys are traversed as 1, 3, 2.
    (
      "(function() local t = { object {}, x = 1, y = 1, z = 1, w = 1 } t.x, t.y, t.z, t.w = nil "
        + "t[3] = {} t[2] = object {} return { t, {} } end)()", "[[{},{},?],?]"
    ),
  ])
  func `knows the empty tables without a mark`(source: String, expected: String) throws {
    let script = try LuaThreadJSONTests.script()
    script.add("tape") { call throws(HostError) in
      do throws(LuaJSONError) {
        let tape = try JSONTape(call.thread, at: 1)
        #expect(call.thread.top == Int32(call.count))
        #expect(tape.isOfLua)
        call.thread.push(tape.withRoot(Self.text))
      } catch {
        throw .message(error.description)
      }
      return .values(1)
    }
    #expect(try script.text("return tape(\(source))") == expected)
    #expect(script.failure("tape { a = { print } }").message == "test.lua:1: a[1]: a function cannot become JSON")
    try script.expectHealthy()
  }

  @Test func `outlives its Lua state and the text`() throws {
    var script: Script? = try Script(memoryLimit: 1 << 20)
    let thread = try #require(script?.state.main)
    thread.push("text")
    let tape = try JSONTape(thread, at: -1)
    thread.pop()
    #expect(thread.top == 0)
    script = nil
    #expect(tape.withRoot(Self.text) == "\"text\"")
  }
}
