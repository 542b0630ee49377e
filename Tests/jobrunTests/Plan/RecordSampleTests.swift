import JobrunModel
import Testing

@testable import jobrun

@Suite struct RecordSampleTests {
  private func sample(_ count: Int, most: Int = 1_000, mostBytes: Int = 64 << 20, bytes: Int = 1) -> RecordSample {
    var sample = RecordSample(most: most, mostBytes: mostBytes)
    for index in stride(from: 1, through: count, by: 1) {
      sample.offer([ItemRecord(content: .text([UInt8](repeating: 0, count: bytes)), index: index, line: index)])
    }
    return sample
  }

  @Test(arguments: [0, 1, 2, 999, 1_000])
  func `a short input is in it as a whole`(count: Int) {
    #expect(sample(count).packs.map { $0[0].index } == Array(1..<(count + 1)))
    #expect(sample(count).isWhole)
  }

  @Test(arguments: [(1_001, 2, 501), (2_000, 2, 1_000), (2_001, 4, 501), (50_000, 64, 782)])
  func `of a longer one it has every second, every fourth, and so on`(count: Int, distance: Int, kept: Int) {
    let sample = sample(count)
    #expect(sample.stride == distance)
    #expect(sample.packs.map { $0[0].index } == Array(stride(from: 1, through: count, by: distance)))
    #expect(sample.packs.count == kept)
    #expect(!sample.isWhole)
  }

  @Test func `large records are fewer, and one stays in any case`() {
    #expect(sample(100, mostBytes: 500, bytes: 100).packs.map { $0[0].index } == [1, 33, 65, 97])
    #expect(sample(100, mostBytes: 50, bytes: 100).packs.map { $0[0].index } == [1])
  }
}
