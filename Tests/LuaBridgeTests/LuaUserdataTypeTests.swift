import LuaBridge
import Testing

@Suite("A userdata type") struct LuaUserdataTypeTests {
  /// A `ctx` with `where`, `add(n)`, the field `slot`, and settable or not.
  private func script(settable: Bool = false) throws -> Script {
    let script = try Script()
    final class Box { var type: LuaUserdataType? }
    let box = Box()
    let type = script.state.userdataType(
      name: "ctx",
      methods: [
        HostFunction("where") { call throws(HostError) in
          guard let type = box.type else { throw .message("no type") }
          let (slot, generation) = try call.userdata(1, type)
          call.thread.push("\(slot)/\(generation)")
          return .values(1)
        },
        HostFunction("add") { call throws(HostError) in
          guard let type = box.type else { throw .message("no type") }
          let (slot, _) = try call.userdata(1, type)
          call.thread.push(slot + (try call.integer(2, "n")))
          return .values(1)
        },
      ],
      get: HostFunction("field") { call throws(HostError) in
        let key = call.thread.string(at: 2) ?? "?"
        if key == "bad" { throw .message("no field bad") }
        call.thread.push("field \(key)")
        return .values(1)
      },
      set: settable
        ? HostFunction("set") { call throws(HostError) in
          throw .message("set \(call.thread.describe(at: 2)) to \(call.thread.describe(at: 3))")
        } : nil,
      tostring: HostFunction("tostring") { call in
        call.thread.push("ctx of an item")
        return .values(1)
      })
    box.type = type
    script.state.main.push(type, slot: 7, generation: Int.max)
    script.state.setGlobal("ctx", to: script.state.reference(popping: script.state.main))
    return script
  }

  @Test(arguments: [
    ("ctx:where()", "7/9223372036854775807"), ("tostring(ctx:add(5))", "12"), ("ctx.name", "field name"),
    ("ctx[3]", "field 3"), ("tostring(ctx)", "ctx of an item"), ("getmetatable(ctx)", "ctx"), ("type(ctx)", "userdata"),
    ("tostring(ctx.where == ctx.where)", "true"),
  ])
  func `has methods and fields`(source: String, expected: String) throws {
    #expect(try script().text("return \(source)") == expected)
  }

  @Test(arguments: [
    ("ctx.where()", "bad argument #1 to 'where' (ctx expected, got no value; use ctx:where with a colon)"),
    ("ctx.where({})", "bad argument #1 to 'where' (ctx expected, got table; use ctx:where with a colon)"),
    ("ctx.where(io.stdout)", "bad argument #1 to 'where' (ctx expected, got FILE*; use ctx:where with a colon)"),
    ("ctx:add('x')", "bad argument #1 to 'add' (n: integer expected, got string)"),
    ("ctx.x = 1", "ctx is read-only"), ("local x = ctx.bad", "no field bad"),
  ])
  func `refuses what is wrong`(source: String, message: String) throws {
    #expect(try script().failure(source).message == "test.lua:1: " + message)
  }

  @Test func `can take assignments`() throws {
    #expect(try script(settable: true).failure("ctx.x = {}").message == "test.lua:1: set \"x\" to a table")
  }

  @Test func `keeps its metatable from scripts`() throws {
    #expect(try script().failure("setmetatable(ctx, {})").message.contains("bad argument #1 to 'setmetatable'"))
    #expect(try script().failure("getmetatable(ctx).__index = print").kind == .runtime)
  }
}
