import LuaBridge

extension SchemaEvaluation {
  mutating func combination(_ value: JSONNode, _ rule: SchemaRule) -> Bool {
    switch rule {
    case .reference(let schema): return fits(value, schema)
    case .all(let schemas):
      var all = true
      for schema in schemas where all || explains {
        if !fits(value, schema) { all = false }
      }
      return all
    case .any(let schemas):
      if schemas.contains(where: { schema in quietly { $0.fits(value, schema) } }) { return true }
      return reportAlternatives(value, schemas, keyword: "anyOf")
    case .one(let schemas): return one(value, schemas)
    case .not(let schema):
      return !quietly { $0.fits(value, schema) } && givenUp == nil
        || report("\(value.described) fits the schema in \"not\", and must not")
    case .condition(let condition, let then, let otherwise):
      let holds = quietly { $0.fits(value, condition) }
      guard givenUp == nil, let schema = holds ? then : otherwise else { return givenUp == nil }
      return fits(value, schema)
    default: return true
    }
  }

  private mutating func one(_ value: JSONNode, _ schemas: [Int]) -> Bool {
    let fitting = schemas.indices.filter { index in quietly { $0.fits(value, schemas[index]) } }
    switch fitting.count {
    case 0: return reportAlternatives(value, schemas, keyword: "oneOf")
    case 1: return givenUp == nil
    // A list as well as an object: more than one may be meant.
    case _ where value.isUnmarkedEmpty: return true
    default:
      let list = fitting.map(String.init).joined(separator: " and ")
      return report("exactly one schema of \"oneOf\" expected to fit, got \(fitting.count) (\(list), from 0)")
    }
  }

  /// Says why none of the alternatives fits: what is wrong with the one that was meant, where this can be told.
  private mutating func reportAlternatives(_ value: JSONNode, _ schemas: [Int], keyword: String) -> Bool {
    guard explains, givenUp == nil else { return false }
    // Each level tells all of its alternatives: the cost is a power of the levels.
    guard alternatives < 4 else { return report("none of the \(schemas.count) schemas of \"\(keyword)\" fits") }
    alternatives += 1
    defer { alternatives -= 1 }
    let failures = schemas.map { schema in explaining { _ = $0.fits(value, schema) } }
    let plausible = failures.filter { !$0.areMismatch(at: path.count) }
    if plausible.count == 1 || failures.count == 1 {
      problems.append(plausible.first ?? failures[0])
      return false
    }
    let wanted = failures.compactMap { $0.first.first { $0.expected != nil && $0.depth == path.count }?.expected }
    if wanted.count == failures.count {
      let expected = wanted.uniqued().joined(separator: " or ")
      return report("\(expected) expected, got \(value.described)", expected: expected)
    }
    let reasons = (plausible.isEmpty ? failures : plausible).compactMap(\.first.first?.text)
    let shown = reasons.uniqued().prefix(3).joined(separator: "; or ")
    return report("none of the \(schemas.count) schemas of \"\(keyword)\" fits: \(shown)")
  }

  /// Without noting problems.
  mutating func quietly(_ body: (inout Self) -> Bool) -> Bool {
    let explained = explains
    explains = false
    defer { explains = explained }
    return body(&self)
  }

  /// The problems that `body` notes, which are not noted here.
  mutating func explaining(_ body: (inout Self) -> Void) -> SchemaProblems {
    let outer = problems
    problems = SchemaProblems()
    defer { problems = outer }
    body(&self)
    return problems
  }
}

extension [String] {
  /// Without what came before.
  fileprivate func uniqued() -> [String] {
    var seen: Set<String> = []
    return filter { seen.insert($0).inserted }
  }
}
