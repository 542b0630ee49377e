import LuaBridge
import Testing

@Suite("A Lua state") struct LuaStateTests {
  @Test func `runs a chunk and hands out its results`() throws {
    let script = try Script()
    let results = try script.run("return 1, 'two', 3.5, nil, true")
    #expect(results.count == 5)
    guard case .integer(1) = results[0], case .string(Array("two".utf8)) = results[1], case .number(3.5) = results[2],
      case .nil = results[3], case .boolean(true) = results[4]
    else {
      Issue.record("\(results)")
      return
    }
  }

  @Test func `gives arguments to a function`() throws {
    let script = try Script()
    let add = try script.state.load(Array("local a, b = ... return a + b".utf8), chunkName: "=add")
    let sum = try script.state.call(
      add, budget: nil,
      push: { thread in
        thread.push(2)
        thread.push(40)
        return 2
      }, results: { thread, first, _ in thread.integer(at: first) })
    #expect(sum == 42)
    #expect(script.state.main.top == 0)
  }

  @Test func `says where a syntax error is`() throws {
    let error = try Script().failure("local x =\nreturn")
    #expect(error.kind == .syntax)
    #expect(error.message == "test.lua:2: unexpected symbol near 'return'")
    #expect(error.traceback == nil)
  }

  @Test func `runs an empty file`() throws {
    #expect(try Script().run("").isEmpty)
  }

  @Test func `refuses bytecode`() throws {
    let script = try Script()
    guard case .string(let code)? = try script.run("return string.dump(function() end)").first else {
      Issue.record("string.dump gives a string")
      return
    }
    #expect(throws: LuaError.self) { try script.state.load(code, chunkName: "=code") }
    #expect(script.state.main.top == 0)
  }

  @Test func `throws what reading the results throws and stays balanced`() throws {
    let script = try Script()
    let chunk = try script.state.load(Array("return 1, 2, 3".utf8), chunkName: "=chunk")
    #expect(throws: LuaError.self) {
      try script.state.call(chunk, budget: nil) { _, _, _ throws(LuaError) in
        throw LuaError(kind: .json, message: "no")
      }
    }
    #expect(script.state.main.top == 0)
  }

  @Test func `sets and reads globals without metamethods`() throws {
    let script = try Script()
    try script.run(
      "setmetatable(_G, { __index = function() error 'read' end, __newindex = function() error 'write' end })")
    #expect(script.state.global("missing") == nil)
    script.state.setGlobal("answer", to: try script.state.load(Array("return 42".utf8), chunkName: "=answer"))
    #expect(script.state.global("answer")?.type == .function)
    #expect(script.state.main.top == 0)
  }

  @Test func `counts its memory`() throws {
    let script = try Script()
    let before = script.state.memoryUsed
    try script.run("kept = string.rep('x', 1000000)")
    #expect(script.state.memoryUsed > before + 1_000_000)
    try script.run("kept = nil")
    script.state.collectGarbage()
    #expect(script.state.memoryUsed < before + 100_000)
  }

  @Test func `calls from within a host function on the running thread`() throws {
    let script = try Script()
    let state = script.state
    script.add("twice") { [unowned state] call throws(HostError) in
      call.thread.pushCopy(at: 1)
      let function = state.reference(popping: call.thread)
      do throws(LuaError) {
        let sum = try state.call(function, budget: nil) { thread, first, _ in (thread.integer(at: first) ?? 0) * 2 }
        call.thread.push(sum)
        return .values(1)
      } catch {
        throw .message("inner: " + error.message)
      }
    }
    #expect(try script.text("return tostring(twice(function() return 21 end))") == "42")
    #expect(
      try script.text("return select(2, pcall(twice, function() error('no', 0) end))") == "inner: no")
    #expect(
      try script.text("return coroutine.wrap(function() return tostring(twice(function() return 1 end)) end)()") == "2")
  }

  @Test func `runs finalizers when it goes`() throws {
    let count = Witness.Count()
    do {
      let script = try Script()
      let witness = Witness(count)
      script.add("hold") { _ in
        _ = witness
        return .values(0)
      }
      try script.run("setmetatable({}, { __gc = function() hold() end })")
    }
    #expect(count.alive == 0)
  }

  @Test func `closes although a finalizer fails or calls what is gone`() throws {
    let script = try Script()
    script.add("used") { _ in .values(0) }
    try script.run(
      """
      local used = used
      for i = 1, 100 do setmetatable({}, { __gc = function() used() error 'no' end }) end
      """)
  }
}
