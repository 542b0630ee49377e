import JobrunModel
import JobrunTestSupport
import Testing

@testable import JobrunScripting

@Suite("A chunk at the prompt")
struct EvaluationTests {
  private func evaluate(_ chunks: String...) async throws -> ScriptRunner.Evaluation {
    try await onLoop {
      let runner = try ScriptRunner(path: nil, host: Script.host())
      for chunk in chunks.dropLast() { _ = runner.evaluate(chunk) }
      return runner.evaluate(chunks.last ?? "")
    }
  }

  @Test(
    "gives the values of an expression, with or without `=`, or of a `return`",
    arguments: [
      ("1 + 1", ["2"]), ("= 1 + 1", ["2"]), ("return 1, nil, 'a'", ["1", "nil", "\"a\""]), ("", []), ("-- x", []),
      ("x = 5", []), ("f(\n1)", []), ("print", nil), ("1e15", ["1e+15"]), ("2^53", ["9.007199254741e+15"]),
      ("'a\\n\\27[2J'", ["\"a\\n\\u001b[2J\""]), ("jobrun.null", ["null"]),
      ("setmetatable({}, { __tostring = function() return 'me' end })", ["me"]),
    ] as [(String, [String]?)])
  func values(text: String, expected: [String]?) async throws {
    let result = try await evaluate("function f(n) end", text)
    if let expected {
      #expect(result == .values(expected))
    } else {
      guard case .values(let texts) = result else { return #expect(Bool(false), "\(result)") }
      #expect(texts.first?.hasPrefix("function: ") == true)
    }
  }

  @Test("goes on while it is incomplete", arguments: ["for i = 1, 2 do", "f(", "= 1 +", "x =", "[[", "return {"])
  func incomplete(text: String) async throws {
    guard case .incomplete(let failure) = try await evaluate(text) else {
      return #expect(Bool(false), "not incomplete: \(text)")
    }
    #expect(failure.message.hasPrefix("stdin:1: "))
  }

  @Test("that fails tells it and leaves the others alone")
  func failure() async throws {
    guard case .failed(let failure) = try await evaluate("error('boom')") else { return #expect(Bool(false)) }
    #expect(failure.message == "stdin:1: boom")
    #expect(failure.traceback?.contains("in main chunk") == true)
    guard case .failed(let wrong) = try await evaluate("x = = 1") else { return #expect(Bool(false)) }
    #expect(wrong.message == "stdin:1: unexpected symbol near '='")
    #expect(try await evaluate("x = 4", "error('boom')", "x") == .values(["4"]))
  }
}

@Suite("A value at the prompt")
struct ValueTextTests {
  @Test(
    "reads like JSON",
    arguments: [
      ("{}", "{}"), ("jobrun.array {}", "[]"), ("jobrun.object {}", "{}"), ("{ 1, 'a', true }", "[1, \"a\", true]"),
      ("{ b = 1, a = { 2.5 } }", "{\"a\": [2.5], \"b\": 1}"), ("{ [3] = 1 }", "{[3]: 1}"),
      ("{ [true] = jobrun.null }", "{[true]: null}"), ("{ f = print }", "{\"f\": <function>}"),
      ("jobrun.json.decode '{\"a\":[]}'", "{\"a\": []}"), ("{ io.stderr }", "[<FILE*>]"),
      ("(function() local t = {} t.t = t return t end)()", "{\"t\": {…}}"),
    ])
  func line(expression: String, expected: String) async throws {
    let text = try await onLoop { try ScriptRunner(path: nil, host: Script.host()).evaluate(expression) }
    #expect(text == .values([expected]))
  }

  @Test("takes an entry a line where it is long, and leaves out what is too much")
  func block() async throws {
    let source = """
      local t = { name = ("x"):rep(60), list = {} } for i = 1, 250 do t.list[i] = i end
      t.inner = { ("y"):rep(40), ("z"):rep(40) } return t
      """
    let result = try await onLoop { try ScriptRunner(path: nil, host: Script.host()).evaluate(source) }
    guard case .values(let texts) = result, let text = texts.first else { return #expect(Bool(false), "\(result)") }
    let lines = text.split(separator: "\n").map(String.init)
    #expect(
      lines.prefix(5) == [
        "{", "  \"inner\": [", "    \"\(String(repeating: "y", count: 40))\",",
        "    \"\(String(repeating: "z", count: 40))\"", "  ],",
      ])
    #expect(lines.contains("    … 150 more"))
    #expect(lines.suffix(2) == ["  \"name\": \"\(String(repeating: "x", count: 60))\"", "}"])
  }
}
