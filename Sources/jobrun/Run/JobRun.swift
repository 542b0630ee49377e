internal import Glibc
internal import JobrunExecutor
internal import JobrunHTTP
internal import JobrunMock
internal import JobrunModel
internal import JobrunReactor
internal import JobrunScripting
internal import JobrunStorage

/// One `jobrun run`, from its options to its exit status: the wiring of the modules.
@Loop
struct JobRun {
  let options: RunOptions
  let console: Console
  /// Gives what is to be run instead of the job file.
  var load: (@Loop (Environment) async throws(RunError) -> RunSubject)?
  /// The words of the command that goes on, where they are not this command's own.
  var goOn: [String]?
  private let clock = ReactorClock()

  init(
    options: RunOptions, console: Console, goOn: [String]? = nil,
    load: (@Loop (Environment) async throws(RunError) -> RunSubject)? = nil
  ) {
    self.options = options
    self.console = console
    self.goOn = goOn
    self.load = load
  }

  func run() async -> ExitStatus {
    do throws(RunError) {
      return try await start()
    } catch {
      report(error)
      return ExitStatus(error.code)
    }
  }

  private func start() async throws(RunError) -> ExitStatus {
    let environment = Environment(besideJobIn: FilePaths.folder(of: options.job))
    let subject = try await subject(environment)
    var configuration = try RunConfiguration(spec: subject.spec, options: options, environment: environment.value)
    if let base = subject.journalBase {
      configuration.journal = base + (configuration.mock == nil ? ".journal" : ".mock.journal")
    }
    let mock = try await startMock(configuration.mock)
    let routes = try ModelRoutes(
      configuration, options: options, environment: environment, mock: mock, connections: connections(configuration))
    console.secrets += routes.endpoints.compactMap(\.endpoint.key)

    let opening = try JournalOpening.open(configuration, options: options, source: subject.file)
    do throws(RunError) {
      return try await run(subject, configuration, environment, routes, mock, opening)
    } catch {
      await mock?.stop()
      // Whatever it was, it is known already; the journal is given free.
      try? opening.file.close(
        RunResult(exitCode: Int(ExitStatus(error.code).rawValue), reason: error.message, stats: "{}"))
      throw error
    }
  }

  private func subject(_ environment: Environment) async throws(RunError) -> RunSubject {
    if let load { return try await load(environment) }
    let job = try JobLoading.load(
      options.job, environment: environment, console: console, isQuiet: options.telling.quiet)
    return RunSubject(job, options: options)
  }

