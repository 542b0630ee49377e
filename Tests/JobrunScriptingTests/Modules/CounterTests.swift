import JobrunModel
import JobrunTestSupport
import Testing

@testable import JobrunScripting

@Suite("jobrun.counter")
struct CounterTests {
  @Test("counts at the top level and in hooks, and is among the numbers of the run")
  func counts() async throws {
    let (rows, counters) = try await onLoop {
      let script = try Script(
        """
        local hits = jobrun.counter("glossary.hits")
        hits:add(2)
        jobrun.counter("seconds"):add(0.5)
        return { model = "m",
          prompt = function(item, ctx)
            hits:add()
            jobrun.counter("glossary.hits"):add(10)
            local counters = ctx.stats.counters
            ctx:emit { hits = counters["glossary.hits"], seconds = counters.seconds, kind = math.type(counters["glossary.hits"]) }
            return false
          end }
        """)
      return (script.rows(), script.engine.job.counters.all.map { "\($0.name) \($0.value)" })
    }
    #expect(rows == [#"{"hits":13,"kind":"integer","seconds":0.5}"#])
    #expect(counters == ["glossary.hits integer(13)", "seconds number(0.5)"])
  }

  @Test(
    "says what it wants",
    arguments: [
      ("jobrun.counter('')", "counter: a name of 1 to 100 bytes without control characters expected, got \"\""),
      (
        "jobrun.counter('a\\nb')", "counter: a name of 1 to 100 bytes without control characters expected, got \"a\nb\""
      ),
      ("jobrun.counter(3)", "bad argument #1 to 'counter' (name: string expected, got 3)"),
      ("jobrun.counter('a'):add('1')", "bad argument #1 to 'add' (n: number expected, got \"1\")"),
      ("jobrun.counter('a'):add(0/0)", "add: finite number expected, got nan"),
      ("jobrun.counter('a'):add(1e999)", "add: finite number expected, got inf"),
      ("jobrun.counter('a').ad", "counter has no field \"ad\" (did you mean \"add\"?)"),
      (
        "for i = 1, 1001 do jobrun.counter(i .. '') end",
        "counter: there are 1000 counters already; a name for each item is too many"
      ),
      (
        "jobrun.counter('hits') local x = ctx.stats.counters.hit",
        "there is no counter \"hit\" (did you mean \"hits\"?); jobrun.counter(name) declares one"
      ),
      ("ctx.stats.counters.x = 1", "stats.counters is read-only"),
    ])
  func checks(statements: String, expected: String) async throws {
    let statement =
      statements.hasPrefix("jobrun.") && statements.contains(".ad") && !statements.contains(":")
      ? "local x = \(statements)" : statements
    #expect(try await onLoop { try Script.error(statement) } == "jobs/test.lua:1: \(expected)")
  }

  @Test("is 0 before the first add, and a name may be any text")
  func declared() async throws {
    #expect(
      try await onLoop { try Script.value("ctx.stats.counters['용어 \"1\"']", before: "jobrun.counter('용어 \"1\"')") }
        == "0")
  }

  @Test("count_tokens takes any bytes")
  func tokens() async throws {
    #expect(try await onLoop { try Script.value("jobrun.count_tokens('Hello, world!')") } == "4")
    #expect(try await onLoop { try Script.value("jobrun.count_tokens('')") } == "0")
    #expect(try await onLoop { try Script.value("jobrun.count_tokens('\\255\\0\\xE3\\x81')") } != "0")
    #expect(
      try await onLoop { try Script.error("jobrun.count_tokens(3)") }
        == "jobs/test.lua:1: bad argument #1 to 'count_tokens' (text: string expected, got 3)")
  }
}
