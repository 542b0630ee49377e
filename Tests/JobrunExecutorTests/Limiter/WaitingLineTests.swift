import Testing

@testable import JobrunExecutor

@Suite struct WaitingLineTests {
  @Test func `the oldest is first, and a retry goes to the front`() {
    var line = WaitingLine<String>()
    line.insert("b", age: 2)
    line.insert("c", age: 3)
    line.insert("a", age: 1)
    let removed = line.remove(at: 0)
    #expect(removed == "a")
    #expect(line[0] == "b")
    #expect(line.age(at: 1) == 3)
    #expect(line.count == 2)
  }

  @Test func `of the same age the first to come is first`() {
    var line = WaitingLine<String>()
    for element in ["x", "y", "z"] { line.insert(element, age: 7) }
    line.insert("later", age: 8)
    let all = line.removeAll()
    #expect(all == ["x", "y", "z", "later"])
    #expect(line.isEmpty)
  }

  @Test func `an element can be changed in its place`() {
    var line = WaitingLine<Int>()
    line.insert(1, age: 1)
    line.insert(2, age: 2)
    _ = line.remove(at: 0)
    line[0] += 10
    let removed = line.remove(at: 0)
    #expect(removed == 12)
  }

  @Test(arguments: 0..<500 as Range<UInt64>) func `it does what a sorted list does, nobody is lost`(seed: UInt64) {
    var random = SplitMix64(seed: seed)
    var line = WaitingLine<Int>()
    var list: [(age: Int, element: Int)] = []
    var age = 0
    // Long enough that the front of the storage is cut off now and then.
    for element in 0..<4_000 {
      if random.chance(list.count > 600 ? 0.3 : 0.6) {
        age += random.below(2)
        let own = random.chance(0.2) ? random.below(age + 1) : age
        line.insert(element, age: own)
        list.insert((own, element), at: list.firstIndex { $0.age > own } ?? list.count)
      } else if !list.isEmpty {
        let offset = random.chance(0.8) ? 0 : random.below(min(list.count, 20))
        let removed = line.remove(at: offset)
        #expect(removed == list.remove(at: offset).element, "seed \(seed)")
      }
      #expect(line.count == list.count && line.isEmpty == list.isEmpty, "seed \(seed)")
      if let first = list.first { #expect(line.age(at: 0) == first.age, "seed \(seed)") }
    }
    let rest = line.removeAll()
    #expect(rest == list.map(\.element), "seed \(seed)")
  }
}
