internal import JobrunExecutor
internal import JobrunModel
internal import JobrunScripting
internal import JobrunStorage

/// What a run drives: the hooks of a job file, or whatever else answers to the same port.
@Loop
struct RunSubject {
  /// Makes the engine of a run, and the items that it gives itself; nil: they come from the input.
  typealias Engine =
    @Loop (RunConfiguration, Environment, RunStatistics) throws(RunError) -> (any ScriptEngine, (any ItemSource)?)

  var spec: JobSpec
  var warnings: [String] = []
  var counters = Counters()
  /// The file that says what is to be done, for the journal; nil: the input says it.
  var file: String?
  /// What the journal lies beside, where that is not the output.
  var journalBase: String?
  /// An item has one answer, unless it is part of a pack.
  var itemsAskOnce = true
  /// The input, where it was opened already.
  var source: FileItemSource?
  /// What `--strict` does with the input before the first request.
  var check: (@Loop (InputSpec) async throws(RunError) -> Void)?
  var engine: Engine
  /// The row of a failed item.
  var rowOfFailure: (@Loop (ItemOutcome) -> [UInt8]?)?

  init(spec: JobSpec, engine: @escaping Engine) {
    self.spec = spec
    self.engine = engine
  }

  /// A job file.
  init(_ job: JobFile, options: RunOptions) {
    self.init(spec: job.spec) { (configuration, environment, statistics) throws(RunError) in
      let engine = try LuaScriptEngine(
        job: job,
        configuration: JobLoading.script(
          configuration, options: options, environment: environment, statistics: statistics))
      return (engine, engine.items(limit: configuration.limit))
    }
    itemsAskOnce = !job.asksAsItGoes
    warnings = job.warnings
    counters = job.counters
    file = options.job
    check = { (input) throws(RunError) in try await InputCheck.run(input, of: job) }
  }
}
