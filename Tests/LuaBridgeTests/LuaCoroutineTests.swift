import LuaBridge
import Testing

@Suite("A coroutine") struct LuaCoroutineTests {
  /// `wait(...)` yields its arguments.
  private func script() throws -> Script {
    let script = try Script()
    script.add("wait") { call in .yield(call.count) }
    return script
  }

  private func results(_ coroutine: LuaCoroutine, _ count: Int?) -> [String] {
    let top = coroutine.thread.top
    return (0..<Int32(count ?? 0)).map { coroutine.thread.describe(at: top - Int32(count ?? 0) + 1 + $0) }
  }

  @Test func `yields from a host function and returns what it is resumed with`() throws {
    let script = try script()
    let coroutine = try script.start("local a, b = wait('first', 2) return a, b, wait()")
    let yielded = coroutine.resume(arguments: 0, budget: .seconds(60)).yieldedCount
    #expect(results(coroutine, yielded) == ["\"first\"", "2"])
    #expect(coroutine.isSuspended)
    coroutine.thread.pop(2)
    coroutine.thread.push("a")
    coroutine.thread.push("b")
    #expect(coroutine.resume(arguments: 2, budget: .seconds(60)).yieldedCount == 0)
    coroutine.thread.push("c")
    let finished = coroutine.resume(arguments: 1, budget: .seconds(60)).finishedCount
    #expect(results(coroutine, finished) == ["\"a\"", "\"b\"", "\"c\""])
    #expect(!coroutine.isSuspended)
    #expect(coroutine.thread.top == 3)
  }

