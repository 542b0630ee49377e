internal import JobrunExecutor
internal import JobrunModel
internal import JobrunStorage

/// What a run that came to its end left.
struct RunOutcome: Sendable {
  var end: RunEnd
  /// What the `finish` hooks want written beside the output.
  var files: [(name: String, contents: [UInt8])]
}

/// The end of a run: the last files, the summary, the exit status.
@Loop
struct RunEnding {
  let result: Result<RunOutcome, RunError>
  let configuration: RunConfiguration
  let statistics: RunStatistics
  let sink: FileSink
  let journal: RunJournal
  let journalFile: JournalFile
  /// The exit status of a run that was stopped by signals.
  let stoppedStatus: ExitStatus
  /// What is spent of the budget.
  var budget: String?
  /// The words of the command that goes on.
  var command = CommandLine.arguments

  /// Writes what is left to write and says how it went.
  func tell(on console: Console, options: RunOptions) -> ExitStatus {
    var (status, reason) = verdict()
    var error: RunError?
    do throws(RunError) {
      for file in try result.get().files { try WriteFile.whole(FilePaths.join(folder, file.name), file.contents) }
    } catch let failure {
      (status, reason, error) = (ExitStatus(failure.code), failure.message, failure)
    }
    if status == .thresholdFailed {
      error = RunError(.job, "thresholds failed:\n  " + failedThresholds.joined(separator: "\n  "))
    }
    let extra = [("exit_code", "\(status.rawValue)"), ("exit_reason", StatisticsJSON.quoted(reason))]
    let line = StatisticsJSON.line(statistics, extra: extra)
    do throws(RunError) {
      try journalFile.close(
        RunResult(
          exitCode: Int(status.rawValue), reason: reason, stats: line, costUSD: statistics.number(.costUSD)))
    } catch let failure {
      // The journal's own words came first, where it failed during the run.
      if error == nil { (status, error) = (ExitStatus(failure.code), failure) }
    }
    if let error = error ?? stopped { console.print(ErrorText.of(error)) }
    if !options.telling.quiet { console.print(summary(isComplete: isInPlace)) }
    let canGoOn: [ExitStatus] = [
      .stopped, .endpointUnusable, .authentication, .inputOutput, .cannotCreateOutput, .interrupted, .terminated,
    ]
    if canGoOn.contains(status) || status == .thresholdFailed && hasUnfinished {
      console.print("go on with:  \(GoOnCommand.text(command, isWhole: hasReadAll))")
    }
    if options.telling.json { print(line) }
    return status
  }

  /// The output has its name.
  private var isInPlace: Bool {
    guard case .success(let outcome) = result else { return false }
    if case .aborted = outcome.end { return false }
    return true
  }

  /// The run went through the whole input; what is unfinished may only be asked by another one.
  private var hasReadAll: Bool {
    guard case .success(let outcome) = result else { return false }
    return outcome.end == .completed || outcome.end == .accepted
  }

  /// What stopped the run, where that is more than a signal.
  private var stopped: RunError? {
    guard case .success(let outcome) = result else { return nil }
    switch outcome.end {
    case .stopped(let error), .aborted(let error): return error.hint == nil && error.code == .stopped ? nil : error
    case .completed, .accepted: return nil
    }
  }

  /// The job's thresholds, of a run that came to its end.
  private var verdicts: [ThresholdVerdict] {
    hasReadAll ? ThresholdCheck.verdicts(on: configuration.spec.thresholds, by: statistics) : []
  }

  private var failedThresholds: [String] { verdicts.filter { !$0.holds }.map(ThresholdText.of) }

  private var hasUnfinished: Bool { statistics.count(.itemsUnfinished) > 0 }

  private var rows: String {
    "\(Figures.grouped(sink.rowsWritten)) of \(Figures.grouped(configuration.spec.accept ?? 0)) rows that `accept` wants"
  }

  private func verdict() -> (ExitStatus, reason: String) {
    switch result {
    case .failure(let error): (ExitStatus(error.code), error.message)
    case .success(let outcome):
      switch outcome.end {
      case .completed where !failedThresholds.isEmpty, .accepted where !failedThresholds.isEmpty:
        (.thresholdFailed, "thresholds failed: " + failedThresholds.joined(separator: ", "))
      case .accepted: (.success, "accepted: \(rows)")
      case .stopped(let error), .aborted(let error):
        (error.code == .stopped ? stoppedStatus : ExitStatus(error.code), error.message)
      case .completed where hasUnfinished:
        (.stopped, "some items have no answer, and this run asks for none")
      case .completed where statistics.value(of: .itemsFailed) != .integer(0): (.someFailed, "some items failed")
      case .completed where configuration.spec.accept.map({ sink.rowsWritten < $0 }) == true:
        (.success, "completed with \(rows)")
      case .completed: (.success, "completed")
      }
    }
  }

  private var folder: String {
    configuration.output.path == "-" ? "." : FilePaths.folder(of: configuration.output.path)
  }

  private func summary(isComplete: Bool) -> String {
    var summary = Summary(
      name: configuration.spec.name, statistics: statistics, outputPath: FilePaths.shown(sink.outputPath),
      failedPath: sink.failedPath.map(FilePaths.shown), rowsWritten: sink.rowsWritten,
      isComplete: isComplete, isMock: configuration.mock != nil,
      reused: journal.reused, leftOver: max(0, journalFile.past.answers - journal.reused)
    )
    summary.budget = budget
    summary.thresholds = ThresholdText.summary(verdicts)
    if configuration.spec.accept != nil, case .success(let outcome) = result {
      if outcome.end == .accepted { summary.accepted = "\(rows); the rest of the input was left" }
      if outcome.end == .completed { summary.accepted = rows }
    }
    return summary.text()
  }
}

/// How an error is told to a person.
enum ErrorText {
  static func of(_ error: RunError) -> String {
    var text = "jobrun: " + error.message
    if let cause = error.cause, !error.message.contains(cause) { text += ": " + cause }
    for line in error.hint?.split(separator: "\n", omittingEmptySubsequences: false) ?? [] { text += "\n  " + line }
    return text
  }
}
