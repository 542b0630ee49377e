import Foundation
import JobrunMock
import Testing

/// A job with both hooks, whose rows show what the model said.
private let echoJob = """
  return {
    input = "in.txt", output = "out.jsonl", model = "m", params = { word = "hi", times = 1 },
    prompt = function(item, ctx) return ctx.params.word .. " " .. item.text end,
    parse = function(reply, item, ctx) return { id = ctx.id, said = reply.text } end,
  }
  """

@Suite(.serialized) struct RunTests {
  @Test func `a job writes a row an item, in the order of the input, and says so`() async throws {
    try await Program.inFolder { program in
      try program.write("job.lua", echoJob)
      try program.write("in.txt", (1...200).map { "line \($0)\n" }.joined())
      let behavior = MockBehavior(latency: .logNormal(median: .milliseconds(3), sigma: 1), reply: .echo)
      try await MockServer.run(behavior) { server in
        let result = try await program.run("job.lua", "--base-url", server.baseURL, "--concurrency", "16")
        #expect(result.status == 0, "\(result.errors)")
        #expect(result.output.isEmpty)
        #expect(result.errors.contains("job: 200 items in "))
        #expect(result.errors.contains("200 ok, 0 failed, 0 skipped"))
        #expect(try program.lines("out.jsonl") == (1...200).map { #"{"id":\#($0),"said":"hi line \#($0)"}"# })
        #expect(try program.files == ["in.txt", "job.lua", "out.jsonl", "out.jsonl.journal"])
        #expect(server.requestsReceived == 200)
      }
    }
  }

  @Test func `the same job renders the same bytes in every run`() async throws {
    try await Program.inFolder { program in
      try program.write(
        "job.lua",
        """
        return { input = "in.txt", model = "m", defaults = { zeta = 1, alpha = { b = 1, a = 2 }, seed = 7 },
          prompt = function(item) return { messages = { { role = "user", content = item.text } }, n = math.random(1000000) } end }
        """)
      try program.write("in.txt", "a\nb\nc\n")
      try await MockServer.run(MockBehavior(recordsRequests: true)) { server in
        for _ in 0..<2 { _ = try await program.run("job.lua", "--base-url", server.baseURL, "--fresh") }
        let bodies = server.recordedRequests.map(\.text)
        #expect(bodies.count == 6)
        #expect(Set(bodies).count == 3)
        #expect(bodies[0].hasPrefix(#"{"alpha":{"a":2,"b":1},"messages":[{"content":"#))
      }
    }
  }

