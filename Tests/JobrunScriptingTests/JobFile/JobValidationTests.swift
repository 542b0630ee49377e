import JobrunModel
import JobrunTestSupport
import Testing

@testable import JobrunScripting

@Suite("The check of a job file")
struct JobValidationTests {
  @Test("reports every problem at once, by its line")
  func all() async throws {
    let problems = try await onLoop {
      try Script.problems(
        """
        return {
          name = "a/b",
          input = { path = "x.jsonl", fromat = "csv" },
          output = "out/x.xlsx",
          concurrency = 0,
          timeouts = {
            total = "1m",
            idel = 5,
          },
          limits = { rmp = 600 },
          use = { { on_reqest = print, prompt = print } },
        }
        """)
    }
    #expect(
      problems == [
        "jobs/test.lua:1: job.prompt: a job needs `prompt` (or `process`)",
        "jobs/test.lua:2: job.name: name without `/` expected, got \"a/b\"",
        "jobs/test.lua:3: job.input.fromat: unknown key (did you mean \"format\"?)",
        "jobs/test.lua:4: job.output: only .jsonl, .csv and .tsv can be written, each also with .gz, got \"out/x.xlsx\"",
        "jobs/test.lua:5: job.concurrency: whole number from 1 to 10000 or {min, max} or \"auto\" expected, got 0",
        "jobs/test.lua:7: job.timeouts.total: positive number or \"adaptive\" expected, got \"1m\"",
        "jobs/test.lua:8: job.timeouts.idel: unknown key (did you mean \"idle\"?)",
        "jobs/test.lua:10: job.limits.rmp: unknown key (did you mean \"rpm\"?)",
        "jobs/test.lua:11: job.use[1].prompt: a hook library has no `prompt`: it belongs in the job file",
        "jobs/test.lua:11: job.use[1].on_reqest: unknown key (did you mean \"on_request\"?)",
      ])
  }

  @Test(
    "says what is right for each field",
    arguments: [
      ("name = ''", "name: a string that is not empty expected, got \"\""),
      ("name = 1", "name: string expected, got 1"),
      (
        "input = true",
        "input: string or {path, format, id, glob, count, sqlite, sql, cmd} or function expected, got true"
      ),
      ("input = {}", "input: one of `path`, `glob`, `count`, `sqlite` and `cmd` expected, got none of them"),
      (
        "input = { glob = '*', count = 2 }",
        "input: one of `path`, `glob`, `count`, `sqlite` and `cmd` expected, got `glob` and `count`"
      ),
      ("input = { count = 0 }", "input.count: whole number from 1 to 1000000000000 expected, got 0"),
      ("input = { count = 2, format = 'csv' }", "input.format: `format` belongs to `path` and `cmd`"),
      ("input = { sqlite = 'x.db' }", "input.sql: a SELECT expected, got nil: `sql` says which rows of the file"),
      ("input = { path = 'x.txt', sql = 'SELECT 1' }", "input.sql: `sql` belongs to `sqlite`"),
      ("input = { cmd = {} }", "input.cmd: a program and its arguments expected, got an empty list"),
      ("input = { cmd = 'ls' }", #"input.cmd: list expected, got "ls""#),
      ("input = { cmd = { 'ls', 'a\\0b' } }", "input.cmd: words without NUL expected"),
      ("input = { glob = 5 }", "input.glob: string expected, got 5"),
      (
        "input = { path = 'x', format = 'xml' }",
        #"input.format: "txt" or "jsonl" or "csv" or "tsv" or "json" expected, got "xml""#
      ),
      ("output = { columns = 'a' }", "output.columns: list expected, got \"a\""),
      ("output = { columns = { a = 'b' } }", "output.columns: list expected, got a table with the key \"a\""),
      ("output = { columns = { 'a', 2 } }", "output.columns[2]: string expected, got 2"),
      (
        "output = { path = 'x.csv.zst' }",
        "output.path: only .jsonl, .csv and .tsv can be written, each also with .gz, got \"x.csv.zst\""
      ),
      ("output = { columns = { 'a', 'b', 'a' } }", "output.columns: \"a\" is listed twice"),
      ("order = 'random'", #"order: "input" or "completion" expected, got "random""#),
      ("endpoint = 5", "endpoint: string or {base_url, api_key_env, api, headers, proxy} expected, got 5"),
      (
        "endpoint = { base_url = 'ftp://x' }",
        "endpoint.base_url: URL with http:// or https:// expected, got \"ftp://x\""
      ),
      ("endpoint = { base_url = 'http://x', headers = { A = 1 } }", "endpoint.headers.A: string expected, got 1"),
      (
        "endpoint = { base_url = 'http://x', headers = { ['X-A'] = 'a\\nb' } }",
        "endpoint.headers[\"X-A\"]: header without line breaks expected"
      ),
      ("model = {}", "model: at least one model expected, got an empty list"),
      ("defaults = { f = print }", "defaults.f: a value that can be JSON expected: a function cannot become JSON"),
      ("defaults = { 1 }", "defaults: strings expected as keys, got 1"),
      (
        "concurrency = 10001", "concurrency: whole number from 1 to 10000 or {min, max} or \"auto\" expected, got 10001"
      ),
      ("concurrency = 1.5", "concurrency: whole number from 1 to 10000 or {min, max} or \"auto\" expected, got 1.5"),
      ("concurrency = true", "concurrency: whole number from 1 to 10000 or {min, max} or \"auto\" expected, got true"),
      ("concurrency = { min = 5, max = 2 }", "concurrency: `min` up to `max` expected, got 5 and 2"),
      ("limits = { rpm = '60/min' }", "limits.rpm: positive number expected, got \"60/min\""),
      ("limits = { tpm = 0 }", "limits.tpm: positive number expected, got 0"),
      ("retry = { attempts = 0 }", "retry.attempts: whole number from 1 to 100 expected, got 0"),
      ("retry = { asks = 0 }", "retry.asks: whole number from 1 to 100 expected, got 0"),
      ("models = {}", "models: at least one model expected, got an empty table"),
      ("models = { a = { price = { input = 1 } } }", "models.a.price.output: number of 0 or above expected, got nil"),
      ("models = { a = { nam = 'x' } }", "models.a.nam: unknown key (did you mean \"name\"?)"),
      ("model = 'chaep', models = { cheap = {} }", "model: there is no model \"chaep\" (did you mean \"cheap\"?)"),
      ("model = { 'a', 'a' }", "model: each model once expected"),
      ("timeouts = 60", "timeouts: table expected, got 60"),
      ("timeouts = { total = 0 }", "timeouts.total: positive number or \"adaptive\" expected, got 0"),
      ("timeouts = { total = 0/0 }", "timeouts.total: positive number or \"adaptive\" expected, got nan"),
      ("timeouts = { total = math.huge }", "timeouts.total: positive number or \"adaptive\" expected, got inf"),
      ("budget = 5", "budget: table expected, got 5"),
      ("budget = {}", "budget: at least one of usd, input_tokens, output_tokens, requests expected"),
      ("budget = { dollars = 5 }", "budget.dollars: unknown key"),
      ("budget = { usd = 0, requests = 1 }", "budget.usd: positive number expected, got 0"),
      (
        "budget = { request = 5, usd = 1 }, models = { a = { price = { input = 1, output = 1 } } }",
        "budget.request: unknown key (did you mean \"requests\"?)"
      ),
      (
        "budget = { requests = 1.5 }",
        "budget.requests: whole number from 1 to 1000000000000000 expected, got 1.5"
      ),
      (
        "budget = { usd = 1 }",
        "budget.usd: `models` with a `price` each expected: nothing else says what an answer costs"
      ),
      (
        "budget = { usd = 1 }, models = { a = {}, b = { price = { input = 1, output = 1 } } }",
        "models.a: a `price` expected: `job.budget.usd` counts US dollars"
      ),
      ("accept = 0", "accept: whole number from 1 to 1000000000000000 expected, got 0"),
      ("thresholds = '<1%'", "thresholds: table expected, got \"<1%\""),
      ("thresholds = { fialed = '<1%' }", "thresholds.fialed: unknown key (did you mean \"failed\"?)"),
      ("thresholds = { failed = 1 }", "thresholds.failed: string expected, got 1"),
      ("thresholds = { failed = '' }", "thresholds.failed: a string that is not empty expected, got \"\""),
      (
        "thresholds = { p95 = '<20' }",
        #"thresholds.p95: <, <=, > or >= and a time in s or ms, such as "<20s", expected, got "<20""#
      ),
      (
        "thresholds = { cost_usd = '<1' }",
        "thresholds.cost_usd: `models` with a `price` each expected: nothing else says what an answer costs"
      ),
      ("params = 'x'", "params: table expected, got \"x\""),
      ("hook = { memory_mb = 0 }", "hook.memory_mb: whole number from 1 to 1048576 expected, got 0"),
      ("hook = { timeout = 1 }", "hook.timeout: unknown key (did you mean \"timeout_s\"?)"),
      ("use = { 'glossary' }", "use[1]: a table of hooks expected, got \"glossary\""),
      ("use = { { setup = 1 } }", "use[1].setup: function expected, got 1"),
      ("parse = 'x'", "parse: function expected, got \"x\""),
      ("process = print", "process: `prompt` or `process` expected, got both"),
      ("pack = 3", "pack: a job with `pack` needs `parse`, to say which row is whose"),
      ("pack = 0, parse = print", "pack: whole number from 1 to 10000 expected, got 0"),
      ("truncated = 'no'", "truncated: \"accept\" or \"fail\" or \"retry\" expected, got \"no\""),
      ("schema = 'object'", "schema: table expected, got \"object\""),
      ("print", "[1]: unknown key"),
      ("[true] = 1", ": unknown key true"),
    ])
  func fields(field: String, expected: String) async throws {
    let problems = try await onLoop { try Script.problems("return { prompt = print, \(field) }") }
    let separator = expected.hasPrefix("[") || expected.hasPrefix(":") ? "" : "."
    #expect(problems == ["jobs/test.lua:1: job\(separator)\(expected)"])
  }

  @Test(
    "wants a table",
    arguments: [
      ("local x = 1\nreturn 'x'", "jobs/test.lua:2: a job file returns one table, got \"x\""),
      ("local x = 1", "jobs/test.lua:1: a job file returns one table, got nothing (forgot `return`?)"),
    ])
  func table(source: String, expected: String) async throws {
    let problems = try await onLoop { try Script.problems(source) }
    #expect(problems == [expected])
  }

  @Test("reports what Lua says about the file")
  func syntax() async throws {
    let problems = try await onLoop { try Script.problems("return {\n  prompt = = 1 }") }
    #expect(problems == ["jobs/test.lua:2: unexpected symbol near '='"])
  }

  @Test("reports an error of the top level, with its traceback")
  func runtime() async throws {
    let caught = try await onLoop {
      do {
        _ = try Script.load("local t = nil\nreturn t.x")
        return JobProblems([])
      } catch let problems as JobProblems {
        return problems
      }
    }
    #expect(caught.messages == ["jobs/test.lua:2: attempt to index a nil value (local 't')"])
    #expect(caught.traceback?.contains("jobs/test.lua:2: in main chunk") == true)
  }

  @Test("reports a file that is not there")
  func missing() async throws {
    let messages = try await onLoop {
      do throws(JobProblems) {
        _ = try JobFile.load(path: "/nowhere/x.lua", displayPath: "x.lua", host: Script.host())
        return [""]
      } catch {
        return error.messages
      }
    }
    #expect(messages == ["x.lua: No such file or directory"])
  }
}
