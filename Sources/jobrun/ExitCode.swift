internal import ArgumentParser
internal import JobrunModel

/// Every exit status of the program, with its meaning; BSD's `sysexits` where they fit.
enum ExitStatus: Int32 {
  /// Every item is ok or skipped.
  case success = 0
  /// Finished; some items failed.
  case someFailed = 1
  /// The command line is wrong.
  case usage = 64
  /// The input's data is wrong.
  case badInput = 65
  /// There is no such input.
  case noInput = 66
  /// The endpoint cannot be used.
  case endpointUnusable = 69
  /// A defect of ours.
  case `internal` = 70
  /// The output cannot be created.
  case cannotCreateOutput = 73
  /// Reading or writing failed.
  case inputOutput = 74
  /// Stopped early; can go on.
  case stopped = 75
  /// The key was refused.
  case authentication = 77
  /// The job file or the configuration is wrong.
  case job = 78
  /// Finished; a threshold of the job failed.
  case thresholdFailed = 99
  /// Ended by a second SIGINT.
  case interrupted = 130
  /// Ended by a second SIGTERM.
  case terminated = 143

  init(_ code: RunError.Code) {
    self =
      switch code {
      case .usage: .usage
      case .badInput: .badInput
      case .noInput: .noInput
      case .endpointUnusable: .endpointUnusable
      case .internal: .internal
      case .cannotCreateOutput: .cannotCreateOutput
      case .inputOutput: .inputOutput
      case .stopped: .stopped
      case .authentication: .authentication
      case .job: .job
      }
  }

  /// Ends a command with this status.
  var exit: ArgumentParser.ExitCode { ArgumentParser.ExitCode(rawValue) }
}
