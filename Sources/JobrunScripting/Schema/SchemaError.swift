/// What is wrong with a schema itself.
struct SchemaError: Error, Equatable, CustomStringConvertible {
  struct Problem: Equatable {
    /// Where in the schema, as a JSON pointer; empty: the schema itself.
    var pointer: String
    /// What is wrong and what would be right.
    var message: String
  }

  /// In the order of the schema's text, at least one.
  var problems: [Problem]

  /// Each as `/properties/a/type: ...`.
  var messages: [String] {
    problems.map { $0.pointer.isEmpty ? $0.message : "\($0.pointer): \($0.message)" }
  }

  var description: String { messages.joined(separator: "; ") }
}
