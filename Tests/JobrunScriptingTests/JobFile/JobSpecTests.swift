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
    expected.concurrency = 10
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
    expected.model = "m"
    expected.concurrency = 2
    expected.connectionsPerHost = 3
    expected.timeouts.connect = .milliseconds(1500)
    expected.timeouts.total = .seconds(60)
    expected.hook.timeout = .milliseconds(500)
    expected.hook.memoryBytes = 64 << 20
    #expect(spec == expected)
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
