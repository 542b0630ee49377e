import Foundation
import GRDB
import JobrunMock
import Testing

private let job = """
  return { input = "in.txt", output = "out/x.jsonl", model = "m", concurrency = 4,
    prompt = function(item) return item.text end,
    parse = function(reply, item, ctx) return { id = ctx.id } end }
  """

/// Outputs and standard streams that cannot be written, or not to the end.
@Suite(.serialized) struct WritingTests {
  private func inFolder(items: Int, _ body: (Program) async throws -> Void) async throws {
    try await Program.inFolder { program in
      try program.write("job.lua", job)
      try program.write("in.txt", (1...items).map { "\($0)\n" }.joined())
      try await body(program)
    }
  }

  @Test func `when nobody reads the rows any more the run ends with 74, and asks for no more`() async throws {
    try await inFolder(items: 200_000) { program in
      try await MockServer.run { server in
        let (process, output, errors) = program.process(
          ["job.lua", "--base-url", server.baseURL, "--output", "-"])
        try Program.start(process)
        _ = await Program.read(output, until: "\n")
        try output.fileHandleForReading.close()
        let text = await Program.readAll(errors)
        await Program.offPool { process.waitUntilExit() }
        #expect(process.terminationReason == .exit)
        #expect(process.terminationStatus == 74)
        #expect(text.contains("jobrun: cannot write standard output: Broken pipe\n"), "\(text)")
        #expect(server.requestsReceived < 200_000)
      }
    }
  }

  @Test func `a reader of standard error that went away does not matter`() async throws {
    try await inFolder(items: 20) { program in
      let (process, output, errors) = program.process(["job.lua", "--mock=fast", "-v", "--output", "-"])
      try errors.fileHandleForReading.close()
      try Program.start(process)
      let rows = await Program.readAll(output)
      await Program.offPool { process.waitUntilExit() }
      #expect(process.terminationReason == .exit)
      #expect(process.terminationStatus == 0)
      #expect(rows == (1...20).map { "{\"id\":\($0)}\n" }.joined())
    }
  }

  @Test func `a summary that nobody reads does not matter`() async throws {
    try await inFolder(items: 20) { program in
      // The mock server has SIGPIPE ignored for its whole process, and so for those that it starts.
      let defaultSignal = #"exec env --default-signal=PIPE "$0" "$@""#
      try await MockServer.run { server in
        let (process, output, errors) = program.process(
          ["job.lua", "--base-url", server.baseURL, "--json"], after: defaultSignal)
        try output.fileHandleForReading.close()
        try Program.start(process)
        _ = await Program.readAll(errors)
        await Program.offPool { process.waitUntilExit() }
        #expect(process.terminationReason == .exit)
        #expect(process.terminationStatus == 0)
        #expect(try program.lines("out/x.jsonl").count == 20)
      }
    }
  }

  /// A number that is free would be given to the next file, and messages would go into it.
  @Test(arguments: ["2>&-", "0<&- 1>&- 2>&-"])
  func `a run without standard streams writes its rows and nothing else`(redirection: String) async throws {
    try await inFolder(items: 20) { program in
      let (process, output, errors) = program.process(
        ["job.lua", "--mock=fast", "-v", "--output", "rows.jsonl"], after: "exec \(redirection)")
      try Program.start(process)
      let result = await Program.result(of: process, output, errors)
      #expect(result.status == 0)
      #expect(try program.read("rows.jsonl") == (1...20).map { "{\"id\":\($0)}\n" }.joined())
      #expect(try program.read("in.txt") == (1...20).map { "\($0)\n" }.joined())
    }
  }

  @Test func `a standard output or input that is closed is an error where it is asked for`() async throws {
    try await inFolder(items: 1) { program in
      for (stream, redirection) in [("output", "1>&-"), ("input", "0<&-")] {
        let (process, output, errors) = program.process(
          ["job.lua", "--mock=fast", "--\(stream)", "-"], after: "exec \(redirection)")
        try Program.start(process)
        let result = await Program.result(of: process, output, errors)
        #expect(result.status == 74)
        #expect(result.errors.contains("standard \(stream): Bad file descriptor"), "\(result.errors)")
      }
    }
  }

  /// 2 MiB: the shell counts blocks of 512 bytes.
  private static let fileSizeLimit = "ulimit -f 4096"

