import LuaBridge
import Testing

@Suite("JSON") struct LuaThreadJSONTests {
  /// `decode(s)` and `encode(v, ...first keys)` raise the error's description; `array`, `object`, `null`.
  static func script() throws -> Script {
    let script = try Script(memoryLimit: 512 << 20)
    script.add("decode") { call throws(HostError) in
      let text = try call.string(1, "text")
      do throws(LuaJSONError) {
        try call.thread.pushJSON(text)
      } catch {
        #expect(call.thread.top == Int32(call.count), "nothing is pushed when it throws")
        throw .message(error.description + (error.offset.map { " @\($0)" } ?? ""))
      }
      #expect(call.thread.top == Int32(call.count) + 1)
      return .values(1)
    }
    script.add("encode") { call throws(HostError) in
      let keys = (1..<max(1, call.count)).map { call.thread.string(at: Int32($0) + 1) ?? "" }
      do throws(LuaJSONError) {
        let text = try call.thread.encodeJSON(at: 1, firstKeys: keys)
        #expect(call.thread.top == Int32(call.count))
        call.thread.push(text)
      } catch {
        #expect(call.thread.top == Int32(call.count))
        throw .message(error.description)
      }
      return .values(1)
    }
    script.add("array") { call in
      call.thread.markArray(at: 1)
      return .values(1)
    }
    script.add("object") { call in
      call.thread.markObject(at: 1)
      return .values(1)
    }
    script.state.main.pushNull()
    script.state.setGlobal("null", to: script.state.reference(popping: script.state.main))
    return script
  }

  @Test(arguments: [
    "null", "true", "false", "0", "-1", "3.5", "3.0", "1e300", "5e-324", "0.1", "\"\"", "\"text\"", "[]", "{}", "[[]]",
    "[{}]",
    "{\"a\":[]}", "[1,2,3]", "[null,null]", "{\"a\":null}", "9223372036854775807", "-9223372036854775808",
    "{\"a\":1,\"b\":{\"c\":[1,2,{\"d\":\"e\"}]}}", "\"\\\"\\\\\\b\\f\\n\\r\\t\"", "\"\\u0000\\u001f\"", "\"grün 漢字 😀\"",
    "\"\\u2028\\u2029\\u0085\"", "{\"\":1}", "\"\u{7f}\u{e9}\u{20ac}\u{2027}\u{202a}\u{84}\u{86}\"", "-0.0",
  ])
  func `goes through Lua unchanged`(text: String) throws {
    let script = try Self.script()
    let thread = script.state.main
    try thread.pushJSON(Array(text.utf8))
    #expect(thread.top == 1)
    #expect(String(decoding: try thread.encodeJSON(at: -1), as: UTF8.self) == text)
    #expect(try thread.withJSON(at: 1) { $0.count } == text.utf8.count)
    thread.pop()
  }

  @Test(arguments: [
    (" {\"b\" : 1 , \"a\" : [ 1 , 2 ] } ", "{\"a\":[1,2],\"b\":1}"), ("{\"a\":1,\"a\":2}", "{\"a\":2}"),
    ("9223372036854775808", "9223372036854776000.0"), ("1E2", "100.0"), ("\"\\u00e9\\ud83d\\ude00\\/\"", "\"é😀/\""),
    ("18446744073709551615", "18446744073709553000.0"),
  ])
  func `has one form`(text: String, expected: String) throws {
    let thread = try Self.script()
    thread.add("reformat") { call throws(HostError) in
      do throws(LuaJSONError) {
        try call.thread.pushJSON(Array(text.utf8))
        call.thread.push(try call.thread.encodeJSON(at: -1))
      } catch {
        throw .message(error.description)
      }
      return .values(1)
    }
    #expect(try thread.text("return reformat()") == expected)
  }

  @Test(arguments: [
    ("math.type(decode '1')", "integer"), ("math.type(decode '1.0')", "float"), ("tostring(decode 'null')", "null"),
    ("tostring(decode 'null' == null)", "true"), ("decode('{\"a\":\"\\\\u0000\"}').a", "\0"),
    ("tostring(#decode '[1,2,3]')", "3"), ("tostring(decode '[1]'):match '^[^:]*'", "jobrun.array"),
    ("encode(decode '9007199254740993')", "9007199254740993"), ("tostring(next(decode '{}'))", "nil"),
  ])
  func `becomes Lua values`(source: String, expected: String) throws {
    #expect(try Self.script().text("return \(source)") == expected)
  }

