import LuaBridge
import Testing

@Suite("A time budget") struct TimeBudgetTests {
  @Test(arguments: [
    ("a loop", "while true do end"),
    ("a loop around pcall", "while true do pcall(function() while true do end end) end"),
    ("nested pcalls", "local function f() while true do pcall(f) end end f()"),
    ("a loop in a coroutine", "coroutine.wrap(function() while true do end end)()"),
    ("a loop of coroutines", "while true do pcall(coroutine.wrap(function() while true do end end)) end"),
    ("coroutines in a row", "while true do coroutine.wrap(function() end)() end"),
    (
      "a coroutine made before",
      "local c = coroutine.create(function() while true do coroutine.yield() end end) while true do coroutine.resume(c) end"
    ),
    ("a repeat loop with goto", "::top:: goto top"),
    ("a tail call", "local function f() return f() end f()"),
    ("a loop in a comparator", "table.sort({ 3, 2, 1 }, function() while true do end end)"),
    ("a loop in gsub", "string.gsub('a', '.', function() while true do end end)"),
    ("a loop in __index", "local x = setmetatable({}, { __index = function() while true do end end }).y"),
    ("a loop in __close", "do local c <close> = setmetatable({}, { __close = function() while true do end end }) end"),
    (
      "a loop in __close after the deadline",
      "local c <close> = setmetatable({}, { __close = function() while true do pcall(error) end end }) while true do end"
    ),
    ("a loop in xpcall's handler", "xpcall(error, function() while true do end end)"),
    (
      "a loop in xpcall's handler after the deadline",
      "xpcall(function() while true do end end, function() while true do end end)"
    ),
    ("an error of its own at the end", "pcall(function() while true do end end) error 'mine'"),
    ("swallowing as the last thing", "return pcall(function() while true do end end)"),
    ("swallowing and returning", "pcall(function() while true do end end) return 'done'"),
  ])
  func `ends`(what: String, source: String) throws {
    let script = try Script()
    let error = script.failure(source, budget: .milliseconds(20))
    #expect(error.kind == .timeBudget, "\(what)")
    #expect(error.message == "test.lua:1: time budget of 0.02 s exceeded", "\(what)")
    try script.expectHealthy()

    let coroutine = try script.start(source)
    let second = coroutine.resume(arguments: 0, budget: .milliseconds(20)).error
    #expect(second?.kind == .timeBudget && second?.message == error.message, "\(what)")
    script.state.coroutines.put(coroutine)
    try script.expectHealthy()
  }

  @Test func `names the line where it ran out`() throws {
    let error = try Script().failure("local x = 0\nwhile true do\n  x = x + 1\nend", budget: .milliseconds(5))
    #expect(["test.lua:2: ", "test.lua:3: "].contains { error.message.hasPrefix($0) })
    #expect(error.traceback?.contains("in main chunk") == true)
  }

  @Test func `is for each resume anew`() throws {
    let script = try Script()
    script.add("wait") { _ in .yield(0) }
    let coroutine = try script.start("while true do local x = 0 for i = 1, 100000 do x = x + i end wait() end")
    for _ in 0..<20 { #expect(coroutine.resume(arguments: 0, budget: .seconds(10)).yieldedCount == 0) }
    #expect(coroutine.resume(arguments: 0, budget: .zero).error?.kind == .timeBudget)
  }

  @Test func `fails a coroutine that swallows it and waits`() throws {
    let script = try Script()
    script.add("wait") { _ in .yield(0) }
    let coroutine = try script.start("pcall(function() while true do end end) wait()")
    let outcome = coroutine.resume(arguments: 0, budget: .milliseconds(5))
    #expect(outcome.error?.kind == .timeBudget)
    script.state.coroutines.put(coroutine)
    try script.expectHealthy()
  }

  @Test func `of an inner call does not extend or spend the outer`() throws {
    let script = try Script()
    let state = script.state
    script.add("inner") { [unowned state] call throws(HostError) in
      call.thread.pushCopy(at: 1)
      let function = state.reference(popping: call.thread)
      do throws(LuaError) {
        try state.call(function, budget: call.thread.integer(at: 2).map { .milliseconds($0) }) { _, _, _ in }
        call.thread.push("done")
      } catch {
        call.thread.push(error.message)
      }
      return .values(1)
    }
    let loop = "local function loop() while true do end end "
    // The inner budget ends the inner call alone.
    #expect(try script.text(loop + "return inner(loop, 10)") == "test.lua:1: time budget of 0.01 s exceeded")
    #expect(
      try script.text(loop + "local s = inner(loop, 10) for i = 1, 100000 do end return s .. inner(print)").hasSuffix(
        "done"))
    // An outer one ends both, also if the inner call has none or a longer one.
    for inner in ["nil", "100000"] {
      let error = script.failure(loop + "inner(loop, \(inner)) return 'on'", budget: .milliseconds(20))
      #expect(error.kind == .timeBudget)
      #expect(error.message.contains("0.02 s"))
    }
    try script.expectHealthy()
  }

  @Test func `does not stop what is within it`() throws {
    let script = try Script()
    #expect(try script.text("local x = 0 for i = 1, 1000000 do x = x + i end return tostring(x)") == "500000500000")
    let results = try script.run("for i = 1, 100000 do end return 1", budget: nil)
    #expect(results.count == 1)
  }

  @Test func `may be as long as a duration can be`() throws {
    let script = try Script()
    #expect(try script.run("return 1", budget: .seconds(Int64.max)).count == 1)
    #expect(try script.run("return 1", budget: .seconds(-1)).count == 1)
    #expect(script.failure("while true do end", budget: .seconds(-1)).kind == .timeBudget)
  }
}
