public import JobrunModel
import LuaBridge

/// A job file that was loaded and found in order, with the Lua state it lives in.
@Loop
public final class JobFile {
  /// The settings.
  public nonisolated let spec: JobSpec
  /// The file as its user named it.
  public nonisolated let displayPath: String
  /// What is not wrong but ought to be otherwise, one line each with its place.
  public nonisolated let warnings: [String]
  /// The file, absolute; with `host`, what a second load needs.
  let path: String
  let host: ScriptHost

  let world: LuaWorld
  /// The numbers of the job's own.
  public var counters: Counters { world.services.counters }
  let hooks: HookSet
  let defaults: [(name: String, value: RequestBuilder.Default)]
  /// The job's `schema`.
  let schema: AnswerSchema?
  /// The job's `input` where that is a function.
  let inputFunction: LuaReference?
  /// The job's own table `params`, which scripts may hold too; a new one where the job has none.
  let parameters: LuaReference
  /// An engine has been made: a Lua state serves one only.
  var isTaken = false

  /// Loads a job file: runs its top level and checks what it returns.
  ///
  /// - Parameters:
  ///   - path: The file.
  ///   - displayPath: The file as messages name it; `path` without it.
  /// - Throws: everything that is wrong, at once.
  public static func load(
    path: String, displayPath: String? = nil, host: ScriptHost
  ) throws(JobProblems) -> JobFile {
    let shown = displayPath ?? path
    let source: [UInt8]
    do {
      source = try FilePath.contents(of: path, limit: 64 << 20)
    } catch {
      throw JobProblems(["\(shown): \(error.reason)"])
    }
    return try load(source: source, path: path, displayPath: shown, host: host)
  }

  /// Loads a job file whose text is at hand.
  static func load(
    source: [UInt8], path: String, displayPath: String, host: ScriptHost
  ) throws(JobProblems) -> JobFile {
    let loader = JobLoader(path: FilePath.absolute(path), displayPath: displayPath, source: source, host: host)
    return JobFile(loader: loader, loaded: try loader.load())
  }

  init(loader: JobLoader, loaded: JobLoader.Loaded) {
    path = loader.path
    displayPath = loader.displayPath
    host = loader.host
    spec = loaded.spec
    warnings = SecretScan.lines(in: loader.source).map { line in
      "\(loader.displayPath):\(line): this looks like an API key; keep keys in the environment (`api_key_env`)"
    }
    world = loaded.world
    hooks = loaded.hooks
    defaults = loaded.defaults
    schema = loaded.schema
    inputFunction = loaded.inputFunction
    parameters = loaded.parameters
  }
}
