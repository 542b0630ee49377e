import Foundation
import JobrunMock
import Synchronization

/// A provider that never gives the same answer twice: `TEXT #N` to the N-th request with this prompt. So a row shows
/// which answer it was made of.
final class CountingProvider: Sendable {
  private let state = Mutex<[String: Int]>([:])

  var hits: [String: Int] { state.withLock { $0 } }

  func count(of prompt: String) -> Int { hits[prompt] ?? 0 }

  var total: Int { hits.values.reduce(0, +) }

  /// Answers to so many requests; behind them the money is gone.
  let funds: Int

  init(funds: Int = .max) { self.funds = funds }

  func behavior(latency: MockLatency = .zero) -> MockBehavior {
    MockBehavior(
      latency: latency,
      reply: .custom { request in
        let prompt = request.prompt ?? ""
        let (hit, total) = self.state.withLock { counts in
          let total = counts.values.reduce(0, +)
          if total < self.funds { counts[prompt, default: 0] += 1 }
          return (counts[prompt] ?? 0, total)
        }
        guard total < self.funds else {
          return .error(
            status: 429, message: "You exceeded your current quota", type: "insufficient_quota",
            code: "insufficient_quota")
        }
        return .completion("\(prompt) #\(hit)")
      })
  }
}
