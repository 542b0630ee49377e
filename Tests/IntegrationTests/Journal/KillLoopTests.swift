import Foundation
import JobrunMock
import Testing

/// A short kill loop; `scripts/kill-loop` is the long one.
@Suite struct KillLoopTests {
  struct Variant: Sendable, CustomTestStringConvertible {
    var slots: Int
    var kills: Int
    var distinct: Int
    var dedupe = false
    var testDescription: String { "\(slots) slots, \(distinct) prompts\(dedupe ? ", dedupe" : "")" }
  }

  private static let items = 60
  private static let variants = [
    Variant(slots: 1, kills: 2, distinct: items), Variant(slots: 8, kills: 3, distinct: items),
    Variant(slots: 8, kills: 2, distinct: 20), Variant(slots: 64, kills: 2, distinct: items),
    Variant(slots: 8, kills: 3, distinct: 20, dedupe: true),
  ]

  @Test(arguments: variants)
  func `killed at any request, a run goes on and loses no stored answer`(variant: Variant) async throws {
    let seed = UInt64.random(in: .min ... .max)
    var random = SeededGenerator(state: seed)
    let comment = Comment(rawValue: "seed \(seed)")
    try await Program.inFolder { program in
      let answers = CountingProvider()
      try await MockServer.run(answers.behavior(latency: .fixed(.milliseconds(5)))) { server in
        var trial = try CrashTrial(
          program, server, answers, prompts: (0..<Self.items).map { "prompt \($0 % variant.distinct)" },
          slots: variant.slots, dedupe: variant.dedupe)
        for _ in 0..<variant.kills where trial.known.count < trial.need {
          let (process, output, errors) = program.process(trial.arguments)
          let requests = Int.random(in: 1...(trial.need - trial.known.count), using: &random)
          let goal = server.requestsReceived + requests
          try process.run()
          await server.requests(atLeast: goal)
          kill(process.processIdentifier, SIGKILL)
          let result = await Program.result(of: process, output, errors)
          // It may have been faster than the signal.
          #expect(process.terminationReason == .uncaughtSignal || result.status == 0, comment)
          trial.crashes += 1
          try trial.look(comment)
        }
        let result = try await trial.run()
        #expect(result.status == 0, "\(result.errors)")
        try await trial.checkEnd(comment)
      }
    }
  }
}

/// SplitMix64: the same numbers for the same seed.
struct SeededGenerator: RandomNumberGenerator {
  var state: UInt64

  mutating func next() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    var value = state
    value = (value ^ (value >> 30)) &* 0xBF58_476D_1CE4_E5B9
    value = (value ^ (value >> 27)) &* 0x94D0_49BB_1331_11EB
    return value ^ (value >> 31)
  }
}
