import JobrunModel
import JobrunTestSupport
import Testing

@testable import JobrunScripting

@Suite("The module jobrun")
struct JobrunModuleTests {
  @Test(
    "computes",
    arguments: [
      ("jobrun.version", "\"1.2.3\""), ("jobrun.null", "null"), ("jobrun.array {}", "[]"), ("jobrun.array()", "[]"),
      ("{}", "{}"), ("jobrun.object { [1] = 'a', b = 2 }", #"{"1":"a","b":2}"#), ("jobrun.object()", "{}"),
      ("jobrun.json.encode { b = 1, a = { 1, 2.5 } }", #""{\"a\":[1,2.5],\"b\":1}""#),
      ("jobrun.json.encode(nil)", "\"null\""), ("jobrun.json.encode()", "\"null\""),
      ("jobrun.json.decode '[1,null,{}]'", "[1,null,{}]"), ("jobrun.json.decode '[]'", "[]"),
      ("math.type(jobrun.json.decode '3')", "\"integer\""),
      ("jobrun.env 'HOME'", "\"/home/x\""), ("jobrun.env 'NO' == nil", "true"),
      ("jobrun.read_file 'data/x.txt'", "\"text\""),
      ("jobrun.base64 ''", "\"\""), ("jobrun.base64 'f'", "\"Zg==\""), ("jobrun.base64 'fo'", "\"Zm8=\""),
      ("jobrun.base64 'foo'", "\"Zm9v\""), ("jobrun.base64 '\\255\\254\\253\\0'", "\"//79AA==\""),
      ("jobrun.sha256 'abc'", "\"ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad\""),
      ("jobrun.sha256 ''", "\"e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855\""),
      ("jobrun.template('Hi {{ name }}, {{n}}!', { name = 'Ana', n = 3 })", "\"Hi Ana, 3!\""),
      (
        "(function() local s = '' for k, v in jobrun.sorted { b = 1, a = 2, [10] = 3, [9] = 4 } do s = s .. k .. v end return s end)()",
        "\"94103a2b1\""
      ),
      ("(function() local n = 0 for _ in jobrun.sorted {} do n = n + 1 end return n end)()", "0"),
    ])
  func computes(expression: String, expected: String) async throws {
    let value = try await onLoop {
      try Script.value(expression, files: ["data/x.txt": "text"], environment: ["HOME": "/home/x"])
    }
    #expect(value == expected)
  }

  @Test(
    "checks arguments",
    arguments: [
      ("jobrun.sha256()", "bad argument #1 to 'sha256' (s: string expected, got nothing)"),
      ("jobrun.sha256(12)", "bad argument #1 to 'sha256' (s: string expected, got 12)"),
      ("jobrun.base64({})", "bad argument #1 to 'base64' (s: string expected, got a table)"),
      ("jobrun.array('x')", "bad argument #1 to 'array' (t: table expected, got \"x\")"),
      ("jobrun.template('x')", "bad argument #2 to 'template' (values: table expected, got nothing)"),
      ("jobrun.sorted()", "bad argument #1 to 'sorted' (t: table expected, got nil)"),
      ("jobrun.sorted { [true] = 1 }", "sorted: strings or numbers expected as keys, got true"),
      ("jobrun.rows(1)", "bad argument #1 to 'rows' (source: string or table expected, got 1)"),
      ("jobrun.rows {}", "rows: source: one of `path`, `glob`, `count`, `sqlite` and `cmd` expected, got none of them"),
      ("jobrun.rows { path = 'x', frmat = 'csv' }", "rows: source.frmat: unknown key (did you mean \"format\"?)"),
      ("jobrun.json.encode(print)", "json.encode: a function cannot become JSON"),
      ("jobrun.env(1)", "bad argument #1 to 'env' (name: string expected, got 1)"),
      ("jobrun.read_file 'missing.txt'", "read_file: missing.txt: No such file or directory"),
      (
        "jobrun.template('{{nmae}}', { name = 'x' })",
        "template: a string or number expected for {{nmae}}, got nil (did you mean \"name\"?)"
      ),
      ("jobrun.template('{{x}}', { x = {} })", "template: a string or number expected for {{x}}, got a table"),
    ])
  func checks(call: String, expected: String) async throws {
    #expect(try await onLoop { try Script.error("local x = \(call)") } == "jobs/test.lua:1: \(expected)")
  }

  @Test(
    "checks values against a schema",
    arguments: [
      ("{ type = 'string' }, 'x'", "[true]"), ("{ type = 'string' }", #"[false,["string expected, got null"]]"#),
      ("{ type = 'string' }, nil", #"[false,["string expected, got null"]]"#),
      ("{ type = 'null' }, jobrun.null", "[true]"), ("{}, {}", "[true]"),
      ("{ properties = {}, required = {} }, {}", "[true]"),
      ("{ type = 'array' }, {}", "[true]"), ("{ type = 'object' }, {}", "[true]"),
      ("{ type = 'string' }, {}", #"[false,["string expected, got an empty table"]]"#),
      ("{ type = 'array' }, jobrun.object {}", #"[false,["array expected, got an empty object"]]"#),
      ("{ type = 'object' }, jobrun.array {}", #"[false,["object expected, got an empty array"]]"#),
      ("{ type = 'array', minItems = 1 }, {}", #"[false,["at least 1 item expected, got 0"]]"#),
      ("{ type = 'object', required = { 'a' } }, {}", ##"[false,["the key \"a\" is missing"]]"##),
      ("{ minItems = 1 }, {}", #"[false,["at least 1 item expected, got 0"]]"#),
      ("{ minItems = 1, minProperties = 0 }, {}", "[true]"),
      ("{ oneOf = { { type = 'array' }, { type = 'object' } } }, {}", "[true]"),
      ("{ const = { a = jobrun.array {} } }, { a = {} }", "[true]"), ("{ enum = { {} } }, {}", "[true]"),
      (
        "{ properties = { a = { items = { type = 'number' } } } }, { a = { 1, 'x', true } }",
        ##"[false,["/a/1: number expected, got string \"x\"","/a/2: number expected, got true"]]"##
      ),
    ])
  func checks(arguments: String, expected: String) async throws {
    #expect(try await onLoop { try Script.value("{ jobrun.json.check(\(arguments)) }") } == expected)
  }

  @Test(
    "says what it cannot check",
    arguments: [
      ("nil, 1", "bad argument #1 to 'check' (schema: table expected, got nil)"),
      ("'{}', 1", "bad argument #1 to 'check' (schema: table expected, got \"{}\")"),
      ("{ type = print }, 1", "json.check: schema: type: a function cannot become JSON"),
      ("{}, { a = { print } }", "json.check: value: a[1]: a function cannot become JSON"),
      (
        "{ items = { minLenght = 1 } }, 1",
        "json.check: schema: /items/minLenght: unknown keyword (did you mean \"minLength\"?)"
      ),
      ("{ 'string' }, 1", "json.check: schema: a schema (an object, true or false) expected, got an array"),
      (
        "{ minLength = 'x', required = 'a' }, 1",
        "json.check: schema: /minLength: a whole number from 0 expected, got string \"x\"; "
          + "/required: a list of property names expected, got string \"a\""
      ),
    ])
  func cannotCheck(arguments: String, expected: String) async throws {
    let message = try await onLoop { try Script.error("local x = jobrun.json.check(\(arguments))") }
    #expect(message == "jobs/test.lua:1: \(expected)")
  }

  @Test("keeps the schemas it checked with, but not all")
  func cache() throws {
    var cache = SchemaCache()
    for least in 0..<100 {
      _ = try cache.check(for: Array("{\"minimum\":\(least)}".utf8))
      #expect(try cache.check(for: Array("{\"minimum\":\(least)}".utf8)).problems(of: Array("-1".utf8)).count == 1)
    }
    #expect(cache.count > 0 && cache.count <= SchemaCache.limit)
  }

  @Test("raises what is no JSON")
  func badJSON() async throws {
    let message = try await onLoop { try Script.error("local x = jobrun.json.decode('{\"a\":')") }
    #expect(message.hasPrefix("jobs/test.lua:1: json.decode: "))
  }

  @Test("logs at three levels")
  func logs() async throws {
    let entries = try await onLoop {
      let log = Log()
      _ = try Script.load(
        "jobrun.log.info('a', 1) jobrun.log.warn(nil) jobrun.log.error() return { prompt = print }", log: log)
      return log.entries
    }
    #expect(entries == ["info: a 1", "warning: nil", "error: "])
  }

  @Test("has no function that is not there yet", arguments: ["test"])
  func later(name: String) async throws {
    #expect(try await onLoop { try Script.value("jobrun.\(name) == nil") } == "true")
  }
}
