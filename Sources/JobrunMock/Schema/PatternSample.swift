/// Makes a short text that matches a simple regular expression.
struct PatternSample {
  /// The expression has something that is not known here, such as a look-ahead.
  private struct Unknown: Error {}

  private static let depthLimit = 32
  private static let repeatLimit = 1000
  private var rest: ArraySlice<Unicode.Scalar>
  /// The repeats that an open quantifier gets beyond its least ones.
  private let extra: Int

  /// - Returns: Nil where the expression is not understood.
  static func text(of pattern: String, minLength: Int) -> String? {
    guard let text = make(pattern, extra: 0) else { return nil }
    let missing = minLength - text.unicodeScalars.count
    return missing > 0 ? make(pattern, extra: min(missing, repeatLimit)) : text
  }

  private static func make(_ pattern: String, extra: Int) -> String? {
    var sample = Self(rest: Array(pattern.unicodeScalars)[...], extra: extra)
    guard let text = try? sample.alternatives(depth: 0), sample.rest.isEmpty else { return nil }
    return text.unicodeScalars.count <= SchemaSample.lengthLimit ? text : nil
  }

  /// Reads all alternatives and gives the first.
  private mutating func alternatives(depth: Int) throws(Unknown) -> String {
    guard depth < Self.depthLimit else { throw Unknown() }
    let first = try sequence(depth: depth)
    while rest.first == "|" {
      rest.removeFirst()
      _ = try sequence(depth: depth)
    }
    return first
  }

  private mutating func sequence(depth: Int) throws(Unknown) -> String {
    var text = ""
    while let scalar = rest.first, scalar != "|", scalar != ")" {
      rest.removeFirst()
      if scalar == "^" || scalar == "$" { continue }
      let atom = try atom(scalar, depth: depth)
      let count = try quantifier()
      guard text.utf8.count + atom.utf8.count * count <= 4 * SchemaSample.lengthLimit else { throw Unknown() }
      text += String(repeating: atom, count: count)
    }
    return text
  }

  private mutating func atom(_ scalar: Unicode.Scalar, depth: Int) throws(Unknown) -> String {
    switch scalar {
    case "(":
      if rest.starts(with: ["?", ":"]) { rest.removeFirst(2) }
      guard rest.first != "?" else { throw Unknown() }
      let text = try alternatives(depth: depth + 1)
      guard rest.popFirst() == ")" else { throw Unknown() }
      return text
    case "[": return String(try set())
    case "\\": return String(try escape())
    case ".": return "a"
    case "*", "+", "?", "{": throw Unknown()
    default: return String(scalar)
    }
  }

  private mutating func escape() throws(Unknown) -> Unicode.Scalar {
    guard let scalar = rest.popFirst() else { throw Unknown() }
    switch scalar {
    case "d": return "0"
    case "w", "D", "S": return "a"
    case "s", "W": return " "
    case "n": return "\n"
    case "t": return "\t"
    default:
      guard !scalar.properties.isAlphabetic, !("0"..."9" ~= scalar) else { throw Unknown() }
      return scalar
    }
  }

  /// The first member of a set; of a negated one, the first of some usual ones that is not in it.
  private mutating func set() throws(Unknown) -> Unicode.Scalar {
    let isNegated = rest.first == "^"
    if isNegated { rest.removeFirst() }
    var ranges: [ClosedRange<Unicode.Scalar>] = []
    while let scalar = rest.popFirst() {
      if scalar == "]" {
        if !isNegated {
          guard let first = ranges.first else { throw Unknown() }
          return first.lowerBound
        }
        let usual: [Unicode.Scalar] = ["a", "0", " ", "-", "A", "_", "é"]
        guard let free = usual.first(where: { one in !ranges.contains { $0.contains(one) } }) else { throw Unknown() }
        return free
      }
      if scalar == "[" { throw Unknown() }
      if scalar == "\\" {
        switch rest.first {
        case "d": ranges.append("0"..."9")
        case "w": ranges += ["a"..."z", "A"..."Z", "0"..."9", "_"..."_"]
        case "s": ranges += [" "..." ", "\t"..."\r"]
        default:
          let one = try escape()
          ranges.append(one...one)
          continue
        }
        rest.removeFirst()
      } else if rest.first == "-", let end = rest.dropFirst().first, end != "]" {
        rest.removeFirst(2)
        guard end >= scalar, end != "\\" else { throw Unknown() }
        ranges.append(scalar...end)
      } else {
        ranges.append(scalar...scalar)
      }
    }
    throw Unknown()
  }

  /// The repeats of the atom before.
  private mutating func quantifier() throws(Unknown) -> Int {
    var count = 1
    switch rest.first {
    case "?": count = min(extra, 1)
    case "*": count = extra
    case "+": count = 1 + extra
    case "{":
      guard let end = rest.firstIndex(of: "}") else { throw Unknown() }
      var text = ""
      text.unicodeScalars.append(contentsOf: rest[rest.index(after: rest.startIndex)..<end])
      let bounds = text.split(separator: ",", omittingEmptySubsequences: false).map { Int($0) }
      guard bounds.count <= 2, let least = bounds.first ?? nil, least >= 0, least <= Self.repeatLimit else {
        throw Unknown()
      }
      count = bounds.count == 1 ? least : min(least + extra, max(least, bounds[1] ?? Int.max))
      rest = rest[end...]
    default: return 1
    }
    rest.removeFirst()
    if rest.first == "?" { rest.removeFirst() }
    guard count <= 2 * Self.repeatLimit else { throw Unknown() }
    return count
  }
}
