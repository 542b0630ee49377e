import LuaBridge

/// One check of one value: first only whether it fits, then, where it does not, why.
///
/// Its cost has bounds: steps, effort for patterns, schemas in one another. Beyond them it is given up, and does not fit.
struct SchemaEvaluation {
  /// A step into the value.
  enum Step {
    case key(JSONNode)
    case index(Int)
  }

  let schemas: [SchemaNode]
  let isOfLua: Bool
  var path: [Step] = []
  var problems = SchemaProblems()
  /// Whether problems are wanted; without it the first one ends the check.
  var explains = false
  /// Alternatives in alternatives whose problems are being told.
  var alternatives = 0
  var patternEffort: PatternEffort
  private(set) var givenUp: SchemaProblem?
  private var stepsLeft: Int
  private var depth = 0

  /// Frames on the stack: a value has 128 levels at most.
  static let deepest = 1000

  init(schemas: [SchemaNode], root: JSONNode, isOfLua: Bool) {
    self.schemas = schemas
    self.isOfLua = isOfLua
    stepsLeft = 200_000 + 100 * root.span
    patternEffort = PatternEffort(5_000_000 + 100 * root.span)
  }

  /// What is wrong, in words; empty: it fits.
  mutating func problems(of root: JSONNode) -> [String] {
    if fits(root, 0) { return [] }
    if givenUp == nil {
      explains = true
      _ = fits(root, 0)
    }
    if let givenUp { return [givenUp.text] }
    return problems.texts
  }

  mutating func fits(_ value: JSONNode, _ index: Int) -> Bool {
    depth += 1
    defer { depth -= 1 }
    guard spend(1) else { return false }
    guard depth <= Self.deepest else { return giveUp("more than \(Self.deepest) schemas in one another") }
    let schema = schemas[index]
    if schema.isNullable, value.kind == .null { return true }
    var fits = true
    for rule in schema.rules where !holds(rule, for: value, in: schema) {
      fits = false
      guard explains, givenUp == nil, !rule.isOfIdentity else { break }
    }
    return fits
  }

  private mutating func holds(_ rule: SchemaRule, for value: JSONNode, in schema: SchemaNode) -> Bool {
    if rule.isOfObjects {
      guard value.kind == .object, !(value.isUnmarkedEmpty && schema.takesEmptyAsArray) else { return true }
      return object(value, rule)
    }
    if rule.isOfArrays {
      guard value.kind == .array || value.isUnmarkedEmpty && schema.takesEmptyAsArray else { return true }
      return array(value, rule)
    }
    return switch rule {
    case .never: report("nothing is allowed here")
    case .type(let types): types.contains(value) || mismatch(types.description, value)
    case .values(let values):
      spend(value.span) && values.contain(value, isOfLua: isOfLua) || mismatch(values.described, value)
    case .bound(let bound, let limit): number(value, bound, limit)
    case .multiple(let step):
      SchemaNumber(value)?.isMultiple(of: step) ?? true
        || report("a multiple of \(step) expected, got \(value.literal)")
    case .length(let length): self.length(value, length)
    case .pattern(let pattern):
      value.kind != .string || matches(value.utf8, pattern)
        || report("text that matches \(pattern.source) expected, got \(value.literal)")
    default: combination(value, rule)
    }
  }

  // MARK: Numbers and strings

  private mutating func number(_ value: JSONNode, _ bound: SchemaBound, _ limit: SchemaNumber) -> Bool {
    guard let number = SchemaNumber(value) else { return true }
    return switch bound {
    case .atLeast: number >= limit || report("at least \(limit) expected, got \(number)")
    case .moreThan: number > limit || report("more than \(limit) expected, got \(number)")
    case .atMost: number <= limit || report("at most \(limit) expected, got \(number)")
    case .lessThan: number < limit || report("less than \(limit) expected, got \(number)")
    }
  }

  private mutating func length(_ value: JSONNode, _ length: SchemaCount) -> Bool {
    guard value.kind == .string else { return true }
    // Characters are code points: all bytes but those that go on with one.
    let count = value.utf8.count { $0 & 0xC0 != 0x80 }
    return length.contains(count) || report("\(length.expected("character")), got \(count): \(value.literal)")
  }

  mutating func matches(_ text: UnsafeRawBufferPointer, _ pattern: TextPattern) -> Bool {
    if let matches = pattern.matches(text, effort: &patternEffort) { return matches }
    return giveUp("the pattern \(pattern.source) takes too long; write it without repeats in repeats")
  }

  // MARK: Problems

  /// Notes a problem of the current value. Always false.
  mutating func report(_ message: @autoclosure () -> String, expected: @autoclosure () -> String? = nil) -> Bool {
    guard explains else { return false }
    let problem =
      problems.hasRoom
      ? SchemaProblem(pointer: pointer, depth: path.count, message: message(), expected: expected()) : nil
    problems.append(problem)
    return false
  }

  private mutating func mismatch(_ expected: @autoclosure () -> String, _ value: JSONNode) -> Bool {
    report("\(expected()) expected, got \(value.described)", expected: expected())
  }

  /// The check has cost `steps` more. False: it is given up.
  mutating func spend(_ steps: Int) -> Bool {
    stepsLeft -= steps
    return stepsLeft >= 0 || giveUp("the schema has too many alternatives for a value of this size")
  }

  private mutating func giveUp(_ why: String) -> Bool {
    if givenUp == nil {
      givenUp = SchemaProblem(pointer: pointer, depth: path.count, message: "cannot be checked: \(why)")
    }
    return false
  }

  /// Where the current value is.
  private var pointer: String {
    path.reduce(into: "") { pointer, step in
      switch step {
      case .key(let key):
        pointer = pointer.appendingPointer(String(decoding: key.utf8.prefix(80), as: UTF8.self))
      case .index(let index): pointer += "/\(index)"
      }
    }
  }
}

extension SchemaRule {
  /// Where it fails, the value is another thing altogether, and nothing else need be said.
  fileprivate var isOfIdentity: Bool {
    switch self {
    case .never, .type, .values: true
    default: false
    }
  }
}

extension SchemaValues {
  /// `"a" expected` or `one of "a", "b" expected`, without the last word.
  fileprivate var described: String {
    let shown = nodes.prefix(12).map(\.literal).joined(separator: ", ")
    if nodes.count == 1 { return shown }
    return "one of \(shown)" + (nodes.count > 12 ? " and \(nodes.count - 12) more" : "")
  }
}

extension SchemaCount {
  /// `at least 1 item expected`.
  func expected(_ thing: String) -> String {
    func things(_ count: Int) -> String {
      count == 1 ? "1 \(thing)" : "\(count) \(thing == "key" ? "keys" : thing + "s")"
    }
    if most == .max { return "at least \(things(least)) expected" }
    if least == 0 { return "at most \(things(most)) expected" }
    return least == most ? "\(things(least)) expected" : "\(least) to \(things(most)) expected"
  }
}
