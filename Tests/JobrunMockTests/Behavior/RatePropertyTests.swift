import Testing

@testable import JobrunMock

@Suite("No window ever has more than the limit, whatever comes")
struct RatePropertyTests {
  private struct Arrival {
    var at: Duration
    var tokens: Int
  }

  /// Requests in bursts and pauses, of few and many tokens, and those that come back when told to.
  private func accepted(_ limits: MockLimits, seed: UInt64) throws -> [Arrival] {
    var random = SplitMix(state: seed)
    var account = RateAccount(limits)
    var now = Duration.zero
    var accepted: [Arrival] = []
    for _ in 0..<3000 {
      let tokens = Int.random(in: 1...900, using: &random)
      switch account.admit(tokens: tokens, at: now) {
      case nil: accepted.append(Arrival(at: now, tokens: tokens))
      case .rate(_, _, _, let wait)? where Int.random(in: 0..<4, using: &random) == 0:
        #expect(wait > .zero)
        now += wait
        // Alone, whoever waits as told is let in.
        #expect(account.admit(tokens: tokens, at: now) == nil)
        accepted.append(Arrival(at: now, tokens: tokens))
      default: break
      }
      if Int.random(in: 0..<5, using: &random) == 0 { now += .milliseconds(Int.random(in: 0...3000, using: &random)) }
    }
    return accepted
  }

  /// The most that a window of this length has, each begun by an accepted request.
  private func most(_ accepted: [Arrival], in span: Duration, of cost: (Arrival) -> Int) -> Int {
    var (first, sum, most) = (0, 0, 0)
    for arrival in accepted {
      sum += cost(arrival)
      while accepted[first].at <= arrival.at - span {
        sum -= cost(accepted[first])
        first += 1
      }
      most = max(most, sum)
    }
    return most
  }

  @Test(arguments: 1...5 as ClosedRange<UInt64>, [true, false])
  func `a sliding minute`(seed: UInt64, countsRejected: Bool) throws {
    let limits = MockLimits(
      requestsPerMinute: 90, tokensPerMinute: 30_000, window: .slidingMinute, countsRejected: countsRejected)
    let accepted = try accepted(limits, seed: seed)
    #expect(most(accepted, in: .seconds(60)) { _ in 1 } <= 90)
    #expect(most(accepted, in: .seconds(60), of: \.tokens) <= 30_000)
    #expect(accepted.count > 90)
  }

  @Test(arguments: 1...5 as ClosedRange<UInt64>, [true, false])
  func `by the second`(seed: UInt64, countsRejected: Bool) throws {
    let limits = MockLimits(
      requestsPerMinute: 200, tokensPerMinute: 30_000, window: .perSecond, countsRejected: countsRejected)
    let accepted = try accepted(limits, seed: seed)
    #expect(most(accepted, in: .seconds(1)) { _ in 1 } <= 3)
    #expect(most(accepted, in: .seconds(10), of: \.tokens) <= 5000)
    #expect(accepted.count > 90)
  }

  @Test(arguments: 1...5 as ClosedRange<UInt64>, [1, 10, 60])
  func `a bucket lets in its burst and what flows in`(seed: UInt64, burst: Int) throws {
    let limits = MockLimits(
      requestsPerMinute: 200, tokensPerMinute: 30_000, window: .tokenBucket(burst: .seconds(burst)))
    let accepted = try accepted(limits, seed: seed)
    for span in [1, 10, 60] {
      let (requests, tokens) = (200.0 / 60, 30_000.0 / 60)
      #expect(
        Double(most(accepted, in: .seconds(span)) { _ in 1 }) <= requests * Double(burst + span) + 1e-3)
      #expect(
        Double(most(accepted, in: .seconds(span), of: \.tokens))
          <= max(tokens * Double(burst), 900) + tokens * Double(span) + 1e-3)
    }
    #expect(accepted.count > 90)
  }
}
