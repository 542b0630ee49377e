import Foundation
import JobrunModel
import JobrunTestSupport
import LuaBridge
import Testing

@testable import JobrunScripting

@Suite("A script")
struct ScriptRunnerTests {
  /// What a script printed, each line as the host got it, and its failure.
  private func run(
    _ source: String, at name: String = "hooks/x_test.lua", files: [String: String] = [:], arguments: [String] = [],
    with entry: HostEntry<HostServices>? = nil
  ) async throws -> (printed: [String], failure: ScriptFailure?) {
    // Made on the loop, so that what is not Sendable stays there.
    let entry = Unchecked(value: entry)
    return try await onLoop {
      let folder = try Folder(files: files)
      let log = Log()
      let runner = try ScriptRunner(
        path: folder.path + "/" + name, arguments: arguments, host: Script.host(log: log))
      do throws(ScriptFailure) {
        if let entry = entry.value { try runner.register(entry) }
        try runner.run(Array(source.utf8), name: name, arguments: arguments)
        return (log.entries, nil)
      } catch {
        return (log.entries, error)
      }
    }
  }

  private struct Unchecked<Value>: @unchecked Sendable {
    let value: Value
  }

  @Test("has the job API, and its arguments in `arg` and `...`")
  func arguments() async throws {
    let result = try await run(
      "print(arg[1], #arg, ...) print(jobrun.json.encode { a = 1 }, (arg[0]:match('[^/]+$')))",
      arguments: ["a b", "-x"])
    #expect(result.printed == ["print: a b\t2\ta b\t-x", "print: {\"a\":1}\tx_test.lua"])
    #expect(result.failure == nil)
  }

  @Test("takes very many arguments")
  func manyArguments() async throws {
    let result = try await run("print(select('#', ...))", arguments: Array(repeating: "a", count: 5_000))
    #expect(result.printed == ["print: 5000"])
  }

  @Test("may begin with a byte order mark or with #!")
  func beginnings() async throws {
    for beginning in ["\u{FEFF}", "#!/usr/bin/env jobrun lua\n"] {
      #expect(try await run(beginning + "print(1)").printed == ["print: 1"])
    }
  }

  @Test(
    "requires what lies beside it, in lua_modules, and the same in the folder above",
    arguments: [
      ("x", "beside"), ("hooks.x", "beside"), ("y", "module beside"), ("above", "above"), ("z", "module above"),
    ])
  func requires(name: String, expected: String) async throws {
    let files = [
      "hooks/x.lua": "return 'beside'", "hooks/lua_modules/y.lua": "return 'module beside'",
      "above.lua": "return 'above'", "lua_modules/z.lua": "return 'module above'", "x.lua": "return 'not this'",
      "lua_modules/y.lua": "return 'not this'",
    ]
    #expect(try await run("print((require '\(name)'))", files: files).printed == ["print: \(expected)"])
  }

  @Test("reads files from its own folder")
  func files() async throws {
    let files = ["hooks/a.txt": "beside", "a.txt": "above"]
    #expect(try await run("print(jobrun.read_file 'a.txt')", files: files).printed == ["print: beside"])
  }

  @Test(
    "that fails tells where and by which way",
    arguments: [
      ("local function f() error('boom') end\nf()", "hooks/x_test.lua:1: boom", true),
      ("error { code = 7 }", "{\"code\":7}", true),
      ("x = = 1", "hooks/x_test.lua:1: unexpected symbol near '='", false),
      ("function f() g = 1 end f()", "hooks/x_test.lua:1: global 'g' is created in a function", true),
    ])
  func failure(source: String, message: String, hasTraceback: Bool) async throws {
    let failure = try #require(try await run(source).failure)
    #expect(failure.message.hasPrefix(message), "\(failure.message)")
    #expect((failure.traceback?.hasPrefix("stack traceback:\n") == true) == hasTraceback)
  }

  @Test("has no time budget of a job's top level, and no os.exit")
  func world() async throws {
    #expect(try await run("print(os.exit, debug.sethook)").printed == ["print: nil\tnil"])
  }

  @Test("can be given further functions of the module jobrun")
  func register() async throws {
    let swift = HostEntry<HostServices>(
      "twice", [HostParameter("n", .integer)], returns: "integer", "",
      body: .swift { _, call throws(HostError) in
        call.thread.push(2 * (call.thread.integer(at: 1) ?? 0))
        return .values(1)
      })
    #expect(
      try await run("print(jobrun.twice(21), require 'jobrun'.twice(1))", with: swift).printed == ["print: 42\t2"])
    let failure = try await run("jobrun.twice 'x'", with: swift).failure
    #expect(failure?.message.contains("integer expected, got \"x\"") == true, "\(failure?.message ?? "none")")
    let lua = HostEntry<HostServices>("call", [HostParameter("f", .any)], "", body: .lua("return f(1)"))
    #expect(try await run("print(jobrun.call(function(n) return n + 1 end))", with: lua).printed == ["print: 2"])
  }
}

@Suite("The purpose of a script")
struct WorldPurposeTests {
  @Test(
    "names the folder above as its user would",
    arguments: [
      ("jobs/hooks/x.lua", "jobs/"), ("hooks/x.lua", ""), ("x.lua", "../"), ("./x.lua", "../"), ("../x.lua", "../../"),
      ("a/../x.lua", "a/../../"), ("/a/b/x.lua", "/a/"), ("/a/x.lua", "/"),
    ])
  func parent(displayPath: String, expected: String) {
    let purpose = WorldPurpose.script(path: "/r/s/x.lua", displayPath: displayPath)
    #expect(purpose == .script(parent: "/r", shownParent: expected))
  }

  @Test("knows no folder above the root")
  func root() {
    #expect(WorldPurpose.script(path: "/x.lua", displayPath: "x.lua") == .script(parent: nil, shownParent: ""))
  }
}
