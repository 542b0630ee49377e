import Foundation
import JobrunModel
import LuaBridge
import Testing

@testable import JobrunScripting

/// A job file given as text, with an engine around it.
@Loop
final class Script {
  let engine: LuaScriptEngine
  let statistics: FixedStatistics
  private(set) var log: Log

  /// - Parameters:
  ///   - files: Further files of the job's folder, by their paths in it.
  init(
    _ source: String, files: [String: String] = [:], model: String? = nil, parameters: [String] = [],
    records: [ItemRecord] = [], environment: [String: String] = [:], api: WireAPI = .chat, apis: [String: WireAPI] = [:]
  ) throws {
    log = Log()
    statistics = FixedStatistics()
    let job = try Script.load(source, files: files, records: records, environment: environment, log: log)
    var configuration = ScriptConfiguration(
      model: model, parameters: try ParameterOverrides(parameters), statistics: statistics)
    (configuration.api, configuration.apis) = (api, apis)
    engine = try LuaScriptEngine(job: job, configuration: configuration)
  }

  /// Loads a job file `jobs/test.lua` with this text.
  static func load(
    _ source: String, files: [String: String] = [:], records: [ItemRecord] = [],
    environment: [String: String] = [:], log: Log = Log()
  ) throws -> JobFile {
    let folder = try Folder(files: files)
    return try JobFile.load(
      source: Array(source.utf8), path: folder.path + "/test.lua", displayPath: "jobs/test.lua",
      host: host(records: records, environment: environment, log: log))
  }

  static func host(
    records: [ItemRecord] = [], environment: [String: String] = [:], log: Log = Log()
  ) -> ScriptHost {
    ScriptHost(
      version: "1.2.3", environment: { environment[$0] }, log: { log.entries.append("\($0.rawValue): \($1)") },
      rows: { input throws(RunError) in
        if input.path.hasSuffix("missing.jsonl") { throw RunError(.noInput, "\(input.path): no such file") }
        log.opened.append(input)
        return FixedRows(records, log: log)
      })
  }

  /// The messages of a job file that cannot be loaded.
  static func problems(_ source: String, files: [String: String] = [:]) throws -> [String] {
    do {
      _ = try load(source, files: files)
      return []
    } catch let problems as JobProblems {
      return problems.messages
    }
  }

  /// The request of an item, as text.
  func request(_ record: ItemRecord = .line("hello")) throws -> String {
    let (item, step) = engine.begin(record)
    defer { engine.abandon(item) }
    guard case .call(let request) = step else {
      Issue.record("no request: \(step)")
      return ""
    }
    return String(decoding: request.body, as: UTF8.self)
  }

  /// The item's end, its request answered with `answer`.
  func result(_ record: ItemRecord = .line("hello"), answer: Answer = .text("bonjour")) -> ItemResult {
    let (item, step) = engine.begin(record)
    guard case .call = step else { return step.result ?? .unfinished }
    return engine.resume(item, with: .success(answer)).result ?? .unfinished
  }

  /// The item's rows.
  func rows(_ record: ItemRecord = .line("hello"), answer: Answer = .text("bonjour")) -> [String] {
    let result = result(record, answer: answer)
    guard case .ok(let rows) = result else {
      Issue.record("no rows: \(result)")
      return []
    }
    return rows.map { String(decoding: $0, as: UTF8.self) }
  }

  /// Why the item failed.
  func failure(_ record: ItemRecord = .line("hello"), answer: Answer = .text("bonjour")) throws -> ItemFailure {
    let result = result(record, answer: answer)
    guard case .failed(let failure) = result else {
      Issue.record("the item did not fail: \(result)")
      throw CancellationError()
    }
    return failure
  }

  /// What a Lua expression gives in the hook `prompt`, with `item` and `ctx` in reach, as JSON.
  static func value(
    _ expression: String, files: [String: String] = [:], before: String = "", records: [ItemRecord] = [],
    environment: [String: String] = [:]
  ) throws -> String {
    let script = try Script(
      """
      \(before)
      return { model = "m", prompt = function(item, ctx)
        ctx:emit { value = \(expression) }
        return false
      end }
      """, files: files, records: records, environment: environment)
    let row = script.rows().first ?? ""
    return String(row.dropFirst("{\"value\":".count).dropLast())
  }

  /// The message of the error that statements raise in the hook `prompt`.
  static func error(_ statements: String, before: String = "", records: [ItemRecord] = []) throws -> String {
    let script = try Script(
      "\(before) return { model = 'm', prompt = function(item, ctx) \(statements) end }", records: records)
    return try script.failure().message
  }
}

extension LuaScriptEngine {
  /// Runs the `finish` hooks, which make no calls.
  func finish() throws(RunError) -> [(name: String, contents: [UInt8])] {
    if let (_, step) = beginFinish(), case .failed(let failure)? = step.result { throw RunError(hookOfRun: failure) }
    return files
  }
}

/// What a script said and opened.
final class Log {
  var entries: [String] = []
  var opened: [InputSpec] = []
  var rowsAlive = 0
}

/// A folder that is removed with its owner's process's temporary files.
struct Folder {
  let path: String

  init(files: [String: String]) throws {
    let url = FileManager.default.temporaryDirectory.appendingPathComponent("jobrun-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: url, withIntermediateDirectories: true)
    for (name, text) in files {
      let file = url.appendingPathComponent(name)
      try FileManager.default.createDirectory(
        at: file.deletingLastPathComponent(), withIntermediateDirectories: true)
      try Data(text.utf8).write(to: file)
    }
    path = url.path
  }
}

/// Rows from memory.
final class FixedRows: RecordIterator {
  private var records: [ItemRecord]
  private let log: Log

  init(_ records: [ItemRecord], log: Log) {
    self.records = records.reversed()
    self.log = log
    log.rowsAlive += 1
  }

  deinit { log.rowsAlive -= 1 }

  func next() throws(RunError) -> ItemRecord? { records.popLast() }
}

/// Live numbers that a test sets.
final class FixedStatistics: StatisticsReader {
  var values: [StatisticName: StatisticValue] = [:]
  var percentiles: [Double: Double] = [:]

  func value(of name: StatisticName) -> StatisticValue? { values[name] }
  var models: [String: FixedStatistics] = [:]

  func latency(percentile: Double) -> Double? { percentiles[percentile] }
  var modelNames: [String] { models.keys.sorted() }
  func model(_ name: String) -> (any StatisticsReader)? { models[name] }
}
