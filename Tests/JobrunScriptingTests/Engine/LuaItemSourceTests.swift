import JobrunModel
import JobrunTestSupport
import Testing

@testable import JobrunScripting

@Suite("An input that is a function")
struct LuaItemSourceTests {
  /// The records as text, and the error behind them.
  private func read(
    _ input: String, limit: Int? = nil, records: [ItemRecord] = [], parameters: [String] = []
  ) async throws -> (items: [String], error: RunError?) {
    try await onLoop {
      let script = try Script(
        "return { model = 'm', prompt = print, params = { n = 2 }, hook = { timeout_s = 0.2 }, input = \(input) }",
        parameters: parameters, records: records)
      let source = try #require(script.engine.items(limit: limit))
      var items: [String] = []
      do throws(RunError) {
        while let record = try await source.next() {
          guard case .json(let json) = record.content, record.index == items.count + 1 else { break }
          items.append(String(decoding: json, as: UTF8.self))
        }
        return (items, nil)
      } catch {
        #expect(try await source.next()?.index == nil, "it is at its end")
        return (items, error)
      }
    }
  }

  @Test("gives items by an iterator, with the run's params, or as a list")
  func items() async throws {
    let counting =
      "function(run) local i = 0 return function() i = i + 1 if i <= run.params.n then return { i = i } end end end"
    #expect(try await read(counting).items == [#"{"i":1}"#, #"{"i":2}"#])
    #expect(try await read(counting, parameters: ["n=3"]).items.count == 3)
    #expect(try await read(counting, limit: 1).items == [#"{"i":1}"#])
    #expect(try await read("function() return { { b = 1, a = { 1 } }, {} } end").items == [#"{"a":[1],"b":1}"#, "{}"])
    #expect(try await read("function() return {} end").items == [])
    #expect(
      try await read("function() return jobrun.rows 'x.jsonl' end", records: [.json(#"{"a":null}"#), .line("t")]).items
        == [#"{"a":null}"#, #"{"text":"t"}"#])
  }

  @Test("draws the same random numbers in every run")
  func random() async throws {
    let input =
      "function() local i = 0 return function() i = i + 1 if i < 4 then return { r = math.random(1 << 30) } end end end"
    let first = try await read(input).items
    #expect(Set(first).count == 3)
    #expect(try await read(input).items == first)
  }

  @Test(
    "ends the run where it raises or gives no items",
    arguments: [
      ("function() error 'boom' end", [], "jobs/test.lua:1: boom"),
      (
        "function() end", [],
        "an iterator (a function that returns the next item) or a list expected, got nil (forgot `return`?)"
      ),
      (
        "function() return 'x.txt' end", [],
        "an iterator (a function that returns the next item) or a list expected, got \"x.txt\""
      ),
      (
        "function() return { a = 1 } end", [],
        "an iterator (a function that returns the next item) or a list expected, got "
      ),
      ("function() return { { i = 1 }, 5 } end", [#"{"i":1}"#], "item 2: a table expected, got 5"),
      ("function() return { { { 1 } } } end", [], "item 1: a table with names expected, got a list"),
      ("function() return { { f = print } } end", [], "item 1: f: "),
      ("function() return function() return 'x' end end", [], "item 1: a table expected, got \"x\""),
      (
        "function() local i = 0 return function() i = i + 1 if i == 2 then error 'boom' end return { i = i } end end",
        [#"{"i":1}"#], "jobs/test.lua:1: boom"
      ),
      ("function() while true do end end", [], "jobs/test.lua:1: "),
      ("function() return function() while true do end end end", [], "jobs/test.lua:1: "),
      ("function(run) run:call 'x' end", [], "jobs/test.lua:1: run:call can be called in setup and finish only"),
    ] as [(String, [String], String)])
  func errors(input: String, items: [String], message: String) async throws {
    let (read, error) = try await read(input)
    #expect(read == items)
    #expect(error?.code == .job)
    #expect(error?.message.hasPrefix("input: \(message)") == true, "\(error?.message ?? "no error")")
  }

  @Test("does not count where another input takes its place")
  func others() async throws {
    try await onLoop {
      let job = try Script.load("return { model = 'm', prompt = print, input = print }")
      let engine = try LuaScriptEngine(
        job: job, configuration: ScriptConfiguration(input: InputSpec(path: "x.txt"), statistics: FixedStatistics()))
      #expect(engine.items(limit: nil)?.total == nil && engine.isInputFunction == false)
      let file = try Script.load("return { model = 'm', prompt = print, input = 'x.txt' }")
      let other = try LuaScriptEngine(job: file, configuration: ScriptConfiguration(statistics: FixedStatistics()))
      #expect(other.isInputFunction == false)
    }
  }
}
