import LuaBridge
import Testing

@Suite("A value in words") struct LuaThreadDescribeTests {
  private func with<R>(_ source: String, _ body: (LuaThread, Int32) -> R) throws -> R {
    let script = try Script()
    script.state.main.pushNull()
    script.state.setGlobal("null", to: script.state.reference(popping: script.state.main))
    let chunk = try script.state.load(Array("\(source)".utf8), chunkName: "@jobs/x.lua")
    return try script.state.call(chunk, budget: .seconds(60)) { thread, first, _ in
      let result = body(thread, first)
      #expect(thread.top == first)
      return result
    }
  }

  @Test(arguments: [
    ("'60/min'", "\"60/min\""), ("12", "12"), ("1.5", "1.5"), ("2.0", "2.0"), ("nil", "nil"), ("true", "true"),
    ("{}", "a table"), ("print", "a function"), ("null", "null"), ("io.stdout", "a FILE*"),
    ("coroutine.create(print)", "a coroutine"), ("('x'):rep(50)", "\"\(String(repeating: "x", count: 40))…\""),
    ("'\\xff'", "\"\u{FFFD}\""),
  ])
  func `names values for messages`(source: String, expected: String) throws {
    #expect(try with("return \(source)") { $0.describe(at: $1) } == expected)
  }

  @Test(arguments: [
    ("12", "12"), ("null", "null"), ("'s'", "s"),
    ("setmetatable({}, { __tostring = function() return 'me' end })", "me"),
    (
      "setmetatable({}, { __tostring = function() error('no', 0) end })", "(error in __tostring: no)"
    ),
    (
      "setmetatable({}, { __tostring = function() return {} end })",
      "(error in __tostring: '__tostring' must return a string)"
    ),
    (
      "setmetatable({}, { __tostring = function() while true do end end })",
      "(error in __tostring: jobs/x.lua:1: time budget of 0.1 s exceeded)"
    ),
  ])
  func `displays values as tostring does`(source: String, expected: String) throws {
    #expect(try with("return \(source)") { $0.display(at: $1) } == expected)
  }

  @Test func `tells where a function is defined`() throws {
    let place = try with("\n\nreturn function() end") { $0.definition(at: $1) }
    #expect(place?.file == "jobs/x.lua" && place?.line == 3)
    #expect(try with("return print") { $0.definition(at: $1) } == nil)
    #expect(try with("return 1") { $0.definition(at: $1) } == nil)
  }

  @Test func `tells who called`() throws {
    let script = try Script()
    script.add("here") { call in
      call.thread.push(call.thread.callerPosition() ?? "nowhere")
      call.thread.push(call.thread.callerPosition(level: 2) ?? "nowhere")
      call.thread.push(call.thread.callerPosition(level: 99) ?? "nowhere")
      return .values(3)
    }
    let source =
      "local function f()\n local a, b, c = here()\n return a .. ' ' .. b .. ' ' .. c\nend\nlocal r = f() return r"
    #expect(try script.text(source) == "test.lua:2 test.lua:5 nowhere")
  }
}
