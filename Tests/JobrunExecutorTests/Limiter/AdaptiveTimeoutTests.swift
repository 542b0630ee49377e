import JobrunModel
import Testing

@testable import JobrunExecutor

@Suite struct AdaptiveTimeoutTests {
  private func timeout(after latencies: [Duration]) -> Duration {
    var timeout = AdaptiveTimeout()
    for latency in latencies { timeout.ended(after: latency) }
    return timeout.total
  }

  @Test func `few answers leave it at the ceiling`() {
    #expect(timeout(after: []) == .seconds(600))
    #expect(timeout(after: Array(repeating: .seconds(1), count: 49)) == .seconds(600))
  }

  @Test func `it is three times the 99th percentile`() {
    let latencies = (1...100).map { Duration.milliseconds($0 * 100) }
    let total = timeout(after: latencies).seconds
    #expect(total > 25 && total < 30.2)
  }

  @Test func `it stays between its floor and its ceiling`() {
    #expect(timeout(after: Array(repeating: .milliseconds(5), count: 60)) == .seconds(10))
    #expect(timeout(after: Array(repeating: .seconds(500), count: 60)) == .seconds(600))
  }

  @Test func `a limit that became too short grows again by the tries that it ended`() {
    var timeout = AdaptiveTimeout()
    for _ in 0..<100 { timeout.ended(after: .seconds(4)) }
    #expect(abs(timeout.total.seconds - 12) < 0.1)
    for _ in 0..<20 { timeout.ended(after: timeout.total) }
    #expect(timeout.total > .seconds(35))
  }

  @Test func `no latency traps`() {
    var timeout = AdaptiveTimeout()
    for latency in [Duration.zero, .seconds(-1), .nanoseconds(Int64.min), .nanoseconds(Int64.max)] {
      for _ in 0..<100 { timeout.ended(after: latency) }
    }
    #expect(timeout.total == .seconds(600))
  }
}
