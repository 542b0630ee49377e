import JobrunMock
import Synchronization

/// Answers that are all different, `<prompt> #<number>`, and how many of them each prompt has got.
final class UniqueAnswers: Sendable {
  private let counts = Mutex<[String: Int]>([:])

  var total: Int { counts.withLock { $0.values.reduce(0, +) } }

  func count(of prompt: String) -> Int { counts.withLock { $0[prompt] ?? 0 } }

  func behavior(latency: MockLatency = .fixed(.milliseconds(5))) -> MockBehavior {
    MockBehavior(
      latency: latency,
      reply: .custom { request in
        let prompt = request.prompt ?? ""
        let number = self.counts.withLock { counts in
          counts[prompt, default: 0] += 1
          return counts[prompt]!  // just set
        }
        return .completion("\(prompt) #\(number)")
      })
  }
}
