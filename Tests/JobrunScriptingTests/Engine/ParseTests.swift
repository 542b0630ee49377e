import JobrunModel
import JobrunTestSupport
import Testing

@testable import JobrunScripting

@Suite("The hook parse")
struct ParseTests {
  private func source(_ body: String, settings: String = "") -> String {
    "return { model = 'm', \(settings) prompt = function(item) return 'x' end, "
      + "parse = function(reply, item, ctx) \(body) end }"
  }

  @Test(
    "gives the rows",
    arguments: [
      ("return reply.text", [#"{"id":1,"output":"bonjour"}"#]),
      ("return { b = item.text, a = reply.text }", [#"{"a":"bonjour","b":"hello"}"#]),
      ("return { { n = 1 }, { n = 2 } }", [#"{"n":1}"#, #"{"n":2}"#]),
      ("return {}", []),
      ("return jobrun.array {}", []),
      ("return jobrun.object {}", ["{}"]),
      ("return false", []),
      ("return jobrun.json.decode('[{\"z\":[],\"n\":null}]')", [#"{"n":null,"z":[]}"#]),
      ("ctx:emit { e = 1 } return { n = 1 }", [#"{"e":1}"#, #"{"n":1}"#]),
      ("ctx:emit { e = 1 } return false", [#"{"e":1}"#]),
      ("return { [\"key\"] = 9007199254740993, f = 1.0 }", [#"{"f":1.0,"key":9007199254740993}"#]),
    ])
  func rows(body: String, expected: [String]) async throws {
    let source = source(body)
    #expect(try await onLoop { try Script(source).rows() } == expected)
  }

  @Test("gives rows with the output's columns first")
  func columns() async throws {
    let source = source(
      "return { a = 1, z = 2, m = 3 }", settings: "output = { path = 'x.jsonl', columns = { 'z', 'missing', 'm' } },")
    #expect(try await onLoop { try Script(source).rows() } == [#"{"z":2,"m":3,"a":1}"#])
  }

  @Test(
    "fails its item where it returns something else",
    arguments: [
      ("", "parse returned nil (forgot `return`?)"),
      ("return nil", "parse returned nil (forgot `return`?)"),
      ("return true", "parse must return a row, a list of rows, a string or false, got true"),
      ("return 12", "parse must return a row, a list of rows, a string or false, got 12"),
      ("return { { n = 1 }, 'x' }", "parse: row 2: table expected, got \"x\""),
      ("return { { n = 1 }, { f = print } }", "parse: row 2: f: a function cannot become JSON"),
      ("return { { n = 1 }, { { 1 } } }", "parse: row 2: a row with names expected, got a list"),
      (
        "return { { n = 1 }, id = 1 }",
        "parse returned a table that is both a list of rows and a row: it has the key \"id\""
      ),
      ("return { n = 0/0 }", "parse: n: NaN has no form in JSON"),
      ("return reply", "parse: the reply itself is no row; name the fields to write"),
    ])
  func unusable(body: String, expected: String) async throws {
    let source = source(body)
    let failure = try await onLoop { try Script(source).failure(answer: .text("x", attempts: 3)) }
    #expect(failure.errorClass == .hook)
    #expect(failure.hook == "parse")
    #expect(failure.status == 200)
    #expect(failure.attempts == 3)
    #expect(failure.dispatched == .yes)
    #expect(failure.message == "jobs/test.lua:1: \(expected)")
  }

  @Test("drops emitted rows where it fails")
  func dropped() async throws {
    let source = source("ctx:emit { e = 1 } error('no')")
    let failure = try await onLoop { try Script(source).failure() }
    #expect(failure.message == "jobs/test.lua:1: no")
    #expect(failure.traceback?.contains("jobs/test.lua:1: in ") == true)
  }

  @Test(
    "is replaced by a row with id, input, output and model where the job has none",
    arguments: [
      (ItemRecord.line("hello"), #"{"id":1,"input":"hello","model":"m","output":"bonjour"}"#),
      (.json(#"{"id":"a","q":[1]}"#), #"{"id":"a","input":{"id":"a","q":[1]},"model":"m","output":"bonjour"}"#),
    ])
  func absent(record: ItemRecord, expected: String) async throws {
    let rows = try await onLoop {
      try Script("return { model = 'm', prompt = function() return 'x' end }").rows(record)
    }
    #expect(rows == [expected])
  }

  @Test("does not run where the call failed")
  func callFailed() async throws {
    let source = source("error('not reached')")
    let result = try await onLoop {
      let engine = try Script(source).engine
      let (item, _) = engine.begin(.line("x"))
      let error = AttemptError(.server, status: 500, message: "down", dispatched: .maybe)
      return engine.resume(item, with: .failure(error)).result
    }
    guard case .failed(let failure) = result else {
      Issue.record("not failed")
      return
    }
    #expect(failure.errorClass == .server)
    #expect(failure.status == 500)
    #expect(failure.message == "down")
  }
}