  @Test func `gets arguments when it starts`() throws {
    let script = try script()
    let coroutine = try script.start("return select('#', ...), ...")
    coroutine.thread.push(1)
    coroutine.thread.pushNil()
    #expect(
      results(coroutine, coroutine.resume(arguments: 2, budget: .seconds(60)).finishedCount) == ["2", "1", "nil"])
  }

  @Test func `keeps the values below its function`() throws {
    let script = try script()
    let coroutine = script.state.coroutines.take()
    coroutine.thread.push("item")
    let function = try script.state.load(Array("wait(7, 8) return ..., 2".utf8), chunkName: "@test.lua")
    for argument in 1...3 {
      coroutine.thread.push(function)
      coroutine.thread.push(argument)
      #expect(coroutine.resume(arguments: 1, budget: .seconds(60)).yieldedCount == 2)
      let finished = coroutine.resume(arguments: 0, budget: .seconds(60)).finishedCount
      #expect(results(coroutine, finished) == ["\(argument)", "2"])
      coroutine.thread.pop(2)
      #expect(coroutine.thread.top == 1 && coroutine.thread.string(at: 1) == "item")
    }
    coroutine.thread.push(try script.state.load(Array("error 'x'".utf8), chunkName: "@test.lua"))
    #expect(coroutine.resume(arguments: 0, budget: .seconds(60)).error?.message == "test.lua:1: x")
    #expect(coroutine.thread.top == 2 && coroutine.thread.string(at: 1) == "item")
    script.state.coroutines.put(coroutine)
  }

  @Test func `does not take yielded values nobody popped for arguments`() throws {
    let script = try script()
    let coroutine = try script.start("return wait(1, 2, 3)")
    #expect(coroutine.resume(arguments: 0, budget: .seconds(60)).yieldedCount == 3)
    coroutine.thread.push("x")
    #expect(results(coroutine, coroutine.resume(arguments: 1, budget: .seconds(60)).finishedCount) == ["\"x\""])
    let empty = try script.start("return wait(1, 2, 3)")
    #expect(empty.resume(arguments: 0, budget: .seconds(60)).yieldedCount == 3)
    #expect(empty.resume(arguments: 0, budget: .seconds(60)).finishedCount == 0)
  }

  @Test(arguments: [
    ("in pcall", "local ok, x = pcall(wait) return x"),
    ("in nested pcalls", "local ok, ok2, x = pcall(pcall, wait) return x"),
    ("in xpcall", "local ok, x = xpcall(wait, print) return x"),
    ("in a function called by pcall", "local ok, x = pcall(function() local y = wait() return y end) return x"),
    ("in an iterator", "for x in wait do return x end"),
    ("in a metamethod", "return setmetatable({}, { __index = function() return (wait()) end }).field"),
    ("as a metamethod", "return setmetatable({}, { __add = wait }) + 1"),
    (
      "in __close",
      "local x do local c <close> = setmetatable({}, { __close = function() x = wait() end }) end return x"
    ),
    ("through dofile", "local f = load('return wait()') return f()"),
  ])
  func `can wait`(place: String, source: String) throws {
    let script = try script()
    let coroutine = try script.start(source)
    #expect(coroutine.resume(arguments: 0, budget: .seconds(60)).yieldedCount != nil, "\(place)")
    coroutine.thread.push("resumed")
    #expect(
      results(coroutine, coroutine.resume(arguments: 1, budget: .seconds(60)).finishedCount) == ["\"resumed\""],
      "\(place)")
  }

  @Test(arguments: [
    ("in a sort comparator", "table.sort({ 2, 1 }, wait)", "attempt to yield across a C-call boundary"),
    ("in a gsub callback", "string.gsub('a', '.', wait)", "attempt to yield across a C-call boundary"),
    ("in __tostring", "tostring(setmetatable({}, { __tostring = wait }))", "attempt to yield across a C-call boundary"),
    (
      "in __gc",
      "local e setmetatable({}, { __gc = function() e = select(2, pcall(wait)) end }) collectgarbage() error(e)",
      "attempt to yield across a C-call boundary"
    ),
    ("in a required file", "package.preload.m = wait require 'm'", "attempt to yield across a C-call boundary"),
    ("by itself", "coroutine.yield(1)", "test.lua:1: attempt to yield from outside a coroutine"),
  ])
  func `cannot wait`(place: String, source: String, message: String) throws {
    let script = try script()
    let coroutine = try script.start(source)
    let error = coroutine.resume(arguments: 0, budget: .seconds(60)).error
    #expect(error?.message.contains(message) == true, "\(place): \(error?.message ?? "no error")")
    script.state.coroutines.put(coroutine)
    try script.expectHealthy()
  }

  @Test func `cannot wait on the main thread`() throws {
    let script = try script()
    #expect(script.failure("wait()").message == "attempt to yield from outside a coroutine")
    try script.expectHealthy()
  }

  @Test func `tells a script's own coroutine from the program's`() throws {
    let script = try script()
    final class Seen { var running: [Bool] = []; var yieldable: [Bool] = []; var coroutine: LuaCoroutine? }
    let seen = Seen()
    script.add("look") { call in
      seen.running.append(seen.coroutine.map { call.isRunning(on: $0) } ?? false)
      seen.yieldable.append(call.isYieldable)
      return .values(0)
    }
    seen.coroutine = try script.start("self = coroutine.running() wait() look()")
    #expect(seen.coroutine?.resume(arguments: 0, budget: .seconds(60)).yieldedCount == 0)
    try script.run("coroutine.resume(self)")
    #expect(seen.running == [false], "a script has resumed it")
    (seen.running, seen.yieldable) = ([], [])
    seen.coroutine = try script.start(
      "look() pcall(look) coroutine.wrap(look)() table.sort({ 2, 1 }, function() look() end) wait() look()")
    #expect(seen.coroutine?.resume(arguments: 0, budget: .seconds(60)).yieldedCount == 0)
    #expect(seen.coroutine?.resume(arguments: 0, budget: .seconds(60)).finishedCount == 0)
    #expect(seen.running == [true, true, false, true, true])
    #expect(seen.yieldable == [true, true, true, false, true])
    try script.run("look()")
    #expect(seen.running.last == false && seen.yieldable.last == false)
  }

  @Test func `raises where it waited`() throws {
    let script = try script()
    let uncaught = try script.start("\nwait()\n")
    #expect(uncaught.resume(arguments: 0, budget: .seconds(60)).yieldedCount == 0)
    let error = uncaught.resume(raising: "gave up", budget: .seconds(60)).error
    #expect(error?.message == "test.lua:2: gave up")
    #expect(error?.traceback == "stack traceback:\n\t[C]: in function 'wait'\n\ttest.lua:2: in main chunk")

    let caught = try script.start("local ok, e = pcall(wait, 'left', 'over') return tostring(ok), e")
    #expect(caught.resume(arguments: 0, budget: .seconds(60)).yieldedCount == 2)
    #expect(
      results(caught, caught.resume(raising: "gave up", budget: .seconds(60)).finishedCount) == [
        "\"false\"", "\"gave up\"",
      ])

    let value = try script.start("local ok, e = pcall(wait) return e.class")
    #expect(value.resume(arguments: 0, budget: .seconds(60)).yieldedCount == 0)
    value.thread.newTable()
    value.thread.push("timeout")
    value.thread.setField("class")
    #expect(results(value, value.resumeRaisingTop(budget: .seconds(60)).finishedCount) == ["\"timeout\""])
  }

  @Test func `reports failures with a traceback and the value on top`() throws {
    let script = try script()
    let coroutine = try script.start(
      "local function inner() error({ code = 7 }) end\nlocal function outer() inner() end\nouter()")
    let error = coroutine.resume(arguments: 0, budget: .seconds(60)).error
    #expect(error?.message == #"{"code":7}"#)
    #expect(error?.traceback?.contains("test.lua:1: in upvalue 'inner'") == true)
    #expect(coroutine.thread.field("code", of: -1) == .number)
    script.state.coroutines.put(coroutine)
  }

  @Test func `survives a script that resumes or closes it`() throws {
    let script = try script()
    let resumed = try script.start("self = coroutine.running() local x = wait() return x")
    #expect(resumed.resume(arguments: 0, budget: .seconds(60)).yieldedCount == 0)
    #expect(try script.text("return tostring(select(2, coroutine.resume(self, 'from a script')))") == "from a script")
    #expect(resumed.resume(arguments: 0, budget: .seconds(60)).error?.message.hasPrefix("cannot resume") == true)
    script.state.coroutines.put(resumed)

    let closed = try script.start("self = coroutine.running() wait()")
    #expect(closed.resume(arguments: 0, budget: .seconds(60)).yieldedCount == 0)
    try script.run("coroutine.close(self)")
    #expect(closed.resume(raising: "x", budget: .seconds(60)).error?.message.hasPrefix("cannot resume") == true)
    script.state.coroutines.put(closed)
    try script.expectHealthy()
  }

  @Test func `runs within a host function of another`() throws {
    let script = try script()
    let inner = try script.start("local x = wait() return x .. '!'")
    script.add("step") { call in
      if inner.isSuspended { inner.thread.push("inner") }
      let outcome = inner.resume(arguments: inner.isSuspended ? 1 : 0, budget: .seconds(60))
      call.thread.push(outcome.finishedCount == 1 ? inner.thread.string(at: -1) ?? "" : "waits")
      return .values(1)
    }
    let outer = try script.start("local a = step() wait() return a .. step()")
    #expect(outer.resume(arguments: 0, budget: .seconds(60)).yieldedCount == 0)
    #expect(results(outer, outer.resume(arguments: 0, budget: .seconds(60)).finishedCount) == ["\"waitsinner!\""])
  }

  @Test func `ends an error that is raised while another unwinds`() throws {
    let script = try script()
    let coroutine = try script.start(
      """
      local a <close> = setmetatable({}, { __close = function() error 'second' end })
      error 'first'
      """)
    #expect(coroutine.resume(arguments: 0, budget: .seconds(60)).error?.message == "test.lua:1: second")
    script.state.coroutines.put(coroutine)
    try script.expectHealthy()
  }
}
