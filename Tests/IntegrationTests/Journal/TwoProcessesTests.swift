import Foundation
import JobrunMock
import Synchronization
import Testing

@Suite struct TwoProcessesTests {
  @Test func `a second process on a journal is refused and told who has it; a dead one's lock is free`() async throws {
    try await Program.inFolder { program in
      let answers = CountingProvider()
      let isStalled = Mutex(true)
      var behavior = answers.behavior(latency: .fixed(.milliseconds(5)))
      // The first request is answered; those behind it wait as long as the first process lives.
      behavior.script = .perRequest { request in
        isStalled.withLock { $0 } && request.ordinal > 1 ? [.stall] : [.answer]
      }
      try await MockServer.run(behavior) { server in
        var trial = try CrashTrial(program, server, answers, prompts: (1...6).map { "prompt \($0)" }, slots: 2)
        let (process, output, errors) = program.process(trial.arguments)
        try process.run()
        await server.requests(atLeast: 3)
        try trial.look()
        #expect(trial.known.count == 1)
        let part = try FileManager.default.attributesOfItem(atPath: program.folder.path + "/out.jsonl.part")

        for arguments in [[], ["--offline"], ["--fresh"], ["--failed"], ["--limit", "1"]] {
          let (second, secondOutput, secondErrors) = program.process(trial.arguments + arguments)
          try second.run()
          let refused = await Program.result(of: second, secondOutput, secondErrors)
          #expect(refused.status == 74, "\(arguments): \(refused.errors)")
          #expect(refused.errors.contains("process \(process.processIdentifier) on "), "\(refused.errors)")
          #expect(refused.errors.contains("--output FILE"))
        }
        #expect(server.requestsReceived == 3)
        try trial.look()
        let partNow = try FileManager.default.attributesOfItem(atPath: program.folder.path + "/out.jsonl.part")
        #expect(part[.systemFileNumber] as? Int == partNow[.systemFileNumber] as? Int)
        #expect(process.isRunning)

        kill(process.processIdentifier, SIGKILL)
        _ = await Program.result(of: process, output, errors)
        trial.crashes = 1
        isStalled.withLock { $0 = false }
        let next = try await trial.run()
        #expect(next.status == 0, "\(next.errors)")
        #expect(next.errors.contains("going on: 1 answer to reuse"))
        #expect(next.errors.contains("2 requests in flight"))
        try await trial.checkEnd()
      }
    }
  }
}
