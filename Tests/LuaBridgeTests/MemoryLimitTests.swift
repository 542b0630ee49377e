import LuaBridge
import Testing

@Suite("The memory limit") struct MemoryLimitTests {
  @Test(arguments: [
    ("doubling a string", "local s = 'x' while true do s = s .. s end"),
    ("a growing table", "local t = {} while true do t[#t + 1] = {} end"),
    ("string.rep", "return string.rep('x', 1e9)"),
    ("string.rep through the string metatable", "return ('x'):rep(1e9)"),
    ("concatenating a table", "local t = {} for i = 1, 1000 do t[i] = ('x'):rep(1e5) end return table.concat(t)"),
    ("many coroutines", "local t = {} while true do t[#t + 1] = coroutine.create(function() end) end"),
    ("closures", "local t = {} while true do t[#t + 1] = function() return t end end"),
    ("in a coroutine", "coroutine.wrap(function() local s = 'x' while true do s = s .. s end end)()"),
    ("in a format", "local s = ('x'):rep(1e7) return s:format() .. s:rep(100)"),
  ])
  func `ends`(what: String, source: String) throws {
    let script = try Script(memoryLimit: 16 << 20)
    let error = script.failure(source)
    #expect(error.message.contains("not enough memory"), "\(what): \(error.message)")
    if what != "in a coroutine" { #expect(error.kind == .memory) }
    script.state.collectGarbage()
    #expect(script.state.memoryUsed < 1 << 20, "\(what)")
    try script.expectHealthy()

    let coroutine = try script.start(source)
    #expect(coroutine.resume(arguments: 0, budget: .seconds(120)).error?.message.contains("not enough memory") == true)
    script.state.coroutines.put(coroutine)
    try script.expectHealthy()
  }

  @Test func `can be caught and gone on after`() throws {
    let script = try Script(memoryLimit: 16 << 20)
    #expect(
      try script.text(
        """
        for i = 1, 20 do
          local ok, e = pcall(string.rep, 'x', 1e9)
          assert(not ok and e == 'not enough memory')
        end
        return 'on'
        """) == "on")
  }

  @Test func `does not hold for what the program pushes`() throws {
    let script = try Script(memoryLimit: 4 << 20)
    let large = [UInt8](repeating: 120, count: 8 << 20)
    script.add("large") { call in
      call.thread.push(large)
      return .values(1)
    }
    #expect(try script.run("local s = large() return #s").count == 1)
    // But then nothing is left for the script.
    #expect(script.failure("local s = large() return s .. s").kind == .memory)
    // Nor for tables that the program fills in a host function.
    script.add("fill") { call in
      call.thread.newTable()
      for i in 1...200_000 {
        call.thread.push(i)
        call.thread.setIndex(i)
      }
      return .values(1)
    }
    #expect(try script.run("return #fill()").count == 1)
    try script.expectHealthy()
  }

  @Test func `below what Lua needs to start still opens a state`() throws {
    let script = try Script(memoryLimit: 0)
    #expect(script.failure("return {}").kind == .memory)
    #expect(script.state.main.top == 0)
  }

  @Test(arguments: [
    "local function f() return f() + 1 end f()",
    "local function f() return pcall(f) end assert(select('#', f()) == 0, 'deep')",
    "local t = setmetatable({}, {}) getmetatable(t).__index = function(t, k) return t[k] end return t.x",
    "string.gsub(('x'):rep(300), '.', function() return load('return ' .. ('('):rep(300))() end)",
    "local s = ('('):rep(250) .. '1' .. (')'):rep(250) assert(load('return ' .. s))",
    "local function f() coroutine.wrap(f)() end f()",
    "local t = {} for i = 1, 1e6 do t[i] = i end return table.unpack(t)",
    "return ('a'):rep(300000):find(('a?'):rep(300000) .. 'b')",
    "local co = coroutine.wrap(function() local function f() return f() + 1 end f() end) co()",
  ])
  func `and the stack's survive recursion`(source: String) throws {
    let script = try Script(memoryLimit: 256 << 20)
    #expect(script.failure(source).kind == .runtime)
    try script.expectHealthy()
    let coroutine = try script.start(source)
    let outcome = coroutine.resume(arguments: 0, budget: .seconds(120))
    #expect(outcome.error?.kind == .runtime)
    #expect(outcome.error?.message.isEmpty == false)
    script.state.coroutines.put(coroutine)
    try script.expectHealthy()
  }
}
