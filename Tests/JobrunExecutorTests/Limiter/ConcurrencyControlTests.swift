import JobrunModel
import Testing

@testable import JobrunExecutor

@Suite struct ConcurrencyControlTests {
  private func control(_ minimum: Int = 1, _ maximum: Int = 256) -> ConcurrencyControl {
    ConcurrencyControl(.adaptive(minimum: minimum, maximum: maximum), now: instant(0))
  }

  /// A window of requests under the present limit, on a server whose requests take so long with so many at once.
  private func window(
    _ control: inout ConcurrencyControl, at now: inout MonotonicInstant, latency: (Int) -> Double
  ) {
    let limit = control.limit
    for _ in 0..<max(12, limit / 2) {
      let seconds = latency(limit)
      let sentAt = now
      now = now + seconds
      control.succeeded(sentAt: sentAt, latency: seconds, tokens: 100, inFlight: limit, at: now)
    }
  }

  /// A server that works on so many at once; others wait in its queue.
  private func queueing(_ slots: Int) -> (Int) -> Double { { max(1, Double($0) / Double(slots)) } }

  @Test func `a fixed number stays, is cut by overloads, and comes back by one a round`() {
    var (control, now) = (ConcurrencyControl(.fixed(100), now: instant(0)), instant(0))
    for _ in 0..<10 { window(&control, at: &now, latency: { _ in 1 }) }
    #expect(control.limit == 100)
    for _ in 0..<5 { control.overloaded(sentAt: now, at: now + 1) }
    #expect(control.limit == 70)
    now = now + 2
    for _ in 0..<4 { window(&control, at: &now, latency: { _ in 1 }) }  // half a round each
    #expect(control.limit == 71 || control.limit == 72)
    for _ in 0..<80 { window(&control, at: &now, latency: { _ in 1 }) }
    #expect(control.limit == 100)
  }

  @Test func `another number holds at once, beyond the one at the start too; the same again undoes no cut`() {
    var (control, now) = (ConcurrencyControl(.fixed(10), now: instant(0)), instant(1))
    control.set(.fixed(40), at: now)
    #expect(control.limit == 40)
    for _ in 0..<3 { control.overloaded(sentAt: now, at: now + 1) }
    #expect(control.limit == 28)
    control.set(.fixed(40), at: now + 2)
    #expect(control.limit == 28)
    now = now + 3
    for _ in 0..<40 { window(&control, at: &now, latency: { _ in 1 }) }
    #expect(control.limit == 40)
    control.set(.fixed(3), at: now)
    #expect(control.limit == 3)
    control.overloaded(sentAt: now + -0.5, at: now)  // of before the change
    control.overloaded(sentAt: now + -0.5, at: now)
    #expect(control.limit == 3)
    control.set(.adaptive(minimum: 2, maximum: 64), at: now)
    #expect(control.limit == 3)
    for _ in 0..<3 { window(&control, at: &now, latency: { _ in 1 }) }
    #expect(control.limit == 24)
    control.set(.adaptive(minimum: 30, maximum: 64), at: now)
    #expect(control.limit == 30)
  }

  @Test func `it doubles while that brings more, and goes back when it does not`() {
    var (control, now) = (control(), instant(0))
    var limits: [Int] = []
    for _ in 0..<5 {
      limits.append(control.limit)
      window(&control, at: &now, latency: queueing(32))
    }
    #expect(limits == [8, 16, 32, 64, 32])
  }

  @Test func `it reaches the maximum where nothing keeps it from that, and never goes beyond`() {
    var (control, now) = (control(1, 100), instant(0))
    for _ in 0..<40 {
      window(&control, at: &now, latency: { _ in 1 })
      #expect(control.limit <= 100)
    }
    #expect(control.limit == 100)
  }

  @Test func `after three windows it tries a quarter more, and keeps it where that helps`() {
    var (control, now) = (control(), instant(0))
    for _ in 0..<4 { window(&control, at: &now, latency: queueing(32)) }
    #expect(control.limit == 32)
    for _ in 0..<3 { window(&control, at: &now, latency: queueing(64)) }
    #expect(control.limit == 40)
    window(&control, at: &now, latency: queueing(64))
    #expect(control.limit == 40)
    for _ in 0..<30 { window(&control, at: &now, latency: queueing(64)) }
    #expect(control.limit >= 60 && control.limit <= 80)
  }

  @Test func `overloads cut it to 0.7, once an episode, and a single one is noise`() {
    var (control, now) = (control(), instant(0))
    for _ in 0..<3 { window(&control, at: &now, latency: { _ in 1 }) }
    #expect(control.limit == 64)
    let sentAt = now
    control.overloaded(sentAt: sentAt, at: now + 0.5)
    #expect(control.limit == 64)
    for number in 1...20 {
      let isEcho = !control.overloaded(sentAt: sentAt, at: now + Double(number))
      #expect(isEcho == (number > 1))
    }
    #expect(control.limit == 44)
    for number in 31...32 { control.overloaded(sentAt: now + 30, at: now + Double(number)) }
    #expect(control.limit == 30)
  }

  @Test func `it does not grow while something else keeps requests back`() {
    var (control, now) = (control(), instant(0))
    for _ in 0..<10 {
      control.heldBack()
      window(&control, at: &now, latency: { _ in 1 })
    }
    #expect(control.limit == 8)
    for _ in 0..<200 { control.succeeded(sentAt: now, latency: 1, tokens: nil, inFlight: 2, at: now) }
    #expect(control.limit == 8)
  }

  @Test(arguments: 0..<2_000 as Range<UInt64>) func `whatever happens it stays between its ends`(seed: UInt64) {
    var random = SplitMix64(seed: seed)
    let minimum = 1 + random.below(20)
    let maximum = minimum + random.below(200)
    let isFixed = random.chance(0.3)
    var control = isFixed ? ConcurrencyControl(.fixed(maximum), now: instant(0)) : control(minimum, maximum)
    var now = instant(0)
    for _ in 0..<500 {
      now = now + random.uniform()
      let sentAt = now + -3 * random.uniform()
      switch random.below(20) {
      case 0: control.overloaded(sentAt: sentAt, at: now)
      case 1: control.heldBack()
      default:
        control.succeeded(
          sentAt: now, latency: random.chance(0.1) ? 0 : random.uniform(), tokens: [nil, 0, .max][random.below(3)],
          inFlight: random.below(control.limit + 1), at: now)
      }
      #expect(control.limit >= (isFixed ? 1 : minimum) && control.limit <= maximum, "seed \(seed)")
    }
  }
}
