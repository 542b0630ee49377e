import Testing

@testable import JobrunMock

@Suite("A window has room for its limit and no more")
struct RateWindowTests {
  /// How many of `count` requests at once are accepted.
  private func accepted(_ window: inout any RateWindow, _ count: Int, at now: Duration) -> Int {
    (0..<count).count { _ in
      guard window.wait(for: 1, at: now) == .zero else { return false }
      window.charge(1, isRefused: false, at: now)
      return true
    }
  }

  @Test func `a bucket begins full and refills evenly`() {
    var window = MockWindow.tokenBucket(burst: .seconds(1)).start(limit: 600, axis: .requests)
    #expect(accepted(&window, 20, at: .zero) == 10)
    #expect(window.wait(for: 1, at: .zero) == .milliseconds(100))
    #expect(window.rest(at: .milliseconds(250)).remaining.rounded(.down) == 2)
    #expect(accepted(&window, 20, at: .milliseconds(500)) == 5)
    #expect(window.rest(at: .milliseconds(500)).reset == .seconds(1))
    #expect(accepted(&window, 20, at: .seconds(60)) == 10)
  }

  @Test func `a bucket of a minute takes a minute's requests at once`() {
    var window = MockWindow.tokenBucket().start(limit: 600, axis: .requests)
    #expect(accepted(&window, 1000, at: .zero) == 600)
    #expect(accepted(&window, 1000, at: .seconds(1)) == 10)
  }

  @Test func `what is larger than the bucket needs a full one and leaves a debt`() {
    var window = MockWindow.tokenBucket(burst: .seconds(1)).start(limit: 60_000, axis: .tokens)
    #expect(window.wait(for: 3000, at: .zero) == .zero)
    window.charge(3000, isRefused: false, at: .zero)
    #expect(window.rest(at: .zero) == (0, .seconds(3)))
    #expect(window.wait(for: 500, at: .zero) == .milliseconds(2500))
    #expect(window.wait(for: 3000, at: .seconds(2)) == .seconds(1))
  }

  @Test func `a sliding minute forgets each request after its own minute`() {
    var window = MockWindow.slidingMinute.start(limit: 10, axis: .requests)
    #expect(accepted(&window, 6, at: .seconds(5)) == 6)
    #expect(accepted(&window, 6, at: .seconds(30)) == 4)
    #expect(window.wait(for: 1, at: .seconds(50)) == .seconds(15))
    #expect(window.wait(for: 7, at: .seconds(50)) == .seconds(40))
    #expect(accepted(&window, 9, at: .seconds(65) - .nanoseconds(1)) == 0)
    #expect(accepted(&window, 9, at: .seconds(65)) == 6)
    #expect(window.rest(at: .seconds(65)) == (0, .seconds(60)))
  }

  @Test func `by the second, a second has a sixtieth of the requests`() {
    var window = MockWindow.perSecond.start(limit: 600, axis: .requests)
    #expect(accepted(&window, 100, at: .zero) == 10)
    #expect(accepted(&window, 100, at: .milliseconds(999)) == 0)
    #expect(accepted(&window, 100, at: .seconds(1)) == 10)
  }

  @Test(arguments: [(30.0, 2), (60.0, 1), (0.5, 120)])
  func `below one a second, the next waits its share of the minute`(limit: Double, seconds: Int) {
    var window = MockWindow.perSecond.start(limit: limit, axis: .requests)
    #expect(accepted(&window, 5, at: .zero) == 1)
    #expect(window.wait(for: 1, at: .zero) == .seconds(seconds))
  }

  @Test func `by the second, ten seconds have a sixth of the tokens, or one larger request for as much longer`() {
    var window = MockWindow.perSecond.start(limit: 6000, axis: .tokens)
    window.charge(900, isRefused: false, at: .zero)
    #expect(window.rest(at: .zero).remaining == 100)
    #expect(window.wait(for: 101, at: .seconds(4)) == .seconds(6))
    #expect(window.wait(for: 3000, at: .seconds(4)) == .seconds(6))
    window.charge(3000, isRefused: false, at: .seconds(10))
    #expect(window.wait(for: 1, at: .seconds(10)) == .seconds(30))
  }

  @Test(arguments: [0, -1, .nan, .infinity] as [Double], [MockWindow.tokenBucket(), .slidingMinute, .perSecond])
  func `a limit without sense traps nothing`(limit: Double, kind: MockWindow) {
    var window = kind.start(limit: limit, axis: .tokens)
    window.charge(1e12, isRefused: false, at: .zero)
    #expect(window.wait(for: 1, at: .seconds(1)) >= .zero)
    #expect(window.rest(at: .seconds(1)).remaining >= 0)
  }
}

/// A sequence that looks random and is the same every time.
struct SplitMix: RandomNumberGenerator {
  var state: UInt64

  mutating func next() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    var hash = state
    hash = (hash ^ (hash >> 30)) &* 0xBF58_476D_1CE4_E5B9
    hash = (hash ^ (hash >> 27)) &* 0x94D0_49BB_1331_11EB
    return hash ^ (hash >> 31)
  }
}
