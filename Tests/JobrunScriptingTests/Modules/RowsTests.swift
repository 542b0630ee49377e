import JobrunModel
import JobrunTestSupport
import LuaBridge
import Testing

@testable import JobrunScripting

@Suite("jobrun.rows")
struct RowsTests {
  static let records: [ItemRecord] = [.json(#"{"a":1}"#), .line("text"), .columns([("b", "2")])]

  @Test("iterates over items, also at the top level of the file")
  func iterates() async throws {
    let rows = try await onLoop {
      let script = try Script(
        """
        local seen = {}
        for item in jobrun.rows { path = "data/x.csv", format = "csv" } do seen[#seen + 1] = item end
        return { model = "m", prompt = function(_, ctx) ctx:emit { seen = seen } return false end }
        """, records: Self.records)
      let opened = script.log.opened.first
      #expect(opened?.path.hasSuffix("/data/x.csv") == true)
      #expect(opened?.format == .csv)
      #expect(script.log.rowsAlive == 0)
      return script.rows()
    }
    #expect(rows == [#"{"seen":[{"a":1},{"text":"text"},{"b":"2"}]}"#])
  }

  @Test("closes the input of a loop that is left early")
  func left() async throws {
    let alive = try await onLoop {
      let log = Log()
      let job = try Script.load(
        "for item in jobrun.rows 'x.jsonl' do break end return { prompt = print }", records: Self.records, log: log)
      return (log.rowsAlive, job.spec.name)
    }
    #expect(alive.0 == 0)
  }

  @Test("closes the input of an iterator that is forgotten")
  func forgotten() async throws {
    let alive = try await onLoop {
      let log = Log()
      let job = try Script.load(
        "do local next = jobrun.rows 'x.jsonl' next() end return { prompt = print }", records: Self.records, log: log)
      job.world.state.collectGarbage()
      return log.rowsAlive
    }
    #expect(alive == 0)
  }

  @Test("takes the other forms of an input, but no function")
  func forms() async throws {
    let log = try await onLoop {
      let log = Log()
      _ = try Script.load(
        """
        for _, source in ipairs { { count = 2 }, { glob = "*.md" }, { cmd = { "ls" } }, { sqlite = "x.db", sql = "SELECT 1" } } do
          for item in jobrun.rows(source) do break end
        end
        return { prompt = print }
        """, log: log)
      return log.opened
    }
    #expect(log.map(\.name) == ["2 empty items", "*.md", "`ls`", log[3].path])
    let error = try await onLoop { try Script.error("jobrun.rows(print)") }
    #expect(
      error == "jobs/test.lua:1: bad argument #1 to 'rows' (source: string or table expected, got a function)")
    let both = try await onLoop { try Script.error("jobrun.rows { count = 1, path = 'x' }") }
    #expect(both.hasPrefix("jobs/test.lua:1: rows: source: one of `path`, `glob`"))
  }

  @Test("goes on giving nil after the end")
  func end() async throws {
    let value = try await onLoop {
      try Script.value("(function() local n = jobrun.rows 'x.jsonl' return n() == nil and n() == nil end)()")
    }
    #expect(value == "true")
  }

  @Test("raises at the caller's place where the input cannot be opened or a record is none")
  func raises() async throws {
    let messages = try await onLoop {
      [
        try Script.error("for item in jobrun.rows '/missing.jsonl' do end"),
        try Script.error("for item in jobrun.rows 'x.jsonl' do end", records: [.json("[1]")]),
      ]
    }
    #expect(
      messages == [
        "jobs/test.lua:1: rows: /missing.jsonl: no such file", "jobs/test.lua:1: rows: line 7: not a JSON object",
      ])
  }
}
