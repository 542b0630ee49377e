import Foundation
import JobrunMock
import Testing

/// Each call that changes the journal or the output, made to kill the run or to fail; here some of them, all of them with
/// `scripts/kill-loop --enumerate`.
@Suite(.enabled(if: CrashPoints.library != nil, "no C compiler for scripts/crashes/crash_points.c"))
struct CrashEnumerationTests {
  private static let items = 6
  private static let slots = 2
  /// Every so many calls; the first one differs between the effects.
  private static let step = 6

  private func withTrial(_ body: (inout CrashTrial) async throws -> Void) async throws {
    try await Program.inFolder { program in
      let answers = CountingProvider()
      try await MockServer.run(answers.behavior(latency: .fixed(.milliseconds(2)))) { server in
        var trial = try CrashTrial(
          program, server, answers, prompts: (1...Self.items).map { "prompt \($0)" }, slots: Self.slots)
        try await body(&trial)
      }
    }
  }

  /// The next run, without trouble, ends well.
  private func goOn(_ trial: inout CrashTrial, _ comment: Comment) async throws {
    try trial.look(comment)
    let next = try await trial.run()
    #expect(next.status == 0, "\(comment): \(next.errors)")
    try await trial.checkEnd(comment)
  }

  @Test(arguments: [(CrashPoints.Effect.kill, 1), (.tear, 4)])
  func `killed at a call, a run goes on and loses no stored answer`(effect: CrashPoints.Effect, first: Int) async throws
  {
    var isReached = true
    for number in sequence(first: first, next: { $0 + Self.step }) {
      try await withTrial { trial in
        let ending = try await CrashPoints.run(trial, call: number, effect)
        isReached = ending.call != nil
        let comment = Comment(rawValue: "call \(number): \(ending.call ?? "none")")
        if isReached {
          #expect(ending.wasKilled, comment)
          trial.crashes = 1
          try await goOn(&trial, comment)
        }
      }
      if !isReached { break }
    }
  }

  @Test(arguments: [(EIO, 2), (ENOSPC, 3), (EDQUOT, 5)])
  func `where a call fails the run ends by itself, says what to do, and goes on later`(
    error: Int32, first: Int
  ) async throws {
    var isReached = true
    for number in sequence(first: first, next: { $0 + Self.step }) {
      try await withTrial { trial in
        let ending = try await CrashPoints.run(trial, call: number, .error(error))
        guard let call = ending.call else {
          isReached = false
          return
        }
        let (status, errors) = (ending.result.status, ending.result.errors)
        let comment = Comment(rawValue: "call \(number): \(call): \(status) \(errors)")
        #expect(!ending.wasKilled && [0, 73, 74].contains(status), comment)
        if call.hasPrefix("rename") { #expect(status == 73, comment) }
        if status == 73 { #expect(errors.contains(String(cString: strerror(error))), comment) }
        if status == 74 {
          let advice = ["run the same command again", "go on with:", "cannot keep a journal"]
          #expect(advice.contains { errors.contains($0) }, comment)
        }
        if errors.contains("could not be stored") {
          // A lack of room may pass, but a failed sync is final.
          #expect(errors.contains(String(cString: strerror(error))), comment)
          #expect(error == EIO || call.hasPrefix("fdatasync"), comment)
        }
        trial.crashes = 1
        try await goOn(&trial, comment)
      }
      if !isReached { break }
    }
  }
}
