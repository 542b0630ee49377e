internal import JobrunExecutor
internal import JobrunModel
internal import JobrunReactor
internal import JobrunScripting
internal import JobrunStorage

/// A job as the commands that send nothing have it: loaded, with everything decided.
@Loop
struct OpenedJob {
  let options: RunOptions
  let environment: Environment
  let job: JobFile
  let configuration: RunConfiguration

  /// - Throws: `RunError` where the job, its options or its environment are wrong.
  init(_ options: RunOptions, console: Console) throws(RunError) {
    self.options = options
    environment = Environment(besideJobIn: FilePaths.folder(of: options.job))
    job = try JobLoading.load(options.job, environment: environment, console: console)
    configuration = try RunConfiguration(spec: job.spec, options: options, environment: environment.value)
  }

  /// What an engine of it gets: no run gives it numbers.
  func script() throws(RunError) -> ScriptConfiguration {
    try JobLoading.script(
      configuration, options: options, environment: environment, statistics: RunStatistics(clock: ReactorClock()))
  }

  /// Its engine, behind `setup`, and its items.
  func begin() throws(RunError) -> (engine: LuaScriptEngine, source: any ItemSource) {
    let engine = try LuaScriptEngine(job: job, configuration: script())
    try engine.setupWithoutCalls()
    if let items = engine.items(limit: configuration.limit) { return (engine, items) }
    return (engine, try InputOpener.source(for: configuration.input, limit: configuration.limit))
  }
}
