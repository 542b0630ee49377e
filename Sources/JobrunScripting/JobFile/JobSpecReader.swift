import JobrunModel
import LuaBridge

/// Reads the settings out of a job's table. What has the wrong type is passed over: the validator has noted it.
struct JobSpecReader {
  /// The job file's folder, absolute.
  let directory: String
  private(set) var problems: [JobProblem] = []

  init(directory: String) { self.directory = directory }

  private mutating func note(_ message: String, at path: FieldPath) {
    problems.append(JobProblem(path: path, message: message))
  }

  /// The settings of the job file at `path`, an absolute path.
  mutating func spec(from job: LuaTableValue, path: String) -> JobSpec {
    var spec = JobSpec(path: path, name: FilePath.stem(of: path))
    if let name = job["name"]?.text, !name.isEmpty {
      if name.contains("/") || name.contains("\0") {
        note("name without `/` expected, got \"\(name)\"", at: at("name"))
      }
      spec.name = name
    }
    spec.input = input(job["input"])
    spec.output = output(job["output"], name: spec.name)
    if let order = job["order"]?.text.flatMap(OutputOrder.init(rawValue:)) { spec.order = order }
    spec.endpoint = endpoint(job["endpoint"], at: at("endpoint"))
    spec.api = Self.api(job["api"])
    if case .boolean(let streams)? = job["stream"] { spec.streams = streams }
    spec.concurrency = concurrency(job["concurrency"]) ?? spec.concurrency
    spec.connectionsPerHost = job["connections_per_host"]?.wholeNumber
    spec.limits = CallLimitsReader.limits(job["limits"]) ?? spec.limits
    spec.timeouts = CallLimitsReader.timeouts(job["timeouts"], over: spec.timeouts) ?? spec.timeouts
    spec.retry = CallLimitsReader.retry(job["retry"])
    if case .boolean(let dedupe)? = job["dedupe"] { spec.dedupe = dedupe }
    spec.pack = job["pack"]?.wholeNumber
    if let truncated = job["truncated"]?.text.flatMap(TruncationPolicy.init(rawValue:)) { spec.truncated = truncated }
    noteHooks(of: job)
    readModels(of: job, into: &spec)
    var endings = EndingRulesReader()
    endings.read(job, into: &spec)
    problems += endings.problems
    if let limits = job["hook"]?.table {
      if let timeout = limits["timeout_s"]?.number { spec.hook.timeout = .clamped(seconds: timeout) }
      if let memory = limits["memory_mb"]?.wholeNumber, (1...1_048_576).contains(memory) {
        spec.hook.memoryBytes = memory << 20
      }
    }
    return spec
  }

  /// Which hooks go together.
  private mutating func noteHooks(of job: LuaTableValue) {
    switch (job["prompt"] != nil, job["process"] != nil) {
    case (false, false): note("a job needs `prompt` (or `process`)", at: at("prompt"))
    case (true, true): note("`prompt` or `process` expected, got both", at: at("process"))
    case (false, true) where job["parse"] != nil:
      note("`parse` belongs to `prompt`: `process` returns the rows itself", at: at("parse"))
    case (true, false) where job["pack"] != nil && job["parse"] == nil:
      note("a job with `pack` needs `parse`, to say which row is whose", at: at("pack"))
    default: break
    }
  }

  private func at(_ keys: String...) -> FieldPath { keys.reduce(.job) { $0.appending($1) } }

