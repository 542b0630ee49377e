import Testing

@testable import JobrunStorage

@Suite("The window of rows that wait for their turn")
struct OutputWindowTests {
  @Test("Elements leave in the order of their indices", arguments: 0..<10)
  func order(seed: Int) {
    var generator = SplitMix(state: UInt64(seed))
    var window = OutputWindow<Int>(rowLimit: 1000, byteLimit: 1000)
    var left: [Int] = []
    for index in (1...200).shuffled(using: &generator) {
      if window.pass(index) { left.append(index) } else { window.insert(index, at: index, rows: 1, bytes: 1) }
      while let next = window.next() { left.append(next) }
    }
    #expect(left == Array(1...200))
    #expect(window.heldRows == 0)
    #expect(window.heldBytes == 0)
  }

  @Test("It is full by rows or by bytes, and an element without rows counts as one")
  func limits() {
    var window = OutputWindow<Int>(rowLimit: 2, byteLimit: 10)
    window.insert(2, at: 2, rows: 0, bytes: 0)
    window.insert(3, at: 3, rows: 1, bytes: 10)
    #expect(window.hasRoom)
    window.insert(4, at: 4, rows: 1, bytes: 0)
    #expect(!window.hasRoom)
    let (passed, next) = (window.pass(1), window.next())
    #expect(passed)
    #expect(next == 2)
    #expect(window.hasRoom)
    window.insert(5, at: 5, rows: 0, bytes: 1)
    #expect(!window.hasRoom)
  }

  @Test("What is left at the end comes in order, whatever is missing")
  func rest() {
    var window = OutputWindow<Int>(rowLimit: 10, byteLimit: 10)
    for index in [9, 3, 5] { window.insert(index, at: index, rows: 1, bytes: 1) }
    let (next, rest) = (window.next(), window.removeAll())
    #expect(next == nil)
    #expect(rest == [3, 5, 9])
    #expect(window.hasRoom)
  }
}