  @Test(arguments: [
    ("{}", "{}"), ("array {}", "[]"), ("object {}", "{}"), ("object { 'a', 'b' }", "{\"1\":\"a\",\"2\":\"b\"}"),
    ("object { [10] = 1, [9] = 2, x = 3, [-1] = 4 }", "{\"-1\":4,\"10\":1,\"9\":2,\"x\":3}"),
    ("{ z = 1, a = 2, B = 3, ['é'] = 4, [''] = 5 }", "{\"\":5,\"B\":3,\"a\":2,\"z\":1,\"é\":4}"),
    ("{ [2] = 'b', [1] = 'a' }", "[\"a\",\"b\"]"), ("{ n = setmetatable({ 1 }, { __index = error }) }", "{\"n\":[1]}"),
    ("{ 1, 2.5, '3', true, null, {}, array {} }", "[1,2.5,\"3\",true,null,{},[]]"), ("nil", "null"),
    ("{ a = 1, b = 2, c = 3 }, 'c', 'x', 'b'", "{\"c\":3,\"b\":2,\"a\":1}"),
    ("{ a = { x = 1, b = 2 }, b = 1 }, 'b', 'x'", "{\"b\":1,\"a\":{\"b\":2,\"x\":1}}"),
    ("1e15", "1000000000000000.0"), ("2^53", "9007199254740992.0"), ("1e100", "1e100"), ("-1.5e-7", "-1.5e-7"),
    ("(function() local s = {} return { s, s } end)()", "[{},{}]"),
    ("(function() local t = {} for i = 1, 3 do t[4 - i] = i end return t end)()", "[3,2,1]"),
    ("decode '[1,2,3]'", "[1,2,3]"), ("(function() local t = decode '[1]' t[1] = nil return t end)()", "[]"),
    ("object((function() local t = {} for i = 1, 40 do t[i] = object { [i] = i } end return t end)()) and 1", "1"),
  ])
  func `is written from Lua values`(source: String, expected: String) throws {
    #expect(try Self.script().text("return encode(\(source))") == expected)
  }

  @Test(arguments: [
    ("print", "a function cannot become JSON"), ("{ a = { print } }", "a[1]: a function cannot become JSON"),
    ("{ a = io.stdout }", "a: a userdata cannot become JSON"),
    ("{ coroutine.create(print) }", "[1]: a thread cannot become JSON"),
    ("0/0", "NaN has no form in JSON"), ("{ x = 1/0 }", "x: infinity has no form in JSON"),
    ("{ x = { -1/0 } }", "x[1]: infinity has no form in JSON"),
    (
      "{ messages = { { content = 'ok' }, { content = 'grün\\xff' } } }",
      "messages[2].content: not valid UTF-8 at byte 5"
    ),
    ("'\\xed\\xa0\\x80'", "not valid UTF-8 at byte 0"), ("'ab\\xc3'", "not valid UTF-8 at byte 2"),
    ("'\\xf4\\x90\\x80\\x80'", "not valid UTF-8 at byte 0"), ("'\\xc0\\x80'", "not valid UTF-8 at byte 0"),
    ("{ a = { ['k\\xff'] = 1 } }", "a: a key is not valid UTF-8 at byte 1"),
    ("{ 1, nil, 3 }", "a list with holes: it has 2 values, the last at 3"),
    ("{ x = { [5] = 1 } }", "x: a list with holes: it has 1 value, the last at 5"),
    ("{ 1, 2, x = 1, b = 2 }", "neither a list nor an object: it has the key \"b\" and the index 1"),
    ("{ [0] = 1, 2 }", "a list has the index 0"), ("{ [-3] = 1 }", "a list has the index -3"),
    ("{ x = 1, [3] = 2 }", "neither a list nor an object: it has the key \"x\" and the index 3"),
    ("{ [true] = 1 }", "a boolean is a key; only strings can be"),
    ("{ a = 1, [print] = 1 }", "a function is a key; only strings can be"),
    ("{ [1.5] = 1 }", "the number 1.5 is a key; only strings can be"),
    ("{ [1/0] = 1 }", "infinity is a key; only strings can be"), ("array { x = 1 }", "a list has the key \"x\""),
    ("object { [1.5] = 1 }", "the number 1.5 is a key; only strings can be"),
    ("object { [1] = 1, ['1'] = 2 }", "the key \"1\" is there twice, as a string and as a number"),
    ("(function() local t = {} t.a = { t } return t end)()", "a[1]: contains itself"),
    ("(function() local t = {} t[1] = t return t end)()", "[1]: contains itself"),
    ("{ ['a b'] = { ['1x'] = print } }", "[\"a b\"][\"1x\"]: a function cannot become JSON"),
  ])
  func `is refused where it would not be true`(source: String, message: String) throws {
    let script = try Self.script()
    #expect(script.failure("local s = encode(\(source))").message == "test.lua:1: " + message)
    #expect(try script.text("return encode { 1 }") == "[1]")
  }

