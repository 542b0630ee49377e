import JobrunModel
import Testing

@testable import JobrunExecutor

@Suite struct WaitClockTests {
  @Test func `each instant counts for one reason, or for none`() {
    var clock = WaitClock(now: instant(100))
    clock.change(to: .requests, at: instant(101))
    clock.change(to: .requests, at: instant(102))
    clock.change(to: .slots, at: instant(104))
    clock.change(to: nil, at: instant(105))
    clock.change(to: .requests, at: instant(110))
    #expect(clock.totals(at: instant(110)) == [.requests: .seconds(3), .slots: .seconds(1)])
  }

  @Test func `the present reason counts up to now, as often as one asks`() {
    var clock = WaitClock(now: instant(0))
    #expect(clock.totals(at: instant(50)).isEmpty)
    clock.change(to: .breaker, at: instant(50))
    #expect(clock.totals(at: instant(51)) == [.breaker: .seconds(1)])
    #expect(clock.totals(at: instant(53)) == [.breaker: .seconds(3)])
  }

  @Test(arguments: 0..<500 as Range<UInt64>) func `the totals are the whole time less that without a reason`(
    seed: UInt64
  ) {
    var random = SplitMix64(seed: seed)
    var clock = WaitClock(now: MonotonicInstant(nanoseconds: 0))
    var (now, idle, reason) = (0 as Int64, 0 as Int64, nil as WaitReason?)
    for _ in 0..<200 {
      let step = Int64(random.below(1_000_000_000))
      now += step
      if reason == nil { idle += step }
      reason = random.chance(0.2) ? nil : WaitReason.allCases[random.below(WaitReason.allCases.count)]
      clock.change(to: reason, at: MonotonicInstant(nanoseconds: now))
    }
    let total = clock.totals(at: MonotonicInstant(nanoseconds: now)).values.reduce(.zero, +)
    #expect(total == .nanoseconds(now - idle), "seed \(seed)")
  }
}
