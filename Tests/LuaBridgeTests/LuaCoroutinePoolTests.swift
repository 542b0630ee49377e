import LuaBridge
import Testing

@Suite("The coroutine pool") struct LuaCoroutinePoolTests {
  private func script() throws -> Script {
    let script = try Script()
    script.add("wait") { call in .yield(call.count) }
    return script
  }

  @Test func `counts and reuses coroutines`() throws {
    let script = try script()
    let pool = script.state.coroutines
    let first = pool.take()
    let second = pool.take()
    #expect(pool.liveCount == 2 && pool.idleCount == 0)
    pool.put(first)
    #expect(pool.liveCount == 1 && pool.idleCount == 1)
    #expect(pool.take() === first)
    pool.put(first)
    pool.put(second)
    #expect(pool.liveCount == 0 && pool.idleCount == 2)
  }

  @Test(arguments: [
    "return 1, 2, 3", "error 'x'", "error {}", "wait(1, 2)", "pcall(wait)", "coroutine.yield()",
    "local c <close> = setmetatable({}, { __close = function() end }) wait()",
    "local function f() return f() + 1 end f()", "while true do end", "return string.rep('x', 1e9)",
  ])
  func `gives a clean coroutine after`(source: String) throws {
    let script = try script()
    for _ in 0..<3 {
      let coroutine = try script.start(source)
      _ = coroutine.resume(arguments: 0, budget: .milliseconds(20))
      script.state.coroutines.put(coroutine)
      #expect(script.state.coroutines.idleCount == 1)
      let next = try script.start("local x = wait() return x")
      #expect(next === coroutine && next.thread.top == 1)
      #expect(next.resume(arguments: 0, budget: .seconds(60)).yieldedCount == 0)
      next.thread.push("y")
      #expect(next.resume(arguments: 1, budget: .seconds(60)).finishedCount == 1)
      #expect(next.thread.string(at: 1) == "y")
      // Budgets still hold on it.
      next.thread.setTop(0)
      next.thread.push(try script.state.load(Array("while true do end".utf8), chunkName: "=loop"))
      #expect(next.resume(arguments: 0, budget: .milliseconds(20)).error?.kind == .timeBudget)
      script.state.coroutines.put(next)
    }
    try script.expectHealthy()
  }

  @Test func `closes what an abandoned coroutine left open`() throws {
    let script = try script()
    let coroutine = try script.start(
      "local c <close> = setmetatable({}, { __close = function() closed = 'yes' end }) wait()")
    #expect(coroutine.resume(arguments: 0, budget: .seconds(60)).yieldedCount == 0)
    script.state.coroutines.put(coroutine)
    #expect(try script.text("return tostring(closed)") == "yes")
  }

  @Test func `drops a coroutine whose closing fails`() throws {
    let script = try script()
    for body in ["error 'x'", "while true do end", "wait()", "while true do pcall(error) end"] {
      let coroutine = try script.start(
        "local c <close> = setmetatable({}, { __close = function() \(body) end }) wait()")
      #expect(coroutine.resume(arguments: 0, budget: .seconds(60)).yieldedCount == 0)
      script.state.coroutines.put(coroutine)
      #expect(script.state.coroutines.idleCount == 0 && script.state.coroutines.liveCount == 0)
    }
    try script.expectHealthy()
  }

  @Test func `does not grow over 100,000 uses`() throws {
    let script = try script()
    let function = try script.state.load(Array("local x = wait() return x".utf8), chunkName: "=f")
    func use(_ times: Int) {
      for i in 0..<times {
        let coroutine = script.state.coroutines.take()
        coroutine.thread.push(function)
        _ = coroutine.resume(arguments: 0, budget: .seconds(60))
        // Every third is abandoned while it waits.
        if i % 3 != 0 { _ = coroutine.resume(arguments: 0, budget: .seconds(60)) }
        script.state.coroutines.put(coroutine)
      }
    }
    use(100)
    script.state.collectGarbage()
    let before = script.state.memoryUsed
    use(100_000)
    script.state.collectGarbage()
    #expect(script.state.memoryUsed <= before + 200)
    #expect(script.state.coroutines.idleCount == 1)
    #expect(script.state.main.top == 0)
  }

  @Test func `lets Lua collect a coroutine that never comes back`() throws {
    let script = try script()
    script.state.collectGarbage()
    let before = script.state.memoryUsed
    for _ in 0..<1000 { _ = script.state.coroutines.take() }
    script.state.collectGarbage()
    #expect(script.state.memoryUsed < before + 100_000)
  }
}