  @Test(arguments: [
    ("", "The document is empty @0"), ("  ", "The document is empty @2"), ("{", "Missing a name for object member @1"),
    ("[1,]", "Invalid value @3"), ("{\"a\":1", "Missing a comma or '}' after an object member @6"),
    ("nul", "Invalid value @3"),
    ("1 2", "The document root must not be followed by other values @2"),
    ("\"\\xff\"", "Invalid encoding in string @1"),
    ("\"a\nb\"", "Invalid escape character in string @2"), ("1e999", "Number too big to be stored in double @0"),
    ("\"\\\\ud800\"", "The surrogate pair in string is invalid @1"),
  ])
  func `text is refused with the place`(text: String, message: String) throws {
    let script = try Self.script()
    let literal = text.replacing("\n", with: "\\n").replacing("'", with: "\\'")
    #expect(script.failure("local v = decode '\(literal)'").message == "test.lua:1: " + message)
    #expect(try script.text("return encode(decode '[1]')") == "[1]")
  }

  @Test func `is nested at most 128 deep either way`() throws {
    let script = try Self.script()
    func nested(_ depth: Int) -> String { "('['):rep(\(depth)) .. (']'):rep(\(depth))" }
    #expect(try script.text("local s = \(nested(128)) return tostring(encode(decode(s)) == s)") == "true")
    #expect(script.failure("decode(\(nested(129)))").message.hasSuffix("nested deeper than 128 levels"))
    #expect(script.failure("decode(\(nested(5000)))").message.hasSuffix("nested deeper than 128 levels"))
    #expect(script.failure("decode(\(nested(100_000)))").kind == .runtime)
    let deep = "local t = {} for i = 1, 128 do t = { t } end encode(t)"
    #expect(script.failure(deep).message.hasSuffix("[1]: nested deeper than 128 levels"))
    try script.expectHealthy()
  }

  @Test func `of large values works and gives back its buffers`() throws {
    let script = try Self.script()
    #expect(
      try script.text("local t = {} for i = 1, 100000 do t['k' .. i] = i end return tostring(#encode(t))") == "1477791")
    #expect(
      try script.text("local t = {} for i = 1, 300000 do t[i] = i end return tostring(#decode(encode(t)))") == "300000")
    #expect(try script.text("return tostring(#encode(('\\n'):rep(20000000)))") == "40000002")
    #expect(try script.text("local s = ('é\\u{2028}\"'):rep(100000) return tostring(decode(encode(s)) == s)") == "true")
    #expect(
      script.failure("local t = {} for i = 1, 1500000 do t['k' .. i] = i end return encode(t)").message.hasSuffix(
        "too many keys for the Lua stack"))
    try script.expectHealthy()
  }

  @Test func `can be read in a finalizer while other text is read`() throws {
    let script = try Self.script()
    #expect(
      try script.text(
        """
        local runs = 0
        local function trap() setmetatable({}, { __gc = function() runs = runs + 1 decode '{"x":["inner"]}' encode { 1 } trap() end }) end
        trap()
        local parts = {}
        for i = 1, 20000 do parts[i] = '{"id":' .. i .. ',"text":"outer ' .. i .. '"}' end
        local text = '[' .. table.concat(parts, ',') .. ']'
        for round = 1, 10 do assert(encode(decode(text)) == text) end
        assert(runs > 0, 'no finalizer ran')
        trap = function() end
        return 'ok'
        """) == "ok")
  }

  @Test func `does not grow over 20,000 uses`() throws {
    let script = try Self.script()
    let source =
      "for i = 1, %d do encode(decode '{\"a\":[1,2,{\"b\":\"c\"}]}') pcall(encode, print) pcall(decode, '[') end"
    try script.run(source.replacing("%d", with: "100"))
    script.state.collectGarbage()
    let before = script.state.memoryUsed
    try script.run(source.replacing("%d", with: "20000"))
    script.state.collectGarbage()
    #expect(script.state.memoryUsed <= before + 1000)
  }
}
