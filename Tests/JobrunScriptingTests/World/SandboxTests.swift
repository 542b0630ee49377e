import JobrunModel
import JobrunTestSupport
import Testing

@testable import JobrunScripting

@Suite("A script's world")
struct SandboxTests {
  @Test(
    "lacks what it must not have",
    arguments: [
      ("os.exit == nil", "true"), ("string.dump == nil", "true"), ("debug.sethook == nil", "true"),
      ("debug.getregistry == nil", "true"), ("type(debug.traceback)", "\"function\""),
      ("debug.getinfo(1, 'l').currentline", "3"), ("require('debug') == debug", "true"),
      ("load('\\27Lua') == nil", "true"),
      ("select(2, load('\\27Lua', 'x', 'b'))", "\"attempt to load a binary chunk (mode is 't')\""),
      ("load('return 1 + 1')()", "2"), ("load('return y', 'x', 't', { y = 5 })()", "5"),
      ("load('return type(print)')()", "\"function\""), ("getmetatable(ctx)", "\"ctx\""),
    ])
  func lacks(expression: String, expected: String) async throws {
    #expect(try await onLoop { try Script.value(expression) } == expected)
  }

  @Test("prints to the log")
  func prints() async throws {
    let log = try await onLoop {
      let log = Log()
      _ = try Script.load("print('a', 1, nil, true) print() return { prompt = print }", log: log)
      return log.entries
    }
    #expect(log == ["print: a\t1\tnil\ttrue", "print: "])
  }

  @Test(
    "lets files assign globals, and hooks change them",
    arguments: [
      ("count = 1", "count = count + 1", "count", "2"), ("count = nil", "count = 5", "count", "5"),
      ("require 'sets_global'", "from_file = from_file .. '!'", "from_file", "\"x!\""),
      ("count = 1", "count = nil count = 7", "count", "7"),
    ])
  func globals(before: String, statement: String, expression: String, expected: String) async throws {
    let value = try await onLoop {
      try Script.value(
        "(function() \(statement) return \(expression) end)()", files: ["sets_global.lua": "from_file = 'x'"],
        before: before)
    }
    #expect(value == expected)
  }

  @Test("lets no hook create a global", arguments: ["count = 1", "_G.count = 1", "function count() end"])
  func noGlobals(statement: String) async throws {
    let message = try await onLoop { try Script.error(statement) }
    #expect(
      message
        == "jobs/test.lua:1: global 'count' is created in a function (use `local`, or declare it at the top of the file)"
    )
  }

  @Test("lets no function of the top level create a global either")
  func noGlobalsAtLoad() async throws {
    let problems = try await onLoop {
      try Script.problems("local function f()\n  x = 1\nend\nf()\nreturn { prompt = f }")
    }
    #expect(
      problems == [
        "jobs/test.lua:2: global 'x' is created in a function (use `local`, or declare it at the top of the file)"
      ])
  }

  @Test("refuses bytecode in required files and dofile")
  func bytecode() async throws {
    let messages = try await onLoop {
      let files = ["binary.lua": "\u{1b}Lua"]
      return [
        try Script.problems("require 'binary' return { prompt = print }", files: files).first ?? "",
        try Script.value("select(2, pcall(dofile, '/dev/null/x'))"),
      ]
    }
    #expect(messages[0].contains("error loading module 'binary' from file"))
    #expect(messages[0].contains("attempt to load a binary chunk"))
    #expect(messages[1] == "\"cannot open /dev/null/x: Not a directory\"")
  }

  @Test("reports a hook that yields by itself")
  func yields() async throws {
    let message = try await onLoop { try Script.error("coroutine.yield(1)") }
    #expect(message.hasSuffix("attempt to yield from outside a coroutine"))
  }
}