  /// `model` and `models`: a model that is named must be among those that there are.
  private mutating func readModels(of job: LuaTableValue, into spec: inout JobSpec) {
    if let name = job["model"]?.text { spec.model = [name] }
    if let list = job["model"]?.table {
      spec.model = list.entries.compactMap(\.value.text)
      if spec.model.isEmpty { note("at least one model expected, got an empty list", at: at("model")) }
      if Set(spec.model).count < spec.model.count { note("each model once expected", at: at("model")) }
    }
    guard let table = job["models"]?.table else { return }
    if table.entries.isEmpty { note("at least one model expected, got an empty table", at: at("models")) }
    let models = table.entries.compactMap { entry -> ModelSpec? in
      guard let key = entry.key.text, let fields = entry.value.table else { return nil }
      var model = ModelSpec(key: key, name: fields["name"]?.text ?? key)
      model.endpoint = endpoint(fields["endpoint"], at: at("models", key, "endpoint"))
      model.api = Self.api(fields["api"])
      model.limits = CallLimitsReader.limits(fields["limits"])
      model.timeouts = CallLimitsReader.timeouts(fields["timeouts"], over: spec.timeouts)
      model.price = CallLimitsReader.price(fields["price"])
      return model
    }
    spec.models = models.sorted { $0.key < $1.key }
    for name in spec.model where !models.contains(where: { $0.key == name }) {
      note("there is no model \"\(name)\"\(NameSuggestion.hint(for: name, among: models.map(\.key)))", at: at("model"))
    }
  }

  mutating func concurrency(_ value: LuaValue?) -> Concurrency? {
    if let number = value?.wholeNumber, number > 0 { return .fixed(number) }
    guard let value, value.text == "auto" || value.table != nil else { return nil }
    let minimum = value.table?["min"]?.wholeNumber ?? 1
    let maximum = value.table?["max"]?.wholeNumber ?? max(64, minimum)
    if minimum > maximum { note("`min` up to `max` expected, got \(minimum) and \(maximum)", at: at("concurrency")) }
    return .adaptive(minimum: min(minimum, maximum), maximum: maximum)
  }

  /// An input as `input` and `jobrun.rows` take it; nil where there is none.
  mutating func input(_ value: LuaValue?) -> InputSpec? {
    var reader = InputReader(directory: directory)
    let input = reader.input(value)
    problems += reader.problems
    return input
  }

  private mutating func output(_ value: LuaValue?, name: String) -> OutputSpec? {
    if let path = value?.text { return output(path, at: at("output")) }
    guard let table = value?.table else { return nil }
    let path = table["path"]?.text
    var output = output(path ?? "out/\(name).jsonl", at: path == nil ? at("name") : at("output", "path"))
    output.columns = table["columns"]?.table?.entries.compactMap(\.value.text) ?? []
    var seen: Set<String> = []
    for column in output.columns where !seen.insert(column).inserted {
      note("\"\(column)\" is listed twice", at: at("output", "columns"))
    }
    return output
  }

  private mutating func output(_ path: String, at place: FieldPath) -> OutputSpec {
    if path != "-", OutputSpec.Format(endingOf: path) == nil {
      note("only .jsonl, .csv and .tsv can be written, each also with .gz, got \"\(path)\"", at: place)
    }
    return OutputSpec(path: resolved(path))
  }

  private mutating func endpoint(_ value: LuaValue?, at place: FieldPath) -> EndpointSpec? {
    if let preset = value?.text { return .preset(preset) }
    guard let table = value?.table, let url = table["base_url"]?.text else { return nil }
    if !url.hasPrefix("https://"), !url.hasPrefix("http://") {
      note("URL with http:// or https:// expected, got \"\(url)\"", at: place.appending("base_url"))
    }
    var headers: [String: String] = [:]
    for (key, value) in table["headers"]?.table?.entries ?? [] {
      guard let name = key.text, let text = value.text else { continue }
      if !Self.isHeader(name: name, value: text) {
        note("header without line breaks expected", at: place.appending("headers").appending(name))
      }
      headers[name] = text
    }
    return .custom(
      CustomEndpoint(
        baseURL: url, apiKeyEnvironment: table["api_key_env"]?.text, headers: headers, proxy: table["proxy"]?.text,
        api: Self.api(table["api"])))
  }

  private static func api(_ value: LuaValue?) -> WireAPI? { value?.text.flatMap(WireAPI.init(rawValue:)) }

  private static func isHeader(name: String, value: String) -> Bool {
    !name.isEmpty && name.utf8.allSatisfy { $0 > 0x20 && $0 < 0x7f && $0 != UInt8(ascii: ":") }
      && value.utf8.allSatisfy { $0 >= 0x20 && $0 != 0x7f }
  }

  private func resolved(_ path: String) -> String {
    path == "-" ? path : FilePath.resolve(path, in: directory)
  }
}
