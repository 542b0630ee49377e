internal import JobrunHTTP
internal import JobrunModel

/// Resolves the endpoint of a run from its options and its environment.
enum EndpointChoice {
  static func resolve(
    _ spec: EndpointSpec?, baseURL: String?, options: RunOptions, environment: Environment
  ) throws(RunError) -> Endpoint {
    try resolver(baseURL: baseURL, options: options, environment: environment).resolve(spec)
  }

  private static func resolver(
    baseURL: String?, options: RunOptions, environment: Environment
  ) throws(RunError) -> EndpointResolver {
    var key: (Secret, String)?
    if let path = options.apiKeyFile {
      key = (try ReadFile.key(at: path), path)
    } else if let secret = environment.value("JOBRUN_API_KEY").flatMap(Secret.init) {
      key = (secret, "JOBRUN_API_KEY")
    }
    return EndpointResolver(
      baseURL: baseURL, key: key, allowPlaintext: options.allowPlaintext, environment: environment.value)
  }

  /// The form of a model's requests: its own, the job's, the endpoint's, chat.
  static func api(
    _ model: ModelSpec?, _ configuration: RunConfiguration, options: RunOptions, environment: Environment
  ) -> WireAPI {
    if let api = model?.api ?? configuration.spec.api { return api }
    let resolver = try? resolver(baseURL: configuration.baseURL, options: options, environment: environment)
    return resolver?.api(model?.endpoint ?? configuration.spec.endpoint) ?? .chat
  }
}
