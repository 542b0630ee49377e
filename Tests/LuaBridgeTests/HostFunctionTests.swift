import LuaBridge
import Testing

@Suite("A host function") struct HostFunctionTests {
  /// `fail()` raises a message, `fail_value(v)` raises v, `pass(...)` returns its arguments.
  private func script() throws -> Script {
    let script = try Script()
    script.add("fail") { _ throws(HostError) in throw .message("no luck") }
    script.add("fail_value") { call throws(HostError) in
      call.thread.pushCopy(at: 1)
      throw .value
    }
    script.add("pass") { call in .values(call.count) }
    return script
  }

  @Test(arguments: [
    ("directly", "fail()"),
    ("as the first argument", "print(fail(), 1)"),
    ("as the last argument", "print(1, 2, fail())"),
    ("in a table constructor", "local t = { 1, fail(), x = fail() }"),
    ("in a concatenation", "local s = 'a' .. fail() .. 'b'"),
    ("as a condition", "if fail() then end"),
    ("in a for loop's bounds", "for i = 1, fail() do end"),
    ("as an iterator", "for x in fail do end"),
    ("in a numeric metamethod", "local m = setmetatable({}, { __add = function() fail() end }) local x = m + 1"),
    ("as __index", "local m = setmetatable({}, { __index = fail }) local x = m.y"),
    ("as __newindex", "local m = setmetatable({}, { __newindex = fail }) m.y = 1"),
    ("as __call", "setmetatable({}, { __call = fail })()"),
    ("as __eq", "local mt = { __eq = fail } local x = setmetatable({}, mt) == setmetatable({}, mt)"),
    (
      "as __lt in a sort",
      "local mt = { __lt = fail } local function n() return setmetatable({}, mt) end table.sort { n(), n() }"
    ),
    ("as __len", "local x = #setmetatable({}, { __len = fail })"),
    ("as __concat", "local x = setmetatable({}, { __concat = fail }) .. 'x'"),
    ("as __tostring", "tostring(setmetatable({}, { __tostring = fail }))"),
    ("as __pairs", "for k in pairs(setmetatable({}, { __pairs = fail })) do end"),
    ("as __close", "do local c <close> = setmetatable({}, { __close = fail }) end"),
    ("in a sort comparator", "table.sort({ 3, 2, 1 }, fail)"),
    ("in a gsub callback", "string.gsub('abc', '.', fail)"),
    ("in a load callback", "assert(load(fail))"),
    ("in a required file", "package.preload.m = fail require 'm'"),
    ("in nested pcalls", "assert(pcall(pcall, error)) local ok, e = pcall(pcall, fail) fail()"),
    ("from xpcall's handler", "assert(select('#', xpcall(error, fail)) == 2) fail()"),
    ("within a coroutine", "coroutine.wrap(fail)()"),
    ("within a coroutine in a coroutine", "coroutine.wrap(function() coroutine.wrap(function() fail() end)() end)()"),
    ("in a tail call", "local function f() return fail() end f()"),
    ("below a vararg call", "(function(...) fail(...) end)(1, 2, 3)"),
  ])
  func `raises wherever it is called`(place: String, source: String) throws {
    let script = try script()
    let error = script.failure(source)
    #expect(error.kind == .runtime)
    #expect(error.message.contains("no luck"), "\(place): \(error.message)")
    try script.expectHealthy()

    // The same, caught in Lua, and again in a coroutine of the pool.
    #expect(
      try script.text("local ok, e = pcall(function() \(source) end) return tostring(ok) .. tostring(e)").hasPrefix(
        "false"))
    let coroutine = try script.start(source)
    #expect(coroutine.resume(arguments: 0, budget: .seconds(60)).error?.message.contains("no luck") == true)
    script.state.coroutines.put(coroutine)
    #expect(script.state.coroutines.idleCount == 1)
    try script.expectHealthy()
  }

  @Test func `raises with the position of its caller`() throws {
    let error = try script().failure("local x = 1\nfail()\n")
    #expect(error.message == "test.lua:2: no luck")
    #expect(error.traceback == "stack traceback:\n\t[C]: in function 'fail'\n\ttest.lua:2: in main chunk")
  }

  @Test func `raises values as they are`() throws {
    let script = try script()
    #expect(try script.text("local t = {} return tostring(select(2, pcall(fail_value, t)) == t)") == "true")
    #expect(try script.text("return tostring(select(2, pcall(fail_value, nil)))") == "nil")
    #expect(try script.text("return math.type(select(2, pcall(fail_value, 12)))") == "integer")
    #expect(script.failure("fail_value('as it is')").message == "as it is")
  }

  @Test func `returns any number of values`() throws {
    let script = try script()
    #expect(try script.text("return tostring(select('#', pass()))") == "0")
    #expect(try script.text("return tostring(select('#', pass(nil, nil, nil)))") == "3")
    #expect(try script.text("return tostring(#{ pass(table.unpack({}, 1, 200)) })") == "0")
    #expect(try script.text("return tostring(select('#', pass(table.unpack({}, 1, 5000))))") == "5000")
  }

  @Test func `has free slots however deep the script is`() throws {
    let script = try Script(memoryLimit: 512 << 20)
    script.add("fill") { call in
      for i in 0..<20 { call.thread.push(i) }
      return .values(20)
    }
    #expect(
      script.failure("local function f() return 1 + select('#', fill()) + f() end f()").message.contains(
        "stack overflow"))
    try script.expectHealthy()
  }

  @Test func `goes when Lua has collected it, and not before`() throws {
    let count = Witness.Count()
    let script = try script()
    script.add("make") { [unowned state = script.state] call in
      let witness = Witness(count)
      call.thread.push(
        state.function(
          HostFunction("made") { _ in
            _ = witness
            return .values(0)
          }))
      return .values(1)
    }
    try script.run("kept = make() kept()")
    #expect(count.alive == 1)
    script.state.collectGarbage()
    #expect(count.alive == 1)
    try script.run("for i = 1, 1000 do make()() end kept = nil")
    script.state.collectGarbage()
    #expect(count.alive == 0)
  }

  @Test func `leaks nothing when it raises`() throws {
    let count = Witness.Count()
    let script = try script()
    script.add("fail_holding") { call throws(HostError) in
      let witness = Witness(count)
      let text = "held: " + String(repeating: "x", count: count.alive) + call.thread.describe(at: 1)
      throw try raise(text, witness)
    }
    try script.run("for i = 1, 1000 do assert(not pcall(fail_holding, i)) end")
    #expect(count.alive == 0)
    for _ in 0..<1000 { #expect(script.failure("fail_holding()").message == "test.lua:1: held: xnil") }
    #expect(count.alive == 0)
  }

  @Test func `survives recursion through Swift`() throws {
    let script = try script()
    let state = script.state
    script.add("again") { [unowned state] call throws(HostError) in
      call.thread.pushCopy(at: 1)
      let function = state.reference(popping: call.thread)
      do throws(LuaError) {
        try state.call(function, budget: nil) { _, _, _ in }
        return .values(0)
      } catch {
        throw .message(error.message)
      }
    }
    #expect(script.failure("local function f() again(f) end f()").message.contains("C stack overflow"))
    try script.expectHealthy()
  }

  @Test func `may be a finalizer`() throws {
    let script = try script()
    final class Calls { var count = 0 }
    let calls = Calls()
    script.add("finalize") { call throws(HostError) in
      calls.count += 1
      call.thread.push("garbage of its own")
      throw .message("errors of finalizers are dropped")
    }
    try script.run("for i = 1, 10 do setmetatable({}, { __gc = finalize }) end")
    script.state.collectGarbage()
    #expect(calls.count == 10)
    try script.expectHealthy()
  }
}

private func raise(_ text: String, _ witness: Witness) throws(HostError) -> HostError {
  withExtendedLifetime(witness) { .message(text) }
}