  /// The run itself, with everything decided and the journal open.
  private func run(
    _ subject: RunSubject, _ configuration: RunConfiguration, _ environment: Environment, _ routes: ModelRoutes,
    _ mock: MockServer?, _ opening: JournalOpening
  ) async throws(RunError) -> ExitStatus {
    let console = console
    let isQuiet = options.telling.quiet
    let warn: @Loop (String) -> Void = { if !isQuiet { console.print("warning: \($0)") } }
    let input = configuration.input
    let opened: FileItemSource? =
      if let source = subject.source { source } else if input.origin == .function { nil } else {
        try InputOpener.source(for: input, limit: configuration.limit)
      }
    if options.strict { try await subject.check?(input) }
    let statistics = RunStatistics(clock: clock)
    let limit = configuration.limit
    let inputShare = { @Loop () -> Double? in
      let begun = Double(statistics.itemsBegun)
      let share =
        opened?.total.map { begun / Double(max(1, $0)) }
        ?? opened.flatMap { file in file.bytesTotal.map { Double(file.bytesRead) / Double(max(1, $0)) } }
      guard let limit else { return share }
      return max(share ?? 0, begun / Double(limit))
    }
    statistics.inputShare = inputShare
    statistics.ownCounters = subject.counters
    let (script, items) = try subject.engine(configuration, environment, statistics)
    guard let source: any ItemSource = opened ?? items else {
      throw RunError(.internal, "there is no source of the items")
    }
    let sink = try FileSink(output: configuration.output, order: configuration.order) {
      console.print("warning: \($0)")
    }
    sink.rowOfFailure = subject.rowOfFailure
    var executorOptions = ExecutorOptions(concurrency: configuration.concurrency)
    executorOptions.retry = configuration.retry
    executorOptions.keepsGoing = configuration.keepsGoing
    executorOptions.budget = configuration.budget
    executorOptions.accept = configuration.spec.accept
    executorOptions.timeAsleep = { SystemSleep.total }
    let journal = try RunJournal(opening.file, mode: configuration.journalMode, clock: clock, notify: warn)
    let executor = Executor(
      options: executorOptions, source: source, script: script, models: routes.table, sink: sink, journal: journal,
      clock: clock, statistics: statistics, notify: warn)

    for warning in subject.warnings { console.print("warning: \(warning)") }
    if let limit, let pack = configuration.spec.pack, limit % pack != 0 {
      warn(
        "--limit \(limit) is no multiple of `pack` (\(pack)): a run without it asks the last items in another pack, anew"
      )
    }
    announce(configuration, routes)
    await opening.tell(
      on: console, isQuiet: isQuiet, itemsAskOnce: subject.itemsAskOnce && configuration.spec.pack == nil)
    let interruption = Interruption(executor: executor, console: console)
    let signals = try interruption.watch()
    let progress = Progress(
      style: options.telling.quiet ? .none : options.telling.progress, console: console, statistics: statistics,
      inputShare: inputShare, clock: clock, name: configuration.spec.name)
    let outcome = await withProgress(progress, sink, opening) { () async -> Result<RunOutcome, RunError> in
      do throws(RunError) {
        let (end, files) = try await executor.run()
        return .success(RunOutcome(end: end, files: files))
      } catch {
        return .failure(error)
      }
    }
    withExtendedLifetime(signals) {}
    await mock?.stop()
    if configuration.journalMode == .offline, statistics.value(of: .itemsUnfinished) != .integer(0),
      configuration.mock == nil, EndpointChoice.isUnknown(configuration, environment: environment)
    {
      warn(
        "nothing here says which provider the requests went to, so they were looked for as `chat` has them; if that is "
          + "not so, set `endpoint` or `api` in the job")
    }
    var ending = RunEnding(
      result: outcome, configuration: configuration, statistics: statistics, sink: sink, journal: journal,
      journalFile: opening.file, stoppedStatus: interruption.status)
    ending.budget = executor.budgetText
    if let goOn { ending.command = goOn }
    return ending.tell(on: console, options: options)
  }

  // MARK: Parts

  private func startMock(_ profile: MockProfile?) async throws(RunError) -> MockServer? {
    guard let profile else { return nil }
    do throws(MockServerError) {
      return try await MockServer.start(behavior: profile.behavior())
    } catch {
      throw RunError(.inputOutput, "the mock provider cannot start: \(error)")
    }
  }

  /// As many connections as the job wants and the system has file descriptors for.
  private func connections(_ configuration: RunConfiguration) -> Int {
    let wanted = configuration.spec.connectionsPerHost ?? configuration.concurrency.maximum
    let most = max(1, ProcessLimits.fileDescriptors - 64)
    guard wanted > most else { return wanted }
    console.print("warning: \(wanted) connections wanted, \(most) can be open: raise `ulimit -n`")
    return most
  }

  private func announce(_ configuration: RunConfiguration, _ routes: ModelRoutes) {
    guard !options.telling.quiet else { return }
    if configuration.mock != nil {
      console.print("\(configuration.spec.name): the mock provider answers: the replies are NOT REAL")
    }
    guard options.telling.verbose else { return }
    for line in EndpointLines.of(routes.endpoints) { console.print(line) }
    let total = configuration.timeouts(of: nil).total.longest
    console.print(
      """
      input     \(FilePaths.shown(configuration.input.name))
      output    \(FilePaths.shown(configuration.output.path))
      journal   \(FilePaths.shown(configuration.journal))
      at once   \(configuration.concurrency.maximum) requests, each at most \(Figures.time(total.seconds))
      """)
  }

  /// Runs `body` with progress shown, and the sink's buffer emptied, beside it.
  private func withProgress<T: Sendable>(
    _ progress: Progress, _ sink: FileSink, _ opening: JournalOpening, _ body: @Loop () async -> T
  ) async -> T {
    await withDiscardingTaskGroup { group in
      group.addImmediateTask { @Loop in await progress.run() }
      group.addImmediateTask { @Loop in await opening.noteInput() }
      group.addImmediateTask { @Loop in
        // Rows of a slow run reach the disk within a second.
        while (try? await clock.sleep(for: .seconds(1))) != nil { sink.flush() }
      }
      let result = await body()
      group.cancelAll()
      return result
    }
  }

  private func report(_ error: RunError) { console.print(ErrorText.of(error)) }
}
