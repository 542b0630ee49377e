/// Finds the name that a misspelt one was meant to be.
enum NameSuggestion {
  /// The nearest of `names`, where it is near enough to be meant; the first of equally near ones.
  static func nearest(to name: String, among names: some Sequence<String>) -> String? {
    let typed = Array(name.utf8.prefix(64))
    let limit = max(1, min(3, typed.count / 3))
    var best: (name: String, distance: Int)?
    for candidate in names {
      let distance = distance(typed, Array(candidate.utf8))
      if distance <= limit, distance < best?.distance ?? .max { best = (candidate, distance) }
    }
    return best?.name
  }

  /// ` (did you mean "items"?)`, or nothing.
  static func hint(for name: String, among names: some Sequence<String>) -> String {
    nearest(to: name, among: names).map { " (did you mean \"\($0)\"?)" } ?? ""
  }

  /// The number of bytes to insert, delete, replace or swap with their neighbour.
  private static func distance(_ a: [UInt8], _ b: [UInt8]) -> Int {
    var beforeLast = [Int](repeating: 0, count: b.count + 1)
    var last = Array(0...b.count)
    for i in a.indices {
      var current = [i + 1]
      for j in b.indices {
        var cost = min(last[j + 1] + 1, current[j] + 1, last[j] + (a[i] == b[j] ? 0 : 1))
        if i > 0, j > 0, a[i] == b[j - 1], a[i - 1] == b[j] { cost = min(cost, beforeLast[j - 1] + 1) }
        current.append(cost)
      }
      (beforeLast, last) = (last, current)
    }
    return last[b.count]
  }
}
