internal import JobrunMock
internal import JobrunModel
internal import JobrunStorage

/// A run with everything decided: command line over environment over job file over defaults.
struct RunConfiguration {
  var spec: JobSpec
  var input: InputSpec
  var output: OutputSpec
  /// Where the answers are kept.
  var journal: String
  /// What the run may do with the journal.
  var journalMode: RunJournal.Mode
  /// Replaces the job's model.
  var model: String?
  var limit: Int?
  var concurrency: Concurrency
  var retry: RetryLimits
  var keepsGoing: Bool
  /// What may be spent in the journal's whole life.
  var budget: BudgetLimits?
  /// What the command line says of each model.
  private var given: (rpm: Double?, tpm: Double?, total: Double?)
  var order: OutputOrder
  /// Nil: a real provider is asked.
  var mock: MockProfile?
  var baseURL: String?

  /// - Parameter environment: The variables, by name.
  /// - Throws: `RunError` (`usage`) for a value of the command line or of `JOBRUN_*` that makes no sense, `job` where
  ///   the job has no input.
  init(spec: JobSpec, options: RunOptions, environment: @escaping (String) -> String?) throws(RunError) {
    self.spec = spec
    given = (nil, nil, nil)
    let settings = Settings(environment: environment)
    if let name = settings.text(options.asking.mock, "JOBRUN_MOCK") {
      do throws(UnknownMockProfile) {
        mock = try MockProfile(named: name)
      } catch {
        throw RunError(.usage, "--mock: \(error)")
      }
    }
    let inputPath = settings.text(options.input, "JOBRUN_INPUT")
    guard let input = inputPath.map({ Self.input($0, like: spec.input) }) ?? spec.input else {
      throw RunError(
        .job, "\(spec.name): there is no input", hint: "give --input FILE, or put `input` into the job file")
    }
    self.input = input
    limit = try settings.wholeNumber(options.limit, "--limit", "JOBRUN_LIMIT", 1...Int.max)
    let outputPath = settings.text(options.output, "JOBRUN_OUTPUT")
    output = Self.output(
      spec: spec, given: outputPath, inputGiven: inputPath, isLimited: limit != nil, isMock: mock != nil)
    journal = Self.journal(spec: spec, outputGiven: outputPath, inputGiven: inputPath, isMock: mock != nil)
    journalMode = options.journal.offline ? .offline : options.journal.failed ? .failedOnly : .normal
    let modes = [
      (options.journal.offline, "--offline"), (options.journal.fresh, "--fresh"), (options.journal.failed, "--failed"),
    ].filter(\.0)
    if modes.count > 1 {
      throw RunError(.usage, "\(modes.map(\.1).joined(separator: " and ")) exclude each other")
    }
    output.guardsFormulas = !options.csvRaw
    let ending = output.path.split(separator: ".").last?.lowercased() ?? ""
    if ["json", "gz", "zst", "parquet", "xlsx"].contains(ending), OutputSpec.Format(endingOf: output.path) == nil {
      throw RunError(
        .usage, "the output \(output.path): only JSON lines, CSV and TSV are written",
        hint: "name it *.jsonl, *.csv or *.tsv, or any of these with .gz")
    }
    if FilePaths.areOneFile(input.path, output.path) {
      throw RunError(.usage, "\(input.path) is both input and output")
    }
    model = settings.text(options.model, "JOBRUN_MODEL")
    concurrency = try settings.concurrency(options.asking.concurrency) ?? spec.concurrency
    given.rpm = try settings.number(options.asking.rpm, "--rpm", "JOBRUN_RPM", most: 1e12)
    given.tpm = try settings.number(options.asking.tpm, "--tpm", "JOBRUN_TPM", most: 1e15)
    given.total = try settings.number(options.asking.timeout, "--timeout", "JOBRUN_TIMEOUT", most: 86_400)
    retry = spec.retry
    let attempts = try settings.wholeNumber(
      options.asking.maxAttempts, "--max-attempts", "JOBRUN_MAX_ATTEMPTS", 1...100)
    retry.attempts = attempts ?? retry.attempts
    keepsGoing = options.keepGoing
    budget = spec.budget
    if let usd = try settings.number(options.budgetUSD, "--budget-usd", "JOBRUN_BUDGET_USD", most: 1e9) {
      budget = budget ?? BudgetLimits()
      budget?.usd = usd
      try Self.wantPrices(of: spec)
    }
    order = spec.order
    if let text = settings.text(options.order, "JOBRUN_ORDER") {
      guard let order = OutputOrder(rawValue: text) else {
        throw RunError(.usage, "--order: \"\(text)\" is neither input nor completion")
      }
      self.order = order
    }
    baseURL = settings.text(options.asking.baseURL, "JOBRUN_BASE_URL")
    if let model, let models = spec.models, !models.contains(where: { $0.key == model }) {
      let known = models.map(\.key).joined(separator: ", ")
      throw RunError(.usage, "--model: there is no model \"\(model)\" in the job", hint: "its models: \(known)")
    }
  }

  /// Where dollars count, every model needs a price. What the job file's own budget wants is checked with the job.
  private static func wantPrices(of spec: JobSpec) throws(RunError) {
    let unpriced = spec.models?.filter { $0.price == nil }.map { "`\($0.key)`" }
    if unpriced?.isEmpty == true { return }
    throw RunError(
      .job, "--budget-usd: \(unpriced.map { "no price for \($0.joined(separator: ", "))" } ?? "no model has a price")",
      hint:
        "say in the job's `models` what each costs: price = { input = …, output = … }, in US dollars a million tokens")
  }

