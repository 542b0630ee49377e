import JobrunModel
import JobrunTestSupport
import Testing

@testable import JobrunScripting

@Suite("The settings of a job file")
struct JobSpecTests {
  @Test("have their defaults")
  func defaults() async throws {
    let spec = try await onLoop { try Script.load("return { prompt = print }").spec }
    var expected = JobSpec(path: spec.path, name: "test")
    expected.concurrency = .fixed(10)
    #expect(spec == expected)
  }

  @Test("are read from all fields")
  func full() async throws {
    let spec = try await onLoop {
      try Script.load(
        """
        return {
          name = "n", input = { path = "data/x", format = "tsv", id = "key" },
          output = { columns = { "a", "b" } }, order = "completion",
          endpoint = { base_url = "https://x/v1", api_key_env = "KEY", headers = { A = "b" }, proxy = "http://p" },
          model = "m", concurrency = 2.0, connections_per_host = 3, timeouts = { connect = 1.5, total = 60 },
          hook = { timeout_s = 0.5, memory_mb = 64 }, prompt = print,
        }
        """
      ).spec
    }
    let folder = FilePath.directory(of: spec.path)
    var expected = JobSpec(path: spec.path, name: "n")
    expected.input = InputSpec(path: folder + "/data/x", format: .tsv, id: "key")
    expected.output = OutputSpec(path: folder + "/out/n.jsonl", columns: ["a", "b"])
    expected.order = .completion
    expected.endpoint = .custom(
      CustomEndpoint(baseURL: "https://x/v1", apiKeyEnvironment: "KEY", headers: ["A": "b"], proxy: "http://p"))
    expected.model = ["m"]
    expected.concurrency = .fixed(2)
    expected.connectionsPerHost = 3
    expected.timeouts.connect = .milliseconds(1500)
    expected.timeouts.total = .fixed(.seconds(60))
    expected.hook.timeout = .milliseconds(500)
    expected.hook.memoryBytes = 64 << 20
    #expect(spec == expected)
  }

  @Test(
    "take the input in each of its forms",
    arguments: [
      ("{ count = 3 }", .count(3), "", "id"), ("{ count = 3, id = 'k' }", .count(3), "", "k"),
      ("{ glob = 'docs/**/*.txt' }", .glob(pattern: "docs/**/*.txt", folder: "@"), "", "path"),
      ("{ glob = '*', id = 'name' }", .glob(pattern: "*", folder: "@"), "", "name"),
      ("{ sqlite = 'x.db', sql = 'SELECT 1' }", .sqlite(sql: "SELECT 1"), "@/x.db", "id"),
      ("{ cmd = { 'a', '-b' } }", .command(["a", "-b"], folder: "@"), "", "id"), ("print", .function, "", "id"),
      ("{ path = 'x.json' }", .file, "@/x.json", "id"),
    ] as [(String, InputOrigin, String, String)])
  func inputForms(source: String, origin: InputOrigin, path: String, idKey: String) async throws {
    let spec = try await onLoop { try Script.load("return { prompt = print, input = \(source) }").spec }
    let input = try #require(spec.input)
    let folder = FilePath.directory(of: spec.path)
    let expected: InputOrigin =
      switch origin {
      case .glob(let pattern, _): .glob(pattern: pattern, folder: folder)
      case .command(let words, _): .command(words, folder: folder)
      default: origin
      }
    #expect(input.origin == expected)
    #expect(input.path == (path.hasPrefix("@") ? folder + path.dropFirst() : path))
    #expect(input.idKey == idKey)
  }

  @Test("have limits, retries and time-outs with their own defaults")
  func limits() async throws {
    let spec = try await onLoop {
      try Script.load(
        """
        return { prompt = print, concurrency = { min = 2, max = 32 },
          limits = { rpm = 600, tpm = 1e5, itpm = 9, otpm = 8, burst_s = 0.5 },
          retry = { attempts = 3, base_s = 1, cap_s = 30, max_elapsed_s = 100 },
          timeouts = { connect = 1, send = 2, first_byte = 3, idle = 4, total = "adaptive" } }
        """
      ).spec
    }
    #expect(spec.concurrency == .adaptive(minimum: 2, maximum: 32))
    #expect(spec.limits.requests == 600)
    #expect(spec.limits.tokens == 100_000)
    #expect(spec.limits.inputTokens == 9)
    #expect(spec.limits.outputTokens == 8)
    #expect(spec.limits.burstSeconds == 0.5)
    #expect(spec.retry.attempts == 3)
    #expect(spec.retry.base == .seconds(1))
    #expect(spec.retry.cap == .seconds(30))
    #expect(spec.retry.maxElapsed == .seconds(100))
    #expect(spec.timeouts.connect == .seconds(1))
    #expect(spec.timeouts.send == .seconds(2))
    #expect(spec.timeouts.firstByte == .seconds(3))
    #expect(spec.timeouts.idle == .seconds(4))
    #expect(spec.timeouts.total == .adaptive)
  }

