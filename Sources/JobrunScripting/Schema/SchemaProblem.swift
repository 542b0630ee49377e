/// What is wrong with a value.
struct SchemaProblem: Equatable {
  /// Where in the value, as a JSON pointer; empty: the value itself.
  var pointer: String
  /// Steps of the pointer.
  var depth: Int
  var message: String
  /// What the value should be, where it is another thing altogether: of another type, none of the named values.
  var expected: String?

  var text: String { pointer.isEmpty ? message : "\(pointer): \(message)" }
}

/// The problems of one value, the first 20 of them.
struct SchemaProblems {
  static let limit = 20

  private(set) var first: [SchemaProblem] = []
  private(set) var count = 0

  /// Whether the next one will be kept, and not only counted.
  var hasRoom: Bool { first.count < Self.limit }

  /// - Parameter problem: nil: only counted.
  mutating func append(_ problem: SchemaProblem?) {
    if let problem, hasRoom { first.append(problem) }
    count += 1
  }

  mutating func append(_ others: SchemaProblems) {
    for problem in others.first { append(problem) }
    count += others.count - others.first.count
  }

  var texts: [String] {
    first.map(\.text) + (count > first.count ? ["and \(count - first.count) more"] : [])
  }

  /// Another thing altogether was expected, here or of a key that says which thing this is.
  ///
  /// - Parameter depth: That of the value.
  func areMismatch(at depth: Int) -> Bool { first.contains { $0.expected != nil && $0.depth <= depth + 1 } }
}
