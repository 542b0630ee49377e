/// Which indices have come, in memory that grows with the gaps between them and not with their number.
struct IndexLedger {
  /// Disjoint, ascending, never touching.
  private var ranges: [Range<Int>] = []

  /// What it takes to remember them: one more than the gaps between them.
  var rangeCount: Int { ranges.count }

  /// Notes `index`; false where it had come before.
  mutating func insert(_ index: Int) -> Bool {
    // The position of the first range that ends behind the index's left neighbour.
    var low = 0
    var high = ranges.count
    while low < high {
      let middle = (low + high) / 2
      if ranges[middle].upperBound < index { low = middle + 1 } else { high = middle }
    }
    guard low < ranges.count, ranges[low].lowerBound <= index + 1 else {
      ranges.insert(index..<(index + 1), at: low)
      return true
    }
    if ranges[low].contains(index) { return false }
    if index < ranges[low].lowerBound {
      ranges[low] = index..<ranges[low].upperBound
    } else if low + 1 < ranges.count && ranges[low + 1].lowerBound == index + 1 {
      ranges[low] = ranges[low].lowerBound..<ranges[low + 1].upperBound
      ranges.remove(at: low + 1)
    } else {
      ranges[low] = ranges[low].lowerBound..<(index + 1)
    }
    return true
  }
}
