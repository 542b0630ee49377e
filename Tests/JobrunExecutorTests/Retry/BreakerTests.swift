import JobrunModel
import Testing

@testable import JobrunExecutor

@Suite struct BreakerTests {
  private func open(at now: MonotonicInstant) -> Breaker {
    var breaker = Breaker()
    for _ in 0..<10 { breaker.ended(.bad(cost: 5), probeSentAt: nil, at: now, random: 0.5) }
    return breaker
  }

  @Test func `ten failures in a row open it for five seconds`() {
    var breaker = Breaker()
    for _ in 0..<9 { breaker.ended(.bad(cost: 5), probeSentAt: nil, at: instant(10), random: 0.5) }
    breaker.ended(.neutral, probeSentAt: nil, at: instant(10), random: 0.5)
    #expect(breaker.isClosed)
    breaker.ended(.bad(cost: 5), probeSentAt: nil, at: instant(10), random: 0.5)
    #expect(breaker.next(at: instant(10)) == .until(instant(15)))
    #expect(breaker.next(at: instant(15)) == .none)
    #expect(breaker.outage(at: instant(13)) == .seconds(3))
  }

  @Test func `half of twenty outcomes within 20 s open it`() {
    var breaker = Breaker()
    for number in 0..<19 {
      breaker.ended(number % 2 == 0 ? .bad(cost: 0) : .good, probeSentAt: nil, at: instant(10), random: 0.5)
    }
    #expect(breaker.isClosed)
    breaker.ended(.good, probeSentAt: nil, at: instant(10), random: 0.5)
    breaker.ended(.bad(cost: 0), probeSentAt: nil, at: instant(10), random: 0.5)
    #expect(!breaker.isClosed)
  }

  @Test func `one failure in seven is what the budget bears, one in four is not`() {
    for (period, isClosed) in [(7, true), (4, false)] {
      var breaker = Breaker()
      for number in 0..<2_000 {
        let outcome = number % period == 0 ? Breaker.Outcome.bad(cost: 5) : .good
        breaker.ended(outcome, probeSentAt: nil, at: instant(Double(number)), random: 0.5)
        if !breaker.isClosed { break }
      }
      #expect(breaker.isClosed == isClosed, "a failure in \(period)")
    }
  }

  @Test func `after the pause one probe goes, then two, then four, then all`() {
    var breaker = open(at: instant(10))
    let now = instant(20)
    for allowed in [1, 2, 4] {
      for _ in 0..<allowed {
        #expect(breaker.next(at: now) == .none)
        let isProbe = breaker.sent(at: now)
        #expect(isProbe)
      }
      #expect(breaker.next(at: now) == .forAnEvent)
      for _ in 0..<allowed { breaker.ended(.good, probeSentAt: now, at: now, random: 0) }
    }
    #expect(breaker.isClosed)
    #expect(breaker.outage(at: instant(1_000)) == .zero)
    let isProbe = breaker.sent(at: now)
    #expect(!isProbe)
  }

  @Test func `each failed probe doubles the pause, up to two minutes`() {
    var breaker = open(at: instant(10))
    var now = instant(10)
    var pauses: [Double] = []
    for _ in 0..<8 {
      guard case .open(let until) = breaker.state else { return #expect(Bool(false), "\(breaker.state)") }
      pauses.append(now.duration(to: until).seconds)
      now = until
      _ = breaker.sent(at: now)
      breaker.ended(.bad(cost: 5), probeSentAt: now, at: now, random: 0.5)
    }
    #expect(pauses == [5, 10, 20, 40, 80, 120, 120, 120])
    #expect(breaker.outage(at: now) == instant(10).duration(to: now))
  }

  @Test func `a probe of an earlier try says nothing of the present one`() {
    var breaker = open(at: instant(10))
    for now in [instant(20), instant(20)] {
      _ = breaker.sent(at: now)
      breaker.ended(.good, probeSentAt: now, at: now, random: 0)
    }
    for _ in 0..<2 { _ = breaker.sent(at: instant(21)) }
    breaker.ended(.bad(cost: 5), probeSentAt: instant(21), at: instant(22), random: 0.5)
    _ = breaker.sent(at: instant(60))
    breaker.ended(.good, probeSentAt: instant(21), at: instant(61), random: 0)
    #expect(breaker.state == .halfOpen(out: 1, allowed: 1, passed: 0))
  }

  @Test func `a success after a retry gives back what it had cost`() {
    var breaker = Breaker()
    breaker.ended(.bad(cost: 5), probeSentAt: nil, at: instant(0), random: 0)
    #expect(breaker.budget == 95)
    breaker.ended(.good, probeSentAt: nil, isRetry: true, at: instant(0), random: 0)
    #expect(breaker.budget == 100)
  }

  @Test(arguments: 0..<2_000 as Range<UInt64>) func `no more probes are out than allowed, and successes close it`(
    seed: UInt64
  ) {
    var random = SplitMix64(seed: seed)
    var breaker = Breaker()
    var now = instant(1_000)
    var out: [MonotonicInstant] = []  // requests
    var probes: [MonotonicInstant] = []
    var since = now
    func end(_ outcome: Breaker.Outcome) {
      let isProbe = !probes.isEmpty && (out.isEmpty || random.chance(0.5))
      let sentAt = isProbe ? probes.remove(at: random.below(probes.count)) : nil
      if !isProbe, !out.isEmpty { out.removeFirst() }
      breaker.ended(outcome, probeSentAt: sentAt, isRetry: random.chance(0.5), at: now, random: random.uniform())
    }
    for step in 0..<500 {
      now = now + random.magnitude(1e-3, 20)
      if breaker.next(at: now) == .none {
        if case .open = breaker.state { since = now }
        if breaker.sent(at: now) { probes.append(now) } else { out.append(now) }
      }
      if case .halfOpen(let count, let allowed, _) = breaker.state {
        #expect(count <= allowed && allowed <= 4, "seed \(seed)")
        #expect(probes.count { $0 >= since } == count, "seed \(seed)")
      }
      guard !out.isEmpty || !probes.isEmpty else { continue }
      // Bad times and good ones.
      let isBad = random.chance(step / 100 % 2 == 0 ? 0.8 : 0.1)
      end(isBad ? .bad(cost: random.chance(0.5) ? 5 : 10) : random.chance(0.2) ? .neutral : .good)
      #expect(breaker.budget >= 0 && breaker.budget <= 100, "seed \(seed)")
      #expect(breaker.isClosed == (breaker.openSince == nil), "seed \(seed)")
    }
    for _ in 0..<1_000 where !breaker.isClosed {
      now = now + 10
      if breaker.next(at: now) == .none, breaker.sent(at: now) { probes.append(now) }
      if !probes.isEmpty || !out.isEmpty { end(.good) }
    }
    #expect(breaker.isClosed, "seed \(seed): stuck in \(breaker.state)")
  }

  @Test func `no instant traps`() {
    var breaker = Breaker()
    for now in [instant(0), .end, instant(5), .end] {
      for _ in 0..<1_000 {
        breaker.ended(.bad(cost: .greatestFiniteMagnitude), probeSentAt: now, at: now, random: 0.999)
        _ = breaker.next(at: now)
        _ = breaker.sent(at: now)
      }
    }
  }
}