  @Test func `failed items are listed beside the output with class, status and record; the others are written`()
    async throws
  {
    try await Program.inFolder { program in
      try program.write("job.lua", echoJob)
      try program.write("in.txt", "good\nbad\nfine\n")
      let behavior = MockBehavior(
        reply: .custom { request in
          request.prompt?.contains("bad") == true
            ? .error(status: 400, message: "no such \u{1B}[31mthing", type: "invalid_request_error")
            : .completion(request.prompt ?? "")
        })
      try await MockServer.run(behavior) { server in
        let result = try await program.run("job.lua", "--base-url", server.baseURL)
        #expect(result.status == 1)
        #expect(result.errors.contains("3 items in "))
        #expect(result.errors.contains("2 ok, 1 failed"))
        #expect(result.errors.contains("1 bad_request"))
        #expect(try program.lines("out.jsonl").count == 2)
        let failed = try program.lines("out.failed.jsonl")
        #expect(
          failed == [
            #"{"id":2,"index":2,"item":{"text":"bad"},"error":{"class":"bad_request","status":400,"#
              + #""code":"invalid_request_error","message":"no such \u001b[31mthing","attempts":1,"dispatched":"yes"}}"#
          ])
        // The list of the failed is an input itself; the items keep their ids.
        let again = try await program.run(
          "job.lua", "--base-url", server.baseURL, "--input", "out.failed.jsonl", "--output", "again.jsonl")
        #expect(again.status == 1)
        #expect(
          try program.lines("again.failed.jsonl")
            == failed.map { $0.replacingOccurrences(of: #""index":2"#, with: #""index":1"#) })
      }
    }
  }

  @Test func `standard input and output make a filter, and nothing but rows goes to standard output`() async throws {
    try await Program.inFolder { program in
      try program.write("job.lua", echoJob)
      try await MockServer.run(MockBehavior(reply: .echo)) { server in
        let result = try await program.run(
          "job.lua", "--base-url", server.baseURL, "--input", "-", "--output", "-", input: "one\ntwo\n")
        #expect(result.status == 0, "\(result.errors)")
        #expect(result.output == "{\"id\":1,\"said\":\"hi one\"}\n{\"id\":2,\"said\":\"hi two\"}\n")
        #expect(try program.files == ["job.lua", "out"])
        #expect(program.exists("out/job.stdin.jsonl.journal"))
      }
    }
  }

  @Test func `options stand over variables, and variables over the job file`() async throws {
    try await Program.inFolder { program in
      try program.write("job.lua", echoJob)
      try program.write("in.txt", "x\n")
      try await MockServer.run(MockBehavior(recordsRequests: true)) { server in
        let environment = ["JOBRUN_BASE_URL": server.baseURL, "JOBRUN_MODEL": "from-environment"]
        _ = try await program.run("job.lua", "--param", "word=ho", environment: environment)
        _ = try await program.run("job.lua", "--model", "from-option", environment: environment)
        let requests = server.recordedRequests
        #expect(requests.map(\.model) == ["from-environment", "from-option"])
        #expect(requests.map(\.prompt) == ["ho x", "hi x"])
        let wrong = try await program.run("job.lua", "--param", "times=often", environment: environment)
        #expect(wrong.status == 64)
        #expect(wrong.errors.contains(#"--param times: whole number expected, got "often""#))
        let unknown = try await program.run("job.lua", "--param", "wrod=x", environment: environment)
        #expect(unknown.status == 64)
        #expect(unknown.errors.contains("known are: "))
      }
    }
  }

  @Test func `the mock says that its replies are not real, and keeps its rows apart`() async throws {
    try await Program.inFolder { program in
      try program.write("job.lua", echoJob)
      try program.write("in.txt", "x\n")
      try program.write("out.jsonl", "the real one\n")
      let result = try await program.run("--mock=fast", "job.lua")
      #expect(result.status == 0)
      #expect(result.errors.contains("NOT REAL"))
      #expect(try program.read("out.jsonl") == "the real one\n")
      #expect(try program.lines("out.mock.jsonl").count == 1)
      let other = try await program.run("--mock=nonsense", "job.lua")
      #expect(other.status == 64)
      #expect(other.errors.contains("plain, fast"))
    }
  }

  @Test func `another input, and a part of the input, have an output of their own`() async throws {
    try await Program.inFolder { program in
      try program.write("job.lua", echoJob)
      try program.write("in.txt", "x\n")
      try program.write("part.txt", "y\n")
      try await MockServer.run(MockBehavior(reply: .echo)) { server in
        _ = try await program.run("job.lua", "--base-url", server.baseURL)
        _ = try await program.run("job.lua", "--base-url", server.baseURL, "--input", "part.txt")
        #expect(try program.lines("out.jsonl") == [#"{"id":1,"said":"hi x"}"#])
        #expect(try program.lines("out/job.part.jsonl") == [#"{"id":1,"said":"hi y"}"#])
        try program.write("in.txt", "x\nz\n")
        _ = try await program.run("job.lua", "--base-url", server.baseURL, "--limit", "1")
        #expect(try program.lines("out.limit.jsonl").count == 1)
      }
    }
  }

  @Test func `a proxy of the environment is not asked for what runs on this machine`() async throws {
    try await Program.inFolder { program in
      try program.write("job.lua", echoJob)
      try program.write("in.txt", "x\n")
      let environment = ["http_proxy": "http://127.0.0.1:1", "ALL_PROXY": "http://127.0.0.1:1"]
      let mock = try await program.run("job.lua", "--mock=fast", environment: environment)
      #expect(mock.status == 0, "\(mock.errors)")
      let other = try await program.run("job.lua", "--base-url", "http://example.invalid/v1", environment: environment)
      #expect(other.status == 69)
      #expect(other.errors.contains("127.0.0.1 port 1"))  // the proxy was asked
    }
  }

  @Test func `without mock and key the program says what to set, in one screen`() async throws {
    try await Program.inFolder { program in
      try program.write("job.lua", echoJob)
      try program.write("in.txt", "x\n")
      let result = try await program.run("job.lua")
      #expect(result.status == 78)
      #expect(result.errors.split(separator: "\n").count < 24)
      #expect(result.errors.contains("export HOLYSHEEP_API_KEY="))
      #expect(!program.exists("out.jsonl.part"))
    }
  }

  @Test func `the summary of --json has the names of stats, and its counts add up`() async throws {
    try await Program.inFolder { program in
      try program.write("job.lua", echoJob)
      try program.write("in.txt", (1...100).map { "\($0)\n" }.joined())
      let behavior = MockBehavior(errors: [.server(share: 0.2)], reply: .echo)
      try await MockServer.run(behavior) { server in
        let result = try await program.run(
          "job.lua", "--base-url", server.baseURL, "--json", "-q", "--max-attempts", "1")
        let json = try #require(
          try JSONSerialization.jsonObject(with: Data(result.output.utf8)) as? [String: Any], "\(result.output)")
        let items = try #require(json["items"] as? [String: Int])
        let errors = try #require(json["errors"] as? [String: Int])
        #expect(items["total"] == 100)
        #expect(items["ok"]! + items["failed"]! + items["skipped"]! + items["unfinished"]! == 100)
        #expect(errors["server"] == items["failed"])
        #expect(items["failed"]! > 5)
        #expect(json["exit_code"] as? Int == 1)
        #expect(result.status == 1)
        #expect(result.errors.isEmpty)
      }
    }
  }

  @Test func `the key is in no file and no message, whatever happens`() async throws {
    try await Program.inFolder { program in
      let key = "sk-CANARY-\(UUID().uuidString)"
      try program.write("job.lua", echoJob)
      try program.write("in.txt", "a\nb\nc\n")
      let behavior = MockBehavior(
        reply: .custom { request in
          .error(status: 401, message: "refused: \(request.headers["authorization"] ?? "-")", type: "x")
        })
      try await MockServer.run(behavior) { server in
        let environment = ["OPENAI_BASE_URL": server.baseURL, "OPENAI_API_KEY": key]
        let run = try await program.run("job.lua", "-v", "--json", environment: environment)
        let check = try await program.run("check", "job.lua", environment: environment)
        #expect(run.status == 77)
        #expect(server.requestsReceived == 1)
        var texts = [run.output, run.errors, check.output, check.errors]
        for file in try program.files { texts.append(try program.read(file)) }
        #expect(texts.contains { $0.contains("refused: Bearer ***") })
        #expect(!texts.contains { $0.contains(key) })
      }
    }
  }
}