  /// What a model allows: the command line's word over its own over the job's.
  func limits(of own: Limits?) -> Limits {
    var limits = own ?? spec.limits
    limits.requests = given.rpm ?? limits.requests
    limits.tokens = given.tpm ?? limits.tokens
    return limits
  }

  /// The time limits of a model's tries.
  func timeouts(of own: Timeouts?) -> Timeouts {
    var timeouts = own ?? spec.timeouts
    if let seconds = given.total { timeouts.total = .fixed(.clamped(seconds: seconds)) }
    return timeouts
  }

  /// Another input than the job's, which is read as the job's is where its name does not say how.
  private static func input(_ path: String, like own: InputSpec?) -> InputSpec {
    let isFile = own?.origin == .file
    let ownFormat = isFile ? own?.format ?? own.flatMap { InputSpec.Format(endingOf: $0.path) } : nil
    return InputSpec(path: path, format: InputSpec.Format(endingOf: path) ?? ownFormat, id: own?.id)
  }

  /// Where the answers are kept: beside the output that a whole run with this input has. So a part of a run
  /// (`--limit`), and one whose rows go to a stream, buy for the whole.
  private static func journal(spec: JobSpec, outputGiven: String?, inputGiven: String?, isMock: Bool) -> String {
    var base = output(spec: spec, given: outputGiven, inputGiven: inputGiven, isLimited: false, isMock: false).path
    if !OutputPlace.isFile(base) {
      base = output(spec: spec, given: nil, inputGiven: inputGiven, isLimited: false, isMock: false).path
    }
    if !OutputPlace.isFile(base) {
      base = FilePaths.join(FilePaths.join(FilePaths.folder(of: spec.path), "out"), "\(spec.name).jsonl")
    }
    return base + (isMock ? ".mock.journal" : ".journal")
  }

  /// Where the rows go: a mock's, a part's and another input's never replace the job's own output.
  private static func output(
    spec: JobSpec, given: String?, inputGiven: String?, isLimited: Bool, isMock: Bool
  ) -> OutputSpec {
    let (columns, format) = (spec.output?.columns ?? [], spec.output?.format ?? .jsonLines)
    if let given { return OutputSpec(path: given, columns: columns, format: format) }
    let folder = FilePaths.join(FilePaths.folder(of: spec.path), "out")
    var path = spec.output?.path ?? FilePaths.join(folder, "\(spec.name).jsonl")
    if let inputGiven {
      path = FilePaths.join(folder, "\(spec.name).\(FilePaths.stem(of: inputGiven)).\(format.rawValue)")
      if FileCompression(endingOf: spec.output?.path ?? "") == .gzip { path += FileCompression.gzip.rawValue }
    }
    if isLimited, path != "-" { path = FilePaths.inserting("limit", into: path) }
    if isMock, path != "-" { path = FilePaths.inserting("mock", into: path) }
    return OutputSpec(path: path, columns: columns, format: format)
  }
}

/// Values from the command line, else from the environment.
private struct Settings {
  let environment: (String) -> String?

  func text(_ option: String?, _ variable: String) -> String? {
    if let option { return option }
    return environment(variable).flatMap { $0.isEmpty ? nil : $0 }
  }

  func wholeNumber(_ option: Int?, _ flag: String, _ variable: String, _ range: ClosedRange<Int>) throws(RunError)
    -> Int?
  {
    var name = flag
    var value = option
    if value == nil, let text = text(nil, variable) {
      name = variable
      guard let number = Int(text) else {
        throw RunError(.usage, "\(variable): whole number expected, got \"\(text)\"")
      }
      value = number
    }
    guard let value else { return nil }
    guard range.contains(value) else {
      let upper = range.upperBound == .max ? "or more" : "to \(range.upperBound)"
      throw RunError(.usage, "\(name): \(range.lowerBound) \(upper) expected, got \(value)")
    }
    return value
  }

  /// A number above zero.
  func number(_ option: Double?, _ flag: String, _ variable: String, most: Double) throws(RunError) -> Double? {
    var name = flag
    var value = option
    if value == nil, let text = text(nil, variable) {
      name = variable
      guard let number = Double(text) else { throw RunError(.usage, "\(variable): number expected, got \"\(text)\"") }
      value = number
    }
    guard let value else { return nil }
    guard value > 0, value <= most else {
      throw RunError(.usage, "\(name): a number above 0, up to \(Int(most)), expected, got \(value)")
    }
    return value
  }

  /// A number of requests, or `auto`.
  func concurrency(_ option: String?) throws(RunError) -> Concurrency? {
    let name = option == nil ? "JOBRUN_CONCURRENCY" : "--concurrency"
    guard let text = text(option, "JOBRUN_CONCURRENCY") else { return nil }
    if text == "auto" { return .adaptive(minimum: 1, maximum: 64) }
    guard let number = Int(text), (1...10_000).contains(number) else {
      throw RunError(.usage, "\(name): 1 to 10000, or auto, expected, got \"\(text)\"")
    }
    return .fixed(number)
  }
}