  @Test func `a limit on the size of files ends the run with 74, and the old output stays`() async throws {
    try await inFolder(items: 100) { program in
      try program.write("job.lua", job.replacing("id = ctx.id", with: #"id = ctx.id, text = ("x"):rep(40000)"#))
      try program.write("out/x.jsonl", "old\n")
      try await MockServer.run { server in
        let (process, output, errors) = program.process(
          ["job.lua", "--base-url", server.baseURL], after: Self.fileSizeLimit)
        try Program.start(process)
        let result = await Program.result(of: process, output, errors)
        #expect(process.terminationReason == .exit)
        #expect(result.status == 74)
        #expect(result.errors.contains("cannot write "))
        #expect(result.errors.contains("out/x.jsonl.part: File too large\n"), "\(result.errors)")
        #expect(try program.read("out/x.jsonl") == "old\n")
      }
    }
  }

  @Test func `a limit on the size of files holds for those of finish, too`() async throws {
    try await inFolder(items: 2) { program in
      let finish = #"finish = function() return { report = ("x"):rep(3000000) } end, concurrency"#
      try program.write("job.lua", job.replacing("concurrency", with: finish))
      let (process, output, errors) = program.process(
        ["job.lua", "--mock=fast", "--output", "x.jsonl"], after: Self.fileSizeLimit)
      try Program.start(process)
      let result = await Program.result(of: process, output, errors)
      #expect(process.terminationReason == .exit)
      #expect(result.status == 74)
      #expect(result.errors.contains("cannot write report.part: File too large\n"), "\(result.errors)")
      #expect(try program.lines("x.jsonl").count == 2)
    }
  }

  @Test(
    arguments: [
      ("/sys/x.jsonl", "cannot create /sys/x.jsonl."),
      ("/proc/new/x.jsonl", "cannot create the folder /proc/new: "),
      ("taken.jsonl", "taken.failed.jsonl: a folder has this name"),
    ])
  func `where the output cannot be made no request is sent`(path: String, message: String) async throws {
    try await inFolder(items: 1) { program in
      try program.write("taken.failed.jsonl/file", "")
      try await MockServer.run { server in
        let result = try await program.run("job.lua", "--base-url", server.baseURL, "--output", path)
        #expect(result.status == 73)
        #expect(result.errors.contains(message), "\(result.errors)")
        #expect(server.requestsReceived == 0)
      }
    }
  }

  @Test func `an output folder that is deleted during a run ends it at once: no answer could be kept`() async throws {
    try await inFolder(items: 400) { program in
      try await MockServer.run(MockBehavior(latency: .fixed(.milliseconds(10)))) { server in
        let (process, output, errors) = program.process(["job.lua", "--base-url", server.baseURL])
        try Program.start(process)
        await server.requests(atLeast: 5)
        try FileManager.default.removeItem(at: program.folder.appendingPathComponent("out"))
        let result = await Program.result(of: process, output, errors)
        #expect(result.status == 74, "\(result.errors)")
        #expect(result.errors.contains("x.jsonl.journal: it was deleted"), "\(result.errors)")
        #expect(server.requestsReceived < 100)
        #expect(!program.exists("out/x.jsonl"))
      }
    }
  }

  @Test(arguments: [200, 400])
  func `an output folder that is moved during a run ends it with 73, and its journal has every answer`(
    status: Int
  ) async throws {
    try await inFolder(items: 40) { program in
      let replies = MockReply.custom {
        status == 200 || $0.ordinal < 20 ? .completion("x") : .error(status: status, message: "no", type: "x")
      }
      try await MockServer.run(MockBehavior(latency: .fixed(.milliseconds(10)), reply: replies)) { server in
        let (process, output, errors) = program.process(["job.lua", "--base-url", server.baseURL])
        try Program.start(process)
        await server.requests(atLeast: 5)
        try FileManager.default.moveItem(
          at: program.folder.appendingPathComponent("out"), to: program.folder.appendingPathComponent("moved"))
        let result = await Program.result(of: process, output, errors)
        #expect(result.status == 73, "\(result.errors)")
        #expect(result.errors.contains("out/x.jsonl.part"), "\(result.errors)")
        #expect(!program.exists("out/x.jsonl"))
        let answers = try program.journal("moved/x.jsonl.journal") {
          try Int.fetchOne($0, sql: "SELECT count(*) FROM answer")
        }
        #expect(answers == (status == 200 ? 40 : 19))
      }
    }
  }
}