  @Test("have a budget, rows to accept and thresholds, in the order of their measures")
  func endings() async throws {
    let spec = try await onLoop {
      try Script.load(
        """
        return { prompt = print, accept = 1e3, budget = { usd = 0.5, input_tokens = 1e6, output_tokens = 7, requests = 9 },
          models = { a = { price = { input = 1, output = 2 } } },
          thresholds = { p95 = "<20s", failed = "<= 1 %", cost_usd = "<2" } }
        """
      ).spec
    }
    #expect(spec.accept == 1_000)
    var budget = BudgetLimits()
    (budget.usd, budget.inputTokens, budget.outputTokens, budget.requests) = (0.5, 1_000_000, 7, 9)
    #expect(spec.budget == budget)
    #expect(
      spec.thresholds == [
        try Threshold(.failed, "<= 1 %"), try Threshold(.p95, "<20s"), try Threshold(.cost, "<2"),
      ])
  }

  @Test("have models, each with what is its own")
  func models() async throws {
    let spec = try await onLoop {
      try Script.load(
        """
        return { prompt = print, model = { "strong", "cheap" }, concurrency = "auto",
          timeouts = { connect = 7 },
          models = {
            cheap = { name = "gemini-2.5-flash", endpoint = "gemini", price = { input = 0.3, output = 2.5 } },
            strong = { limits = { rpm = 60 }, timeouts = { total = 300 },
              price = { input = 3, output = 15, cached = 0.3 } },
          } }
        """
      ).spec
    }
    #expect(spec.model == ["strong", "cheap"])
    #expect(spec.concurrency == .adaptive(minimum: 1, maximum: 64))
    let models = try #require(spec.models)
    #expect(models.map(\.key) == ["cheap", "strong"])
    #expect(models[0].name == "gemini-2.5-flash")
    #expect(models[0].endpoint == .preset("gemini"))
    #expect(models[0].limits == nil)
    #expect(models[0].price == Price(input: 0.3, output: 2.5))
    #expect(models[1].name == "strong")
    #expect(models[1].limits?.requests == 60)
    #expect(models[1].timeouts?.total == .fixed(.seconds(300)))
    #expect(models[1].timeouts?.connect == .seconds(7))
    #expect(models[1].price?.cached == 0.3)
  }

  @Test(
    "have paths that begin at the job file",
    arguments: [("x.txt", "/x.txt"), ("./x.txt", "/x.txt"), ("../x.txt", "/../x.txt")])
  func relative(path: String, expected: String) async throws {
    let spec = try await onLoop { try Script.load("return { prompt = print, input = '\(path)' }").spec }
    #expect(spec.input?.path == FilePath.directory(of: spec.path) + expected)
  }

  @Test("leave absolute paths and - as they are", arguments: ["/tmp/x.txt", "-"])
  func absolute(path: String) async throws {
    let spec = try await onLoop { try Script.load("return { prompt = print, input = '\(path)' }").spec }
    #expect(spec.input?.path == path)
  }

  @Test("come with a warning where the file has something like a key in it")
  func secret() async throws {
    let warnings = try await onLoop {
      try Script.load("return {\n  params = { task = 'sk-short', key = 'sk-abcdefghijklmnop_1' }, prompt = print }")
        .warnings
    }
    #expect(
      warnings == ["jobs/test.lua:2: this looks like an API key; keep keys in the environment (`api_key_env`)"])
  }

  @Test("name a preset")
  func preset() async throws {
    let spec = try await onLoop { try Script.load("return { prompt = print, endpoint = 'groq' }").spec }
    #expect(spec.endpoint == .preset("groq"))
  }
}
