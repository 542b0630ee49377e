import JobrunModel
import JobrunTestSupport
import Testing

@testable import JobrunScripting

@Suite("The hooks setup and finish")
struct RunHooksTests {
  private func finish(_ hooks: String) async throws -> [String] {
    try await onLoop {
      let script = try Script("return { model = 'm', prompt = print, \(hooks) }")
      script.statistics.values[.itemsOK] = .integer(4)
      return try script.engine.finish().map { "\($0.name)=\(String(decoding: $0.contents, as: UTF8.self))" }
    }
  }

  private func error(_ hooks: String) async throws -> RunError {
    try await onLoop {
      let script = try Script("return { model = 'm', prompt = print, \(hooks) }")
      do throws(RunError) {
        try script.engine.setupWithoutCalls()
        _ = try script.engine.finish()
        return RunError(.internal, "no error")
      } catch {
        return error
      }
    }
  }

  @Test("give the files to write, by name")
  func files() async throws {
    let files = try await finish(
      """
      use = { { finish = function() return { ["a.txt"] = "lib", ["b.txt"] = "b" } end } },
      finish = function(stats, run) return { ["a.txt"] = ("%d ok"):format(stats.items.ok) } end
      """)
    #expect(files == ["b.txt=b", "a.txt=4 ok"])
  }

  @Test("give no files where finish returns nothing, or is absent", arguments: ["", "finish = function() end"])
  func none(hooks: String) async throws {
    #expect(try await finish(hooks) == [])
  }

  @Test(
    "end the run where they fail",
    arguments: [
      ("setup = function(run) error('no') end", "setup: jobs/test.lua:1: no"),
      ("setup = function(run) return run.modle end", "setup: jobs/test.lua:1: run has no field \"modle\""),
      (
        "finish = function() return 12 end",
        "jobs/test.lua:1: finish must return a table of texts by file name or nothing, got 12"
      ),
      (
        "finish = function() return { ['../x'] = 'a' } end",
        "jobs/test.lua:1: finish returned a file with the name \"../x\"; a name without `/` expected"
      ),
      ("finish = function() return { a = 1 } end", "jobs/test.lua:1: finish returned 1 for \"a\"; a string expected"),
      (
        "finish = function() return { 'a' } end",
        "jobs/test.lua:1: finish returned a file with the name 1; a name without `/` expected"
      ),
      ("use = { { setup = function() error('no') end } }", "use[1].setup: jobs/test.lua:1: no"),
      (
        "hook = { timeout_s = 0.05 }, setup = function() while true do end end",
        "setup: jobs/test.lua:1: time budget of 0.05 s exceeded"
      ),
    ])
  func fail(hooks: String, expected: String) async throws {
    let error = try await error(hooks)
    #expect(error.code == .job)
    #expect(error.message == expected)
  }

  @Test("get a run that knows params and paths")
  func run() async throws {
    let files = try await finish(
      """
      params = { to = "French" }, input = "/in.txt", output = "/out.jsonl",
      finish = function(stats, run) return { x = run.params.to .. run.input .. run.output .. tostring(stats == run.stats) } end
      """)
    #expect(files == ["x=French/in.txt/out.jsonltrue"])
  }
}
