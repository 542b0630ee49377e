public import JobrunModel
import Glibc

/// What a script writes to: `print`, `jobrun.log` and `ctx:log`.
public enum ScriptLogLevel: String, Sendable {
  case print, info, warning, error
}

/// What the program gives to scripts from the moment a job file is loaded.
public struct ScriptHost {
  /// The program's version, for `jobrun.version`.
  public var version: String
  /// The value of an environment variable.
  public var environment: (String) -> String?
  /// Takes a message of a script. Control characters are not escaped.
  public var log: (ScriptLogLevel, String) -> Void
  /// Opens an input for `jobrun.rows`; its path is resolved.
  public var rows: (InputSpec) throws(RunError) -> any RecordIterator

  public init(
    version: String, environment: @escaping (String) -> String? = ScriptHost.processEnvironment,
    log: @escaping (ScriptLogLevel, String) -> Void,
    rows: @escaping (InputSpec) throws(RunError) -> any RecordIterator
  ) {
    self.version = version
    self.environment = environment
    self.log = log
    self.rows = rows
  }

  /// The process's own environment.
  public static func processEnvironment(_ name: String) -> String? {
    getenv(name).map { String(cString: $0) }
  }
}
