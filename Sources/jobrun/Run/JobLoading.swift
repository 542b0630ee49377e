internal import JobrunExecutor
internal import JobrunModel
internal import JobrunScripting
internal import JobrunStorage

/// Loads job files for the commands, with what the program gives to scripts.
@Loop
enum JobLoading {
  /// - Parameter isQuiet: What scripts tell for information is left out.
  /// - Throws: `RunError` (`job`, or `noInput` where there is no such file) with every problem at once.
  static func load(
    _ path: String, environment: Environment, console: Console, isQuiet: Bool = false
  ) throws(RunError) -> JobFile {
    guard ReadFile.exists(path) else {
      throw RunError(.noInput, "there is no job file \(path)", hint: "jobrun --help shows how to run one")
    }
    let host = ScriptHost(
      version: JobrunCommand.version, environment: environment.value,
      log: { level, message in
        switch level {
        case .print: console.print(message)
        case .info where isQuiet: break
        default: console.print("\(level.rawValue): \(message)")
        }
      },
      rows: { (input) throws(RunError) in try InputOpener.rows(for: input) })
    do {
      return try JobFile.load(path: path, displayPath: path, host: host)
    } catch {
      let trace = error.traceback.map { "\n" + $0 } ?? ""
      throw RunError(.job, error.messages.joined(separator: "\n        ") + trace)
    }
  }

  static func script(
    _ configuration: RunConfiguration, options: RunOptions, environment: Environment, statistics: any StatisticsReader
  ) throws(RunError) -> ScriptConfiguration {
    var script = ScriptConfiguration(
      model: configuration.model, parameters: try ParameterOverrides(options.param), input: configuration.input,
      output: configuration.output, statistics: statistics)
    script.api = EndpointChoice.api(nil, configuration, environment: environment)
    for model in configuration.spec.models ?? [] {
      script.apis[model.key] = EndpointChoice.api(model, configuration, environment: environment)
    }
    return script
  }
}
