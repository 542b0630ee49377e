import JobrunModel
import JobrunReactor
import Testing

@Suite struct TimerHeapTests {
  private func at(_ nanoseconds: Int64) -> MonotonicInstant { MonotonicInstant(nanoseconds: nanoseconds) }

  @Test func `timers fire by deadline, and in order of insertion where deadlines are equal`() {
    var heap = TimerHeap<String>()
    _ = heap.insert("c", at: at(30))
    _ = heap.insert("a", at: at(10))
    _ = heap.insert("b1", at: at(20))
    _ = heap.insert("b2", at: at(20))
    #expect(heap.popDue(at: at(9)) == nil)
    var fired: [String] = []
    while let next = heap.popDue(at: at(30)) { fired.append(next) }
    #expect(fired == ["a", "b1", "b2", "c"])
    #expect(heap.earliest == nil)
  }

  @Test func `a timer that fired or was removed cannot be removed again, though its place was reused`() {
    var heap = TimerHeap<Int>()
    let first = heap.insert(1, at: at(1))
    #expect(heap.remove(first) == 1)
    let second = heap.insert(2, at: at(1))
    #expect(heap.remove(first) == nil)
    #expect(heap.popDue(at: at(1)) == 2)
    #expect(heap.remove(second) == nil)
  }

  @Test(arguments: 0..<50) func `random insertions and removals leave what a sorted list leaves`(seed: Int) {
    var random = SplitMix(state: UInt64(seed))
    var heap = TimerHeap<Int>()
    var model: [(deadline: Int64, value: Int, id: TimerID)] = []
    for value in 0..<400 {
      switch random.next() % 4 {
      case 0 where !model.isEmpty:
        let victim = model.remove(at: Int(random.next() % UInt64(model.count)))
        #expect(heap.remove(victim.id) == victim.value)
      case 1:
        let now = Int64(random.next() % 100)
        let due = model.filter { $0.deadline <= now }.sorted { ($0.deadline, $0.value) < ($1.deadline, $1.value) }
        model.removeAll { $0.deadline <= now }
        for expected in due { #expect(heap.popDue(at: at(now)) == expected.value) }
        #expect(heap.popDue(at: at(now)) == nil)
      default:
        let deadline = Int64(random.next() % 100)
        model.append((deadline, value, heap.insert(value, at: at(deadline))))
      }
      #expect(heap.count == model.count)
      #expect(heap.earliest?.nanoseconds == model.map(\.deadline).min())
    }
  }
}

/// A small deterministic generator, so that a failing seed can be played again.
struct SplitMix: RandomNumberGenerator {
  var state: UInt64

  mutating func next() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    var z = state
    z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
    z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
    return z ^ (z >> 31)
  }
}
