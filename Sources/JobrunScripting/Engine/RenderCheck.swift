public import JobrunModel

/// Renders one record's request twice, each time in a Lua state of its own, for `jobrun check`.
///
/// Two states differ in what two runs differ in: the order of `pairs`, the clock, the addresses of tables. So a
/// request that depends on one of these is found out, mostly; a request that came out the same may still depend
/// on what happened to be equal.
public struct RenderCheck {
  /// What `begin` gave first.
  public let first: ScriptStep
  /// What it gave in the second state.
  public let second: ScriptStep

  /// The requests have the same bytes, or neither record led to a request.
  public var isRepeatable: Bool {
    switch (first, second) {
    case (.call(let a), .call(let b)): a.body == b.body
    case (.sleep, .sleep): true
    case (.finished, .finished): true
    default: false
    }
  }

  /// Renders `records`, one item or a pack, with the job of `job` and with a second load of its file.
  ///
  /// `setup` runs before, `finish` does not; nothing is sent.
  /// - Parameters:
  ///   - job: A job file without an engine; it is used up.
  ///   - records: Not looked at where the items come from the job's function `input`, which is called in both states.
  @Loop
  public init(job: JobFile, configuration: ScriptConfiguration, records: [ItemRecord]) throws(RunError) {
    let again: JobFile
    do {
      again = try JobFile.load(path: job.path, displayPath: job.displayPath, host: job.host)
    } catch {
      throw RunError(.job, error.messages.joined(separator: "\n"))
    }
    first = try Self.render(job, configuration, records)
    second = try Self.render(again, configuration, records)
  }

  @Loop
  private static func render(
    _ job: JobFile, _ configuration: ScriptConfiguration, _ records: [ItemRecord]
  ) throws(RunError) -> ScriptStep {
    let engine = try LuaScriptEngine(job: job, configuration: configuration)
    try engine.setupWithoutCalls()
    var records = records
    if let source = engine.items(limit: engine.packSize ?? 1) {
      records = []
      while let record = try source.nextRecord() { records.append(record) }
    }
    if records.isEmpty { return .finished(.unfinished) }
    let (item, step) = engine.begin(records)
    engine.abandon(item)
    // Of calls at the same time the first is shown.
    if case .fork(let branches) = step { return branches.first?.step ?? step }
    return step
  }
}
