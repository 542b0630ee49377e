import Testing

@testable import JobrunMock

@Suite("Latency is a function of seed and ordinal")
struct MockLatencyTests {
  private static let plain = MockLatency.logNormal(median: .milliseconds(120), sigma: 0.4)

  private func delays(_ latency: MockLatency, seed: UInt64) -> [Duration] {
    (1...10_001).map { latency.delay(ordinal: $0, seed: seed) }
  }

  @Test func `the same seed has the same delays, another one others`() {
    #expect(delays(Self.plain, seed: 1) == delays(Self.plain, seed: 1))
    #expect(delays(Self.plain, seed: 1) != delays(Self.plain, seed: 2))
  }

  @Test(arguments: 1...5 as ClosedRange<UInt64>)
  func `a log-normal has its median and its spread`(seed: UInt64) {
    let sorted = delays(Self.plain, seed: seed).sorted()
    #expect((.milliseconds(117))...(.milliseconds(123)) ~= sorted[5000])
    // One sigma above the median: 120 ms * e^0.4 = 179 ms; one below: 80 ms.
    #expect((.milliseconds(174))...(.milliseconds(184)) ~= sorted[8413])
    #expect((.milliseconds(78))...(.milliseconds(83)) ~= sorted[1587])
    #expect(sorted[0] > .zero)
  }

  @Test func `a fixed latency is the same for all`() {
    #expect(Set(delays(.fixed(.milliseconds(3)), seed: 1)) == [.milliseconds(3)])
  }
}
