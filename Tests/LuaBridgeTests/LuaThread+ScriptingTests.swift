import LuaBridge
import Testing

@Suite("A table walked in place") struct LuaThreadScriptingTests {
  /// A table { 10, 20, 30, x = 40 } at index 1 and the key nil above it.
  private func script() throws -> Script {
    let script = try Script()
    try script.state.main.pushJSON(Array("[10,20,30]".utf8))
    script.state.main.push("x")
    script.state.main.push(40)
    script.state.main.setRaw()
    script.state.main.pushNil()
    return script
  }

  @Test func `gives every entry once`() throws {
    let script = try script()
    let thread = script.state.main
    var sum = 0
    while thread.next(of: 1) {
      sum += thread.integer(at: -1) ?? 0
      thread.pop()
    }
    #expect(sum == 100)
    #expect(thread.top == 1)
    thread.pop()
  }

  @Test func `may lose entries meanwhile`() throws {
    let script = try script()
    let thread = script.state.main
    var count = 0
    while thread.next(of: 1) {
      count += 1
      thread.pop()
      thread.pushCopy(at: -1)
      thread.pushNil()
      // Stack: [table, key, key, nil]
      thread.pushCopy(at: 1)
      thread.insert(at: -3)
      thread.setRaw()
      thread.pop()
    }
    #expect(count == 4)
    #expect(thread.top == 1)
    thread.pop()
  }

  @Test func `ends at a key that is not there`() throws {
    let script = try script()
    let thread = script.state.main
    thread.pop()
    thread.push("never there")
    #expect(!thread.next(of: 1))
    #expect(thread.top == 1)
    thread.push(30)
    #expect(!thread.next(of: 9))
    #expect(thread.top == 1)
    thread.pop()
  }

  @Test func `gets a metatable`() throws {
    let script = try Script()
    let thread = script.state.main
    thread.newTable()
    thread.newTable()
    thread.push("lazy")
    thread.setField("__name")
    let metatable = script.state.reference(popping: thread)
    thread.setMetatable(metatable)
    #expect(thread.display(at: 1).hasPrefix("lazy: "))
    thread.pop()
  }
}

@Suite("A memory limit set later") struct LaterMemoryLimitTests {
  @Test func `holds from then on`() throws {
    let script = try Script(memoryLimit: 64 << 20)
    let source = "local s = ('x'):rep(8 << 20) return 'long'"
    #expect(try script.text(source) == "long")
    script.state.memoryLimit = 10 << 20
    #expect(script.state.memoryLimit == 10 << 20)
    #expect(script.failure(source).kind == .memory)
    script.state.memoryLimit = -1
    #expect(script.state.memoryLimit == 0)
  }
}
