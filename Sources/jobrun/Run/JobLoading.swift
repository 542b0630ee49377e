internal import JobrunExecutor
internal import JobrunModel
internal import JobrunScripting
internal import JobrunStorage

/// Loads job files for the commands, with what the program gives to scripts.
@Loop
enum JobLoading {
  /// - Throws: `RunError` (`job`, or `noInput` where there is no such file) with every problem at once.
  static func load(
    _ path: String, environment: Environment, log: @escaping @Loop (ScriptLogLevel, String) -> Void
  ) throws(RunError) -> JobFile {
    guard ReadFile.exists(path) else {
      throw RunError(.noInput, "there is no job file \(path)", hint: "jobrun --help shows how to run one")
    }
    let host = ScriptHost(
      version: JobrunCommand.version, environment: environment.value, log: { log($0, $1) },
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
    script.api = EndpointChoice.api(nil, configuration, options: options, environment: environment)
    for model in configuration.spec.models ?? [] {
      script.apis[model.key] = EndpointChoice.api(model, configuration, options: options, environment: environment)
    }
    return script
  }
}
