import JobrunModel
import Testing

@testable import JobrunExecutor

@Suite struct RequestRateTests {
  /// Sends as soon as it may, until an instant.
  private func sends(_ rate: inout RequestRate, from start: MonotonicInstant, until end: MonotonicInstant) -> Int {
    var (now, count) = (start, 0)
    while now <= end {
      let next = rate.next(at: now)
      if next > now {
        now = next
        continue
      }
      rate.take(at: now)
      count += 1
    }
    return count
  }

  @Test func `600 a minute are 9.5 a second, without a burst at the start`() {
    var rate = RequestRate(perMinute: 600, burstSeconds: 1, now: instant(100))
    #expect(rate.burst == 9)
    #expect(sends(&rate, from: instant(100), until: instant(110)) == 96)
  }

  @Test func `after a pause a second's worth goes at once`() {
    var rate = RequestRate(perMinute: 600, burstSeconds: 1, now: instant(100))
    #expect(sends(&rate, from: instant(200), until: instant(200)) == 9)
    rate.forbidBurst(now: instant(300))
    #expect(sends(&rate, from: instant(400), until: instant(400)) == 1)
    rate.change(perMinute: 6_000)
    #expect(rate.burst == 1)
  }

  @Test func `less than one a second is one at a time`() {
    var rate = RequestRate(perMinute: 3, burstSeconds: 1, now: instant(0))
    #expect(rate.burst == 1)
    #expect(sends(&rate, from: instant(0), until: instant(60)) == 3)
  }

  @Test func `a dropped burst leaves the next one free to go`() {
    var rate = RequestRate(perMinute: 600, burstSeconds: 1, now: instant(0))
    rate.dropBurst(now: instant(50))
    #expect(rate.next(at: instant(50)) <= instant(50))
    #expect(sends(&rate, from: instant(50), until: instant(50)) == 1)
  }

  @Test func `another limit holds from the next request on`() {
    var rate = RequestRate(perMinute: 60, burstSeconds: 1, now: instant(0))
    rate.take(at: instant(0))
    rate.change(perMinute: 600)
    #expect(rate.next(at: instant(1)) <= instant(1))
    rate.change(perMinute: 6)
    rate.take(at: instant(2))
    #expect(rate.next(at: instant(2)) > instant(12))
  }

  @Test(arguments: 0..<2_000 as Range<UInt64>) func `in no window more go than the burst and the rate allow`(
    seed: UInt64
  ) {
    var random = SplitMix64(seed: seed)
    let start = instant(random.uniform() * 1e6)
    let perMinute = random.magnitude(0.5, 1e6)
    var rate = RequestRate(perMinute: perMinute, burstSeconds: 10 * random.uniform(), now: start)
    var now = start
    var sent: [MonotonicInstant] = []
    for _ in 0..<60 {
      // Pauses, impatience, and the instant that was told.
      switch random.below(4) {
      case 0: now = now + 20 * random.uniform() * 60 / perMinute
      case 1: rate.dropBurst(now: now)
      default:
        let next = rate.next(at: now)
        #expect(rate.next(at: now + random.uniform()) >= next, "seed \(seed)")
        now = max(now, next)
        #expect(rate.next(at: now) <= now, "seed \(seed): not admitted at the instant that was told")
      }
      guard rate.next(at: now) <= now else { continue }
      rate.take(at: now)
      sent.append(now)
    }
    for first in sent.indices {
      for last in sent.indices[first...] {
        let elapsed = sent[last].nanoseconds - sent[first].nanoseconds
        let allowed = rate.burst + elapsed / rate.interval
        #expect(last - first + 1 <= allowed, "seed \(seed): \(last - first + 1) in \(elapsed) ns")
      }
    }
    let limit = perMinute * RequestRate.headroom / 60e9
    #expect(1 / Double(rate.interval) <= limit * 1.001 + 1e-15, "seed \(seed)")
  }

  @Test(arguments: [1e-9, 1e-3, 60, 1e15, .greatestFiniteMagnitude], [0, 1, 1e9, .infinity]) func `no number traps`(
    perMinute: Double, burstSeconds: Double
  ) {
    for start in [MonotonicInstant(nanoseconds: 0), instant(9e9), .end] {
      var rate = RequestRate(perMinute: perMinute, burstSeconds: burstSeconds, now: start)
      for now in [start, start + 1, .end] {
        _ = rate.next(at: now)
        rate.take(at: now)
        rate.dropBurst(now: now)
      }
      rate.change(perMinute: 1 / perMinute)
      rate.forbidBurst(now: .end)
      _ = rate.next(at: .end)
    }
  }
}
