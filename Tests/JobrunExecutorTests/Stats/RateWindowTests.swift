import JobrunModel
import Testing

@testable import JobrunExecutor

@Suite struct RateWindowTests {
  private func at(_ seconds: Double) -> MonotonicInstant { MonotonicInstant(nanoseconds: Int64(seconds * 1e9)) }

  @Test func `what is older than the window no longer counts`() {
    var window = RateWindow()
    window.begin(at: at(100))
    window.add(.init(requests: 1, tokens: 10), at: at(100.5))
    window.add(.init(requests: 2, failures: 1), at: at(110))
    #expect(window.sums(at: at(129.9)).sums == .init(requests: 3, failures: 1, tokens: 10))
    #expect(window.sums(at: at(130.1)).sums == .init(requests: 2, failures: 1))
    #expect(window.sums(at: at(1_000)).sums == .init())
  }

  @Test func `at the start the rate is over the time since the start, at least a second`() {
    var window = RateWindow()
    window.begin(at: at(100))
    window.add(.init(requests: 1), at: at(100.1))
    #expect(window.sums(at: at(100.2)).seconds == 1)
    #expect(window.sums(at: at(105)).seconds == 5)
    #expect(abs(window.sums(at: at(500.25)).seconds - 29.25) < 1e-6)
  }

  @Test(arguments: 0..<20) func `random entries sum up to what a list of them sums up to`(seed: UInt64) {
    var state = seed &+ 1
    func random(_ below: UInt64) -> UInt64 {
      state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
      return (state >> 33) % below
    }
    var window = RateWindow()
    var list: [(second: Int64, requests: Int)] = []
    var now = Int64(random(1_000))
    for _ in 0..<300 {
      now += Int64(random(10) == 0 ? random(70) : random(2))
      let instant = MonotonicInstant(nanoseconds: now * 1_000_000_000)
      window.add(.init(requests: 1), at: instant)
      list.append((now, 1))
      #expect(window.sums(at: instant).sums.requests == list.count { $0.second > now - 30 })
    }
  }
}
