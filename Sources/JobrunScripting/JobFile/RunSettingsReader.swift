import JobrunModel
import LuaBridge

/// Checks and reads what `run:set` gets. Its shapes, checks and words are those of a job file.
struct RunSettingsReader {
  private let job: JobSpec
  private var validator = JobValidator()
  private var reader: JobSpecReader

  /// - Parameter job: Whose models there are.
  init(of job: JobSpec) {
    self.job = job
    reader = JobSpecReader(directory: FilePath.directory(of: job.path))
  }

  /// The settings, and the models to ask from now on; nil: as before.
  ///
  /// - Throws: everything that is wrong, one after another.
  mutating func settings(from given: LuaTableValue) throws(HostError) -> (RunSettings, model: [String]?) {
    let known = changeable(given, of: JobFields.job, among: JobFields.runSettings, at: .job)
    validator.checkSettings(known)
    var settings = RunSettings()
    settings.concurrency = reader.concurrency(known["concurrency"])
    settings.limits = CallLimitsReader.changes(known["limits"])
    settings.budget = EndingRulesReader.budget(known["budget"])
    if known["budget"]?.table?.entries.isEmpty == true {
      let names = BudgetLimits.Kind.allCases.map(\.rawValue).joined(separator: ", ")
      validator.note("at least one of \(names) expected", at: FieldPath.job.appending("budget"))
    }
    for (key, value) in known["models"]?.table?.entries ?? [] {
      guard let name = key.text else { continue }
      var model = ModelSettings(key: name)
      model.limits = CallLimitsReader.changes(value.table?["limits"])
      model.price = CallLimitsReader.price(value.table?["price"])
      checkModel(name, at: FieldPath.job.appending("models").appending(name))
      settings.models.append(model)
    }
    let model = models(known["model"])
    let problems = validator.problems + reader.problems
    guard problems.isEmpty else {
      throw .message("run:set: " + problems.map(Self.text).joined(separator: "; "))
    }
    return (settings, model)
  }

  /// `limits.rpm: positive number expected, got "60/min"`
  private static func text(_ problem: JobProblem) -> String {
    let path = "\(problem.path)".dropFirst(problem.path == .job ? 0 : "job".count)
    return "\(path.first == "." ? path.dropFirst() : path): \(problem.message)"
  }

  /// The fields that can change, those of models too. The others of a job are told by what is the matter with them.
  private mutating func changeable(
    _ table: LuaTableValue, of all: [FieldSpec], among settings: [FieldSpec], at path: FieldPath
  ) -> LuaTableValue {
    var table = table
    table.entries = table.entries.compactMap { entry in
      guard let name = entry.key.text else { return entry }
      if all.contains(where: { $0.name == name }), !settings.contains(where: { $0.name == name }) {
        let names = settings.map(\.name).joined(separator: ", ")
        validator.note("cannot change while the job runs (\(names) can)", at: path.appending(name))
        return nil
      }
      guard path == .job, name == "models", var models = entry.value.table else { return entry }
      models.entries = models.entries.map { model in
        guard let key = model.key.text, let fields = model.value.table else { return model }
        let place = path.appending(name).appending(key)
        let known = changeable(fields, of: JobFields.model, among: JobFields.modelSettings, at: place)
        return (model.key, .table(known))
      }
      return (entry.key, .table(models))
    }
    return table
  }

  private mutating func models(_ value: LuaValue?) -> [String]? {
    let place = FieldPath.job.appending("model")
    let names = value?.text.map { [$0] } ?? value?.table?.entries.compactMap(\.value.text)
    guard let names else { return nil }
    if names.isEmpty { validator.note("at least one model expected, got an empty list", at: place) }
    if Set(names).count < names.count { validator.note("each model once expected", at: place) }
    if job.models != nil { for name in names { checkModel(name, at: place) } }
    return names
  }

  private mutating func checkModel(_ name: String, at place: FieldPath) {
    guard let models = job.models else { return validator.note("the job has no `models`", at: place) }
    if models.contains(where: { $0.key == name }) { return }
    validator.note(
      "there is no model \"\(name)\"\(NameSuggestion.hint(for: name, among: models.map(\.key)))", at: place)
  }

}

extension CallLimitsReader {
  /// Limits to change; nil where there is no such table.
  static func changes(_ value: LuaValue?) -> LimitSettings? {
    guard let table = value?.table else { return nil }
    var changes = LimitSettings()
    changes.requests = table["rpm"]?.number
    changes.tokens = table["tpm"]?.number
    changes.inputTokens = table["itpm"]?.number
    changes.outputTokens = table["otpm"]?.number
    changes.burstSeconds = table["burst_s"]?.number
    return changes
  }
}
