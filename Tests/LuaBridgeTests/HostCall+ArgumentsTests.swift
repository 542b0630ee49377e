import LuaBridge
import Testing

@Suite("An argument") struct HostCallArgumentsTests {
  @Test(arguments: [
    ("string()", "bad argument #1 to 'string' (s: string expected, got no value)"),
    ("string(nil)", "bad argument #1 to 'string' (s: string expected, got nil)"),
    ("string(12)", "bad argument #1 to 'string' (s: string expected, got number)"),
    ("string(io.stdout)", "bad argument #1 to 'string' (s: string expected, got FILE*)"),
    ("integer('1')", "bad argument #1 to 'integer' (n: integer expected, got string)"),
    ("integer(1.5)", "bad argument #1 to 'integer' (n: integer expected, got 1.5)"),
    ("integer(0/0)", "bad argument #1 to 'integer' (n: integer expected, got \(Nan.text))"),
    ("integer(2^63)", "bad argument #1 to 'integer' (n: integer expected, got 9.2233720368548e+18)"),
    ("number({})", "bad argument #1 to 'number' (x: number expected, got table)"),
    ("boolean(nil)", "bad argument #1 to 'boolean' (b: boolean expected, got nil)"),
    ("table_('x')", "bad argument #1 to 'table_' (t: table expected, got string)"),
    ("function_({})", "bad argument #1 to 'function_' (f: function expected, got table)"),
    ("optional(nil, 2)", "bad argument #2 to 'optional' (s: string expected, got number)"),
    ("optional(nil, nil, {})", "bad argument #3 to 'optional' (n: integer expected, got table)"),
  ])
  func `of the wrong type is refused`(source: String, message: String) throws {
    #expect(try script().failure(source).message == "test.lua:1: " + message)
  }

  @Test(arguments: [
    ("string('')", "0"), ("string('abc')", "3"), ("integer(3.0)", "3"), ("integer(-9223372036854775808)", "\(Int.min)"),
    ("number(2)", "2.0"), ("boolean(false)", "false"), ("table_({})", "1"), ("function_(print)", "1"),
    ("optional()", "nil nil nil nil"), ("optional(nil, 'ab', 3, true)", "nil 2 3 true"),
    ("optional({}, nil, nil, false)", "1 nil nil false"),
  ])
  func `of the right type is taken`(source: String, expected: String) throws {
    #expect(try script().text("return \(source)") == expected)
  }

  private enum Nan {
    /// How the C library writes 0/0.
    static let text = "-nan"
  }

  private func script() throws -> Script {
    let script = try Script()
    script.add("string") { call throws(HostError) in answer(call, "\(try call.string(1, "s").count)") }
    script.add("integer") { call throws(HostError) in answer(call, "\(try call.integer(1, "n"))") }
    script.add("number") { call throws(HostError) in answer(call, "\(try call.number(1, "x"))") }
    script.add("boolean") { call throws(HostError) in answer(call, "\(try call.boolean(1, "b"))") }
    script.add("table_") { call throws(HostError) in answer(call, "\(try call.table(1, "t"))") }
    script.add("function_") { call throws(HostError) in answer(call, "\(try call.function(1, "f"))") }
    script.add("optional") { call throws(HostError) in
      let table = try call.optionalTable(1, "t")
      let string = try call.optionalString(2, "s")
      let integer = try call.optionalInteger(3, "n")
      let boolean = try call.optionalBoolean(4, "b")
      return answer(
        call,
        [table?.description, string?.count.description, integer?.description, boolean?.description]
          .map { $0 ?? "nil" }.joined(separator: " "))
    }
    return script
  }
}

private func answer(_ call: HostCall, _ text: String) -> HostResult {
  call.thread.push(text)
  return .values(1)
}
