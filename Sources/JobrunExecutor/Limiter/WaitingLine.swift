/// Who waits, by age: the oldest first, whenever it came. A pure value.
///
/// New items come in the order of their age, so nearly every insertion is at the end; a retry goes to the front.
struct WaitingLine<Element> {
  private var entries: [(age: Int, element: Element)] = []
  private var first = 0

  var count: Int { entries.count - first }
  var isEmpty: Bool { entries.count == first }

  mutating func insert(_ element: Element, age: Int) {
    if entries.count == first || entries[entries.count - 1].age <= age {
      entries.append((age, element))
      return
    }
    var (low, high) = (first, entries.count)
    while low < high {
      let middle = (low + high) / 2
      if entries[middle].age <= age { low = middle + 1 } else { high = middle }
    }
    entries.insert((age, element), at: low)
  }

  /// The element that is so many places behind the first.
  subscript(offset: Int) -> Element {
    get { entries[first + offset].element }
    set { entries[first + offset].element = newValue }
  }

  func age(at offset: Int) -> Int { entries[first + offset].age }

  /// The place of the first element of this age; nil where there is none.
  func offset(ofAge age: Int) -> Int? {
    entries[first...].firstIndex { $0.age == age }.map { $0 - first }
  }

  mutating func remove(at offset: Int) -> Element {
    if offset > 0 { return entries.remove(at: first + offset).element }
    let element = entries[first].element
    first += 1
    if first == entries.count {
      entries.removeAll(keepingCapacity: true)
      first = 0
    } else if first > 1_024, first * 2 > entries.count {  // a line that never empties must not grow for ever
      entries.removeSubrange(..<first)
      first = 0
    }
    return element
  }

  mutating func removeAll() -> [Element] {
    defer { (entries, first) = ([], 0) }
    return entries[first...].map(\.element)
  }
}
