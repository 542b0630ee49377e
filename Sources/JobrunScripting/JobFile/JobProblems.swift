/// Everything that is wrong with a job file, found in one go.
public struct JobProblems: Error, Sendable, Equatable {
  /// One line each, such as `jobs/x.lua:12: job.timeouts.total: positive number expected, got "1m"`.
  public var messages: [String]
  /// Where the file's own code failed.
  public var traceback: String?

  public init(_ messages: [String], traceback: String? = nil) {
    self.messages = messages
    self.traceback = traceback
  }
}

/// One thing that is wrong with a field.
struct JobProblem: Equatable {
  var path: FieldPath
  var message: String
}

extension JobProblems {
  /// The problems in the order of their lines.
  init(_ problems: [JobProblem], in displayPath: String, locator: KeyLocator) {
    let located = problems.map { (line: locator.line(of: $0.path), problem: $0) }.enumerated()
    let sorted = located.sorted { ($0.element.line, $0.offset) < ($1.element.line, $1.offset) }
    self.init(
      sorted.map { "\(displayPath):\($0.element.line): \($0.element.problem.path): \($0.element.problem.message)" })
  }
}
