import LuaBridge
import Testing

@Suite("An error") struct LuaErrorTests {
  @Test(arguments: [
    ("error 'text'", "test.lua:1: text"),
    ("error('text', 0)", "text"),
    ("error('two\\nlines', 0)", "two\nlines"),
    ("error(12)", "12"),
    ("error(1.5)", "1.5"),
    ("error(true)", "true"),
    ("error()", "(error object is a nil value)"),
    ("error(print)", "(error object is a function value)"),
    ("error(coroutine.create(print))", "(error object is a thread value)"),
    ("error { code = 7, why = 'x' }", #"{"code":7,"why":"x"}"#),
    ("error { f = print }", "(error object is a table value)"),
    ("local t = {} t.t = t error(t)", "(error object is a table value)"),
    ("error { s = ('x'):rep(3000) }", "(error object is a table value)"),
    ("error(setmetatable({}, { __tostring = function() return 'mine' end }))", "mine"),
    ("error(setmetatable({}, { __tostring = function() error('bad', 0) end }))", "(error in __tostring: bad)"),
    (
      "error(setmetatable({}, { __tostring = function() return {} end }))",
      "(error in __tostring: '__tostring' must return a string)"
    ),
    ("error('\\xff', 0)", "\u{FFFD}"),
    ("local x = nil; x.y = 1", "test.lua:1: attempt to index a nil value (local 'x')"),
    ("undefined_function()", "test.lua:1: attempt to call a nil value (global 'undefined_function')"),
  ])
  func `has a message whatever its value`(source: String, message: String) throws {
    let script = try Script()
    let error = script.failure(source)
    #expect(error.kind == .runtime)
    #expect(error.message == message)
    #expect(error.description == message)
    #expect(error.traceback?.hasPrefix("stack traceback:\n") == true)
    try script.expectHealthy()
    let coroutine = try script.start(source)
    #expect(coroutine.resume(arguments: 0, budget: .seconds(60)).error?.message == message)
    script.state.coroutines.put(coroutine)
  }

  @Test func `has a traceback of the script's lines alone`() throws {
    let script = try Script()
    let source = "local function a()\n  error 'x'\nend\nlocal function b()\n  a()\nend\nb()"
    let expected = """
      stack traceback:
      \t[C]: in function 'error'
      \ttest.lua:2: in upvalue 'a'
      \ttest.lua:5: in local 'b'
      \ttest.lua:7: in main chunk
      """
    #expect(script.failure(source).traceback == expected)
    #expect(try script.start(source).resume(arguments: 0, budget: .seconds(60)).error?.traceback == expected)
  }

  @Test func `keeps no traceback of an earlier one`() throws {
    let script = try Script()
    _ = script.failure("error 'first'")
    script.add("quiet") { call throws(HostError) in
      call.thread.pushNull()
      throw .value
    }
    let error = script.failure("quiet()")
    #expect(error.traceback == nil)
    #expect(error.message == "null")
  }

  @Test func `in a finalizer does no harm`() throws {
    let script = try Script()
    try script.run(
      "for i = 1, 100 do setmetatable({}, { __gc = function() error 'gc' end }) end collectgarbage() collectgarbage()")
    try script.expectHealthy()
  }

  @Test func `in __close replaces the first`() throws {
    let script = try Script()
    let source =
      "local c <close> = setmetatable({}, { __close = function(_, e) error('after ' .. e, 0) end }) error('first', 0)"
    #expect(script.failure(source).message == "after first")
    try script.expectHealthy()
  }
}
