import JobrunModel
import Testing

@testable import JobrunExecutor

@Suite struct HoldTests {
  @Test func `a refusal keeps everything back until what the provider asked is over`() {
    var hold = Hold()
    let isNew = hold.refused(sentAt: instant(9), wait: .seconds(20), at: instant(10), random: (0, 0))
    #expect(isNew)
    #expect(hold.next(at: instant(10)) == .until(instant(30)))
    #expect(hold.next(at: instant(29.9)) == .until(instant(30)))
    #expect(hold.next(at: instant(30)) == .none)
  }

  @Test func `processes do not come back together, and never before the hint`() {
    var hold = Hold()
    _ = hold.refused(sentAt: instant(9), wait: .seconds(20), at: instant(10), random: (0.999, 0.999))
    guard case .held(let until) = hold.state else { return #expect(Bool(false)) }
    #expect(until > instant(32) && until < instant(32.3))
  }

  @Test func `without a hint the wait doubles with each episode, up to 20 s`() {
    var hold = Hold()
    var waits: [Double] = []
    for number in 1...8 {
      let now = instant(Double(number) * 100)
      _ = hold.refused(sentAt: now, wait: nil, at: now, random: (0.5, 0))
      if case .held(let until) = hold.state { waits.append(now.duration(to: until).seconds) }
    }
    #expect(waits == [0.75, 1.5, 3, 6, 12, 15, 15, 15])
    #expect(hold.strikes == 8)
  }

  @Test func `echoes of an episode are no new one, and only make it longer`() {
    var hold = Hold()
    let isNew = hold.refused(sentAt: instant(9), wait: .seconds(5), at: instant(10), random: (0, 0))
    #expect(isNew)
    let isNew2 = hold.refused(sentAt: instant(9.5), wait: nil, at: instant(10.1), random: (0.5, 0))
    #expect(!isNew2)
    let isNew3 = hold.refused(sentAt: instant(9.5), wait: .seconds(1), at: instant(10.2), random: (0, 0))
    #expect(!isNew3)
    #expect(hold.next(at: instant(10.2)) == .until(instant(15)))
    let isNew4 = hold.refused(sentAt: instant(9.5), wait: .seconds(9), at: instant(10.3), random: (0, 0))
    #expect(!isNew4)
    #expect(hold.next(at: instant(10.3)) == .until(instant(19.3)))
    #expect(hold.strikes == 1)
  }

  @Test func `an answer opens it, and what comes late from before does not close it`() {
    var hold = Hold()
    _ = hold.refused(sentAt: instant(9), wait: .seconds(1), at: instant(10), random: (0, 0))
    let isProbe = hold.sent(at: instant(11))
    #expect(isProbe)
    // An echo while the probe is out must not let out a second one.
    _ = hold.refused(sentAt: instant(9), wait: .seconds(1), at: instant(11.1), random: (0, 0))
    #expect(hold.next(at: instant(11.2)) != .none)
    hold.accepted(sentAt: instant(11))
    _ = hold.refused(sentAt: instant(9), wait: .seconds(100), at: instant(12), random: (0, 0))
    #expect(hold.state == .open)
    #expect(hold.strikes == 0)
  }

  @Test func `a probe that is not refused for much longer than a refusal takes was let through`() {
    var hold = Hold()
    _ = hold.refused(sentAt: instant(9), wait: .seconds(1), at: instant(9.5), random: (0, 0))
    let isProbe = hold.sent(at: instant(11))
    #expect(isProbe)
    #expect(hold.next(at: instant(12.4)) == .until(instant(12.5)))
    #expect(hold.next(at: instant(12.5)) == .none)
    let isProbe2 = hold.sent(at: instant(12.5))
    #expect(!isProbe2)
    #expect(hold.state == .open)
  }

  @Test func `a probe that fails for another reason is followed by another probe`() {
    var hold = Hold()
    _ = hold.refused(sentAt: instant(9), wait: .seconds(1), at: instant(10), random: (0, 0))
    let isProbe = hold.sent(at: instant(11))
    #expect(isProbe)
    hold.probeFailed(sentAt: instant(11), at: instant(11.1))
    #expect(hold.next(at: instant(11.1)) == .none)
    let isProbe2 = hold.sent(at: instant(11.1))
    #expect(isProbe2)
  }

  @Test func `a probe of an earlier episode says nothing of the present one`() {
    var hold = Hold()
    _ = hold.refused(sentAt: instant(9), wait: .seconds(1), at: instant(10), random: (0, 0))
    _ = hold.sent(at: instant(11))
    _ = hold.sent(at: instant(20))  // it takes long, so it was let through
    _ = hold.refused(sentAt: instant(20), wait: .seconds(30), at: instant(21), random: (0, 0))
    hold.accepted(sentAt: instant(11))
    #expect(hold.state == .held(until: instant(51)))
    _ = hold.sent(at: instant(51))
    hold.probeFailed(sentAt: instant(11), at: instant(51.1))
    #expect(hold.next(at: instant(51.2)) != .none)
  }

  @Test(arguments: 0..<2_000 as Range<UInt64>) func `one probe is out at a time, and it always opens again`(
    seed: UInt64
  ) {
    var random = SplitMix64(seed: seed)
    var hold = Hold()
    var now = instant(1_000)
    var out: [(sentAt: MonotonicInstant, isProbe: Bool)] = []
    var notBefore = now
    for step in 0..<400 {
      now = now + random.magnitude(1e-3, 5)
      let isCalm = step >= 200  // nothing more is refused
      if hold.next(at: now) == .none {
        let wasHeld = hold.state != .open
        let isProbe = hold.sent(at: now)
        #expect(!isProbe || now >= notBefore, "seed \(seed): sooner than the provider asked")
        #expect(isProbe ? hold.next(at: now) != .none : hold.state == .open, "seed \(seed)")
        #expect(wasHeld || !isProbe, "seed \(seed)")
        if isProbe {
          // Others may still be out, if they have taken so long that they were let through, or from earlier episodes.
          let rivals = out.count { other in other.isProbe && hold.began.map { other.sentAt > $0 } ?? true }
          #expect(rivals == 0, "seed \(seed): two probes at once")
        }
        out.append((now, isProbe))
      }
      guard !out.isEmpty, random.chance(0.7) else { continue }
      let request = out.remove(at: random.below(out.count))
      switch random.below(isCalm ? 2 : 4) {
      case 0: hold.accepted(sentAt: request.sentAt)
      case 1: if request.isProbe { hold.probeFailed(sentAt: request.sentAt, at: now) }
      default:
        let wait: Duration? = random.chance(0.5) ? .clamped(seconds: random.magnitude(1e-3, 30)) : nil
        let isNew = hold.refused(
          sentAt: request.sentAt, wait: wait, at: now, random: (random.uniform(), random.uniform()))
        if isNew { notBefore = wait.map { now.advanced(by: $0) } ?? now }
        if isNew, let wait { #expect(hold.next(at: now) != .none, "seed \(seed): \(wait)") }
      }
    }
    for _ in 0..<20 where hold.state != .open {
      now = now + 35
      #expect(hold.next(at: now) == .none, "seed \(seed): stuck")
      if hold.sent(at: now) { hold.accepted(sentAt: now) }
    }
    #expect(hold.state == .open, "seed \(seed)")
  }

  @Test func `no number traps`() {
    var hold = Hold()
    for wait in [nil, Duration.zero, .seconds(-5), .seconds(1e18), .nanoseconds(1), .seconds(Int64.max)] {
      for now in [instant(0), .end] {
        for _ in 0..<100 { _ = hold.refused(sentAt: now, wait: wait, at: now, random: (0.999, 0.999)) }
        _ = hold.sent(at: now)
        _ = hold.refused(sentAt: instant(0), wait: wait, at: now, random: (0, 0))
        hold.accepted(sentAt: now)
        _ = hold.next(at: .end)
      }
    }
  }
}
