import LuaBridge
import Testing

@Suite("A copied value") struct LuaThreadValuesTests {
  private func copy(_ source: String) throws -> LuaTableValue {
    guard case .table(let table)? = try Script().run("return \(source)").first else {
      Issue.record("a table expected")
      return LuaTableValue()
    }
    return table
  }

  @Test func `has the list first, then the other keys in order`() throws {
    let table = try copy("{ b = 1, a = 2, 'x', 'y', [10] = 3, [-1] = 4, [0.5] = 5, [true] = 6, B = 7 }")
    let keys = table.entries.map { entry in
      switch entry.key {
      case .integer(let i): "\(i)"
      case .number(let d): "\(d)"
      case .string(let s): String(decoding: s, as: UTF8.self)
      case .boolean(let b): "\(b)"
      default: "?"
      }
    }
    #expect(keys == ["1", "2", "-1", "0.5", "10", "B", "a", "b", "true"])
    #expect(!table.isArray)
    guard case .integer(2)? = table["a"] else {
      Issue.record("a = 2")
      return
    }
    #expect(table["c"] == nil)
  }

  @Test(arguments: [("{1, 2}", true), ("{}", false), ("{1, nil, 3, x = 1}", false), ("{[2] = 2, [1] = 1}", true)])
  func `is a list if its keys are 1 to n`(source: String, isArray: Bool) throws {
    #expect(try copy(source).isArray == isArray)
  }

  @Test func `ends at cycles, at its depth and after its entries`() throws {
    let script = try Script(memoryLimit: 1 << 30)
    guard case .table(let cycle)? = try script.run("local t = {} t.t = t return t").first,
      case .other("table")? = cycle["t"]
    else {
      Issue.record("a cycle ends")
      return
    }
    guard
      case .table(let deep)? = try script.run("local t = {} for i = 1, 100 do t = {t = t} end return t").first
    else {
      Issue.record("a deep table is copied in part")
      return
    }
    var depth = 1
    var next = deep["t"]
    while case .table(let table)? = next { (depth, next) = (depth + 1, table["t"]) }
    #expect(depth == 16)
    // Every level eight times: 2^45 entries if nothing ended it.
    script.add("copy") { call in
      call.thread.push(call.thread.value(at: 1, entries: 1000))
      return .values(1)
    }
    let wide = "local t = {} for i = 1, 15 do t = {t, t, t, t, t, t, t, t} end"
    let count = "local function count(t) local n = 0 for _, v in pairs(t) do n = n + 1 + count(v) end return n end"
    let entries = try script.text("\(wide) \(count) return tostring(count(copy(t)))")
    #expect((900...1200).contains(Int(entries) ?? 0))
  }

  @Test func `goes back to Lua as it came`() throws {
    let script = try Script()
    script.add("copy") { call in
      call.thread.push(call.thread.value(at: 1))
      return .values(1)
    }
    #expect(
      try script.text(
        """
        local t = copy { 1, 'two', x = { y = 3.5, z = false }, [7] = print }
        return table.concat({ t[1], t[2], t.x.y, tostring(t.x.z), tostring(t[7] == print) }, ' ')
        """) == "1 two 3.5 false true")
  }

  @Test func `keeps a function alive`() throws {
    let script = try Script()
    guard case .function(let reference)? = try script.run("return function() return 'alive' end").first else {
      Issue.record("a function expected")
      return
    }
    script.state.collectGarbage()
    #expect(try script.state.call(reference, budget: nil) { thread, first, _ in thread.string(at: first) } == "alive")
  }

  @Test func `pushes a value nested very deeply`() throws {
    let script = try Script()
    var value = LuaValue.integer(1)
    for _ in 0..<2000 { value = .table(LuaTableValue(entries: [(.string(Array("t".utf8)), value)])) }
    script.state.main.push(value)
    #expect(script.state.main.top == 1)
    script.state.main.pop()
  }
}
