import Foundation
import JobrunMock
import Testing

private let job = """
  return { input = "in.txt", output = "out.jsonl", model = "m", concurrency = 4,
    prompt = function(item) return item.text end,
    parse = function(reply, item, ctx) return { id = ctx.id } end }
  """

@Suite(.serialized) struct SignalTests {
  /// The first request goes alone; those behind it are answered late or never.
  private static func behindTheFirst(_ steps: [MockStep]) -> MockBehavior {
    MockBehavior(script: .perRequest { $0.ordinal == 1 ? [.answer] : steps })
  }

  @Test func `a second Ctrl-C ends the run at once with 130, whatever is in flight`() async throws {
    try await Program.inFolder { program in
      try program.write("job.lua", job)
      try program.write("in.txt", (1...50).map { "\($0)\n" }.joined())
      try await MockServer.run(Self.behindTheFirst(.stalled)) { server in
        let (process, output, errors) = program.process(["job.lua", "--base-url", server.baseURL])
        try Program.start(process)
        await server.requests(atLeast: 5)
        process.interrupt()
        _ = await Program.read(errors, until: "starting nothing new")
        process.interrupt()
        let result = await Program.result(of: process, output, errors)
        #expect(result.status == 130, "\(result.errors)")
        #expect(process.terminationReason == .exit)
        #expect(!program.exists("out.jsonl"))
        #expect(try program.lines("out.jsonl.part") == [#"{"id":1}"#])
      }
    }
  }

  @Test func `a run whose items need no answer hears signals, too`() async throws {
    try await Program.inFolder { program in
      try program.write(
        "job.lua",
        """
        return { output = "out.jsonl", model = "m",
          input = function() local n = 0 return function() n = n + 1 return { n = n } end end,
          prompt = function(item) if item.n == 1000 then print("going") end return false end }
        """)
      let (process, output, errors) = program.process(["job.lua", "--mock"])
      try Program.start(process)
      _ = await Program.read(errors, until: "going")
      process.interrupt()
      let killer = Task {
        try await Task.sleep(for: .seconds(20))
        kill(process.processIdentifier, SIGKILL)
      }
      defer { killer.cancel() }
      let result = await Program.result(of: process, output, errors)
      #expect(process.terminationReason == .exit)
      #expect(result.status == 75, "\(result.errors)")
    }
  }

  @Test(arguments: [SIGUSR1, SIGHUP])
  func `a scheduler's signal, or the terminal's end, drains, however often it comes`(signal: Int32) async throws {
    try await Program.inFolder { program in
      try program.write("job.lua", job)
      try program.write("in.txt", (1...50).map { "\($0)\n" }.joined())
      // Long enough for the signal to come before the answers on a busy machine.
      try await MockServer.run(Self.behindTheFirst([.wait(.milliseconds(2_000)), .answer])) { server in
        let (process, output, errors) = program.process(["job.lua", "--base-url", server.baseURL])
        try Program.start(process)
        await server.requests(atLeast: 5)
        for _ in 0..<2 {
          kill(process.processIdentifier, signal)
          _ = await Program.read(errors, until: "starting nothing new")
        }
        let result = await Program.result(of: process, output, errors)
        #expect(result.status == 75, "\(result.errors)")
        #expect(server.requestsReceived == 5)
        #expect(try program.lines("out.jsonl") == (1...5).map { #"{"id":\#($0)}"# })
      }
    }
  }

  @Test func `a SIGHUP that was ignored at the start, as under nohup, stays ignored`() async throws {
    try await Program.inFolder { program in
      try program.write("job.lua", job)
      try program.write("in.txt", (1...50).map { "\($0)\n" }.joined())
      try await MockServer.run(MockBehavior(latency: .fixed(.milliseconds(20)))) { server in
        let (process, output, errors) = program.process(
          ["job.lua", "--base-url", server.baseURL], after: "trap '' HUP")
        try Program.start(process)
        await server.requests(atLeast: 5)
        kill(process.processIdentifier, SIGHUP)
        let result = await Program.result(of: process, output, errors)
        #expect(result.status == 0, "\(result.errors)")
        #expect(try program.lines("out.jsonl").count == 50)
      }
    }
  }

  @Test func `a run that was stopped by Ctrl-Z goes on where it was, and asks nothing twice`() async throws {
    try await Program.inFolder { program in
      try program.write("job.lua", job)
      try program.write("in.txt", (1...50).map { "\($0)\n" }.joined())
      try await MockServer.run(MockBehavior(latency: .fixed(.milliseconds(200)))) { server in
        let (process, output, errors) = program.process(["job.lua", "--base-url", server.baseURL])
        try Program.start(process)
        await server.requests(atLeast: 9)
        kill(process.processIdentifier, SIGTSTP)
        while process.isRunning, try Self.state(of: process) != "T" { await Task.yield() }
        // All that was asked is answered while nobody reads it.
        while process.isRunning, server.inFlight > 0 { await Task.yield() }
        let asked = server.requestsReceived
        #expect(try Self.state(of: process) == "T")
        kill(process.processIdentifier, SIGCONT)
        let result = await Program.result(of: process, output, errors)
        #expect(result.status == 0, "\(result.errors)")
        #expect(asked < 50)
        #expect(server.requestsReceived == 50)
        #expect(try program.lines("out.jsonl").count == 50)
      }
    }
  }

  /// `R`, `S`, `T` (stopped), …
  private static func state(of process: Process) throws -> Substring? {
    let text = try String(contentsOfFile: "/proc/\(process.processIdentifier)/stat", encoding: .utf8)
    return text.split(separator: ")").last?.split(separator: " ").first
  }
}
