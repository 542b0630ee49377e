import Foundation
import JobrunMock
import Testing

private let job = """
  return { input = "in.txt", output = "out.jsonl", model = "m", concurrency = 4,
    prompt = function(item) return item.text end,
    parse = function(reply, item, ctx) return { id = ctx.id } end }
  """

@Suite(.serialized) struct EndingTests {
  @Test func `the first signal drains: what is in flight is written, and the status is 75`() async throws {
    try await Program.inFolder { program in
      try program.write("job.lua", job)
      try program.write("in.txt", (1...100_000).map { "\($0)\n" }.joined())
      try await MockServer.run(MockBehavior(latency: .fixed(.milliseconds(30)))) { server in
        let (process, output, errors) = program.process(["job.lua", "--base-url", server.baseURL, "--json"])
        try process.run()
        await server.requests(atLeast: 20)
        process.interrupt()
        let result = await Program.result(of: process, output, errors)
        #expect(result.status == 75, "\(result.errors)")
        #expect(process.terminationReason == .exit)
        #expect(try program.lines("out.jsonl").count == server.requestsReceived)
        #expect(result.errors.contains("starting nothing new"))
        #expect(result.errors.contains("unfinished"))
        let json = try #require(try JSONSerialization.jsonObject(with: Data(result.output.utf8)) as? [String: Any])
        let items = try #require(json["items"] as? [String: Int])
        #expect(items["ok"]! == server.requestsReceived)
        #expect(items["unfinished"]! > 0)
        #expect(items["total"] == nil)  // nobody counted the rest of the input
      }
    }
  }

  @Test func `the second signal stops at once, and an old output stays as it was`() async throws {
    try await Program.inFolder { program in
      try program.write("job.lua", job)
      try program.write("out.jsonl", "old\n")
      try program.write("in.txt", (1...50).map { "\($0)\n" }.joined())
      // The first request goes alone; the four behind it are never answered.
      let stalls = MockScript.perRequest { $0.ordinal == 1 ? [.answer] : .stalled }
      try await MockServer.run(MockBehavior(script: stalls)) { server in
        let (process, output, errors) = program.process(["job.lua", "--base-url", server.baseURL])
        try process.run()
        await server.requests(atLeast: 5)
        process.terminate()
        // The second one is sent when the first was answered, so that they cannot become one.
        _ = await Program.read(errors, until: "starting nothing new")
        process.terminate()
        let result = await Program.result(of: process, output, errors)
        #expect(result.status == 143, "\(result.errors)")
        #expect(process.terminationReason == .exit)
        #expect(result.errors.contains("stopping now"))
        #expect(try program.read("out.jsonl") == "old\n")
      }
    }
  }

  @Test func `a signal ends a run that waits for its standard input`() async throws {
    try await Program.inFolder { program in
      try program.write("job.lua", job)
      try await MockServer.run { server in
        let (process, output, errors) = program.process(
          ["job.lua", "--base-url", server.baseURL, "--input", "-", "--output", "-"])
        let input = Pipe()
        process.standardInput = input
        try process.run()
        input.fileHandleForWriting.write(Data("one\n".utf8))
        await server.requests(atLeast: 1)
        process.interrupt()
        let result = await Program.result(of: process, output, errors)
        #expect(result.status == 75)
        #expect(result.output == "{\"id\":1}\n")
      }
    }
  }

  @Test func `a full disk ends the run with status 74, and says where`() async throws {
    try await Program.inFolder { program in
      try program.write("job.lua", job)
      try program.write("in.txt", (1...50).map { "\($0)\n" }.joined())
      try await MockServer.run { server in
        let result = try await program.run("job.lua", "--base-url", server.baseURL, "--output", "/dev/full")
        #expect(result.status == 74)
        #expect(result.errors.contains("jobrun: cannot write /dev/full: No space left on device\n"))
      }
    }
  }

  @Test func `an output that cannot be created costs no request`() async throws {
    try await Program.inFolder { program in
      try program.write("job.lua", job)
      try program.write("in.txt", "x\n")
      try program.write("file", "")
      try await MockServer.run { server in
        let result = try await program.run("job.lua", "--base-url", server.baseURL, "--output", "file/out.jsonl")
        #expect(result.status == 73)
        #expect(server.requestsReceived == 0)
      }
    }
  }

  @Test func `an old output stays whole until the new one is complete, also when the new run fails`() async throws {
    try await Program.inFolder { program in
      try program.write(
        "job.lua",
        """
        return { input = "in.csv", output = "out.jsonl", model = "m",
          prompt = function(item) return item.a end, finish = function() error("no report") end }
        """)
      try program.write("out.jsonl", "old\n")
      try program.write("in.csv", "a,b\n1,2\n")
      try await MockServer.run { server in
        let finish = try await program.run("job.lua", "--base-url", server.baseURL)
        #expect(finish.status == 78)
        #expect(finish.errors.contains("no report"))
        // The rows are all there before `finish` runs, which may read them: they stay.
        #expect(try program.read("out.jsonl").contains("\"id\":1"))
        try program.write("out.jsonl", "old\n")
        try program.write("in.csv", "a,a\n1,2\n")
        let header = try await program.run("job.lua", "--base-url", server.baseURL)
        #expect(header.status == 65)
        #expect(header.errors.contains("in.csv"))
        #expect(try program.read("out.jsonl") == "old\n")
      }
    }
  }

  private static let endings: [(arguments: String, status: Int32)] = [
    ("run", 64), ("--no-such-option job.lua", 64), ("no-such-job.lua", 66),
    ("job.lua --mock=fast --input no-such-input.txt", 66), ("job.lua --mock=fast --input no-such-input", 66),
    ("job.lua --mock=fast --input .", 66), ("job.lua --mock=fast --concurrency 0", 64),
    ("job.lua --mock=fast --concurrency many", 64),
    ("job.lua --mock=fast --concurrency auto", 0), ("job.lua --mock=fast --rpm 0", 64),
    ("job.lua --mock=fast --rpm 60000 --tpm 1e9 --max-attempts 2", 0), ("job.lua --mock=fast --max-attempts 0", 64),
    ("job.lua --mock=fast --timeout nan", 64), ("job.lua --mock=fast --order random", 64),
    ("job.lua --mock=fast --output in.txt", 64), ("job.lua --mock=fast --output x.parquet", 64),
    ("wrong.lua --mock=fast", 78), ("job.lua --base-url ftp://x", 78),
    ("job.lua --api-key-file in.txt --base-url http://localhost:1", 64), ("--version", 0), ("--help", 0),
    ("types", 0), ("job.lua --mock=fast", 0),
  ]

  @Test(arguments: endings)
  func `every ending has its exit status`(arguments: String, status: Int32) async throws {
    try await Program.inFolder { program in
      try program.write("job.lua", job)
      try program.write("wrong.lua", "return { promt = 1 }")
      try program.write("in.txt", "x\n")
      let (process, output, errors) = program.process(arguments.split(separator: " ").map(String.init))
      try process.run()
      let result = await Program.result(of: process, output, errors)
      #expect(result.status == status, "\(arguments): \(result.errors)")
      if status != 0 { #expect(!result.errors.isEmpty) }
    }
  }

  @Test func `an empty input is no items and status 0`() async throws {
    try await Program.inFolder { program in
      try program.write("job.lua", job)
      try program.write("in.txt", "\n\r\n\n")
      let result = try await program.run("job.lua", "--mock=fast")
      #expect(result.status == 0)
      #expect(result.errors.contains("job: 0 items"))
      #expect(try program.read("out.mock.jsonl").isEmpty)
    }
  }
}
