import Testing

@testable import JobrunStorage

@Suite("The ledger of indices")
struct IndexLedgerTests {
  @Test("An index is new once, in whatever order they come", arguments: 0..<20)
  func anyOrder(seed: Int) {
    var generator = SplitMix(state: UInt64(seed))
    var ledger = IndexLedger()
    var seen: Set<Int> = []
    for _ in 0..<400 {
      let index = Int.random(in: 1...120, using: &generator)
      let isNew = ledger.insert(index)
      #expect(isNew == seen.insert(index).inserted)
    }
  }

  @Test("Indices in order, backwards and with every second one first leave no gaps")
  func gaps() {
    for order in [Array(1...100), Array((1...100).reversed()), Array(1...100).sorted { $0 % 2 > $1 % 2 }] {
      var ledger = IndexLedger()
      let isNew = order.map { ledger.insert($0) }
      #expect(isNew == order.map { _ in true })
      #expect(ledger.rangeCount == 1)
      let isNewAgain = order.map { ledger.insert($0) }
      #expect(isNewAgain == order.map { _ in false })
    }
  }
}

/// Random numbers that are the same in every run.
struct SplitMix: RandomNumberGenerator {
  var state: UInt64

  mutating func next() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    var mixed = state
    mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
    mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
    return mixed ^ (mixed >> 31)
  }
}
