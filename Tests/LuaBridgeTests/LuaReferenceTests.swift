import LuaBridge
import Testing

@Suite("A reference") struct LuaReferenceTests {
  @Test func `keeps its value from being collected`() throws {
    let script = try Script()
    let thread = script.state.main
    thread.newTable()
    thread.push(7)
    thread.setField("x")
    let reference = script.state.reference(popping: thread)
    script.state.collectGarbage()
    thread.push(reference)
    #expect(thread.field("x", of: -1) == .number)
    #expect(thread.integer(at: -1) == 7)
    thread.pop(2)
    #expect(thread.top == 0)
  }

  @Test(arguments: [
    ("nil", LuaType.nil), ("true", .boolean), ("1", .number), ("'s'", .string), ("{}", .table), ("print", .function),
    ("io.stdout", .userdata), ("coroutine.create(print)", .thread),
  ])
  func `knows its type and gives back its value`(source: String, type: LuaType) throws {
    let script = try Script()
    let chunk = try script.state.load(Array("return \(source)".utf8), chunkName: "=value")
    let reference = try script.state.call(chunk, budget: nil) { thread, first, _ in
      thread.pushCopy(at: first)
      return script.state.reference(popping: thread)
    }
    #expect(reference.type == type)
    script.state.main.push(reference)
    #expect(script.state.main.type(at: -1) == type)
    script.state.main.pop()
  }

  @Test func `may go while Lua runs, and after its state`() throws {
    final class Holder { var reference: LuaReference? }
    let holder = Holder()
    do {
      let script = try Script()
      script.add("drop") { _ in
        holder.reference = nil
        return .values(0)
      }
      holder.reference = script.state.global("print")
      try script.run("drop() coroutine.wrap(drop)()")
      #expect(holder.reference == nil)
      holder.reference = script.state.global("print")
    }
    holder.reference = nil
  }

  @Test func `does not let the registry grow`() throws {
    let script = try Script()
    func use(_ times: Int) {
      for i in 0..<times {
        script.state.main.push(Double(i))
        _ = script.state.reference(popping: script.state.main)
      }
    }
    use(100)
    script.state.collectGarbage()
    let before = script.state.memoryUsed
    use(100_000)
    script.state.collectGarbage()
    #expect(script.state.memoryUsed <= before)
    #expect(script.state.main.top == 0)
  }
}
