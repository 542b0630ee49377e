import JobrunModel
import Testing

@testable import JobrunExecutor

@Suite struct SendRateTests {
  /// Sends evenly: the first at the start of second 100, and so many a second.
  private func evenly(_ perSecond: Double, seconds: Double, _ rate: inout SendRate) -> MonotonicInstant {
    for number in 0..<Int(perSecond * seconds) { rate.sent(at: instant(100 + Double(number) / perSecond)) }
    return instant(100 + seconds)
  }

  @Test func `there is no limit until something is refused`() {
    var rate = SendRate()
    _ = evenly(50, seconds: 20, &rate)
    #expect(rate.rate == nil)
    #expect(rate.next(at: instant(120)) == instant(120))
  }

  @Test func `it becomes 0.85 of what was accepted in ten seconds, by the sends`() throws {
    var rate = SendRate()
    let now = evenly(20, seconds: 30, &rate)
    // A quarter was refused, whenever that came to be known.
    for number in 0..<150 { rate.refused(sentAt: instant(100 + Double(number) / 5)) }
    rate.lower(at: now)
    let lowered = try #require(rate.rate)
    #expect(abs(lowered - 0.85 * 15) < 1)
    #expect(rate.next(at: now) > instant(129.95))
  }

  @Test func `it grows by 2 % a second, over its sends`() throws {
    var rate = SendRate()
    let now = evenly(10, seconds: 20, &rate)
    rate.lower(at: now)
    let lowered = try #require(rate.rate)
    for second in 1...10 { rate.sent(at: now + Double(second)) }
    let grown = try #require(rate.rate)
    #expect(abs(grown / lowered - 1.219) < 0.001)
  }

  @Test func `the time in which the first request was alone does not count`() throws {
    var rate = SendRate()
    rate.sent(at: instant(100))
    rate.restart(at: instant(108))
    for _ in 0..<64 { rate.sent(at: instant(108.2)) }
    for _ in 0..<54 { rate.refused(sentAt: instant(108.2)) }
    rate.lower(at: instant(108.3))
    #expect(try #require(rate.rate) == 8.5)
  }

  @Test func `a long hold ends the minute for which requests were accepted`() throws {
    var rate = SendRate()
    let now = evenly(20, seconds: 30, &rate)  // 600
    rate.lower(at: now)
    rate.probes(at: now + 1)
    #expect(try #require(rate.rate) > 16)
    rate.probes(at: now + 30)
    #expect(abs(try #require(rate.rate) - 8.5) < 0.2)
    // It may have been too long: the minute is a minute.
    rate.probes(at: now + 3_000)
    #expect(try #require(rate.rate) > 7)
  }

  @Test func `few requests after a hold are no measurement`() throws {
    var rate = SendRate()
    let now = evenly(20, seconds: 30, &rate)
    rate.lower(at: now)
    rate.probes(at: now + 30)
    let before = try #require(rate.rate)
    rate.sent(at: now + 30)
    rate.sent(at: now + 30.2)
    rate.refused(sentAt: now + 30.2)
    rate.lower(at: now + 30.3)
    #expect(try #require(rate.rate) > before * 0.8)
  }

  @Test func `a long hold is no time in which requests were sent slowly`() throws {
    var rate = SendRate()
    let now = evenly(20, seconds: 30, &rate)
    rate.lower(at: now)
    rate.probes(at: now + 30)
    for number in 0..<12 { rate.sent(at: now + 30 + 0.1 * Double(number)) }
    rate.lower(at: now + 31.2)
    #expect(try #require(rate.rate) > 6)
  }

  @Test func `it is never slower than a request in five seconds`() throws {
    var rate = SendRate()
    let now = evenly(1, seconds: 20, &rate)
    for _ in 0..<100 { rate.lower(at: now) }
    #expect(try #require(rate.rate) == 0.2)
    #expect(rate.next(at: now) == instant(119) + 5)
  }

  @Test(arguments: 0..<2_000 as Range<UInt64>) func `whatever happens, the next request may go within 5 s`(
    seed: UInt64
  ) {
    var random = SplitMix64(seed: seed)
    var rate = SendRate()
    var now = instant(random.uniform() * 1e6)
    for _ in 0..<100 {
      now = now + random.magnitude(1e-6, 1_000)
      switch random.below(6) {
      case 0: rate.lower(at: now)
      case 1: rate.refused(sentAt: now + -100 * random.uniform())
      case 2: rate.probes(at: now)
      case 3 where random.chance(0.1): rate.restart(at: now)
      default:
        let next = rate.next(at: now)
        #expect(next >= now && next <= now + 5, "seed \(seed)")
        #expect(rate.next(at: now + random.uniform()) >= next, "seed \(seed)")
        #expect(rate.next(at: next) == next, "seed \(seed)")
        rate.sent(at: next)
        now = next
      }
      if let rate = rate.rate { #expect(rate >= 0.2 && rate <= 1e6, "seed \(seed)") }
    }
  }

  @Test func `no instant traps`() {
    var rate = SendRate()
    for now in [instant(0), instant(9e9), .end, instant(5), .end] {
      rate.sent(at: now)
      rate.refused(sentAt: instant(0))
      rate.lower(at: now)
      rate.probes(at: now)
      rate.restart(at: now)
      _ = rate.next(at: .end)
    }
  }
}
