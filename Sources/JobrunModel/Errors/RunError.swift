/// What ends a run, or keeps it from starting.
public struct RunError: Error, Sendable, Equatable {
  /// The kinds that a caller tells apart; each has an exit code of its own (`ExitCode` in the program).
  public enum Code: Sendable, Equatable, CaseIterable {
    /// The command line is wrong.
    case usage
    /// The input as a whole cannot be used.
    case badInput
    /// There is no such input.
    case noInput
    /// The endpoint cannot be used.
    case endpointUnusable
    /// A defect of ours.
    case `internal`
    /// The output cannot be created.
    case cannotCreateOutput
    /// Reading or writing failed.
    case inputOutput
    /// Ended before its time, by a signal or by a limit; the same command goes on.
    case stopped
    /// The key was refused.
    case authentication
    /// The job file or the configuration is wrong.
    case job
  }

  public var code: Code
  /// What happened and where.
  public var message: String
  /// What would be right.
  public var hint: String?
  /// The underlying error's own words.
  public var cause: String?

  public init(_ code: Code, _ message: String, hint: String? = nil, cause: String? = nil) {
    self.code = code
    self.message = message
    self.hint = hint
    self.cause = cause
  }
}

extension RunError {
  /// A hook of the run failed: `setup` or `finish`.
  public init(hookOfRun failure: ItemFailure) {
    let hook = failure.traceback == nil ? "" : failure.hook.map { "\($0): " } ?? ""
    self.init(.job, hook + failure.message, cause: failure.traceback)
  }
}
