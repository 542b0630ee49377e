internal import JobrunHTTP
internal import JobrunModel

/// Resolves the endpoint of a run from its options and its environment.
enum EndpointChoice {
  static func resolve(
    _ spec: EndpointSpec?, baseURL: String?, options: RunOptions, environment: Environment
  ) throws(RunError) -> Endpoint {
    var key: (Secret, String)?
    if let path = options.asking.apiKeyFile {
      key = (try ReadFile.key(at: path), path)
    } else if let secret = environment.value("JOBRUN_API_KEY").flatMap(Secret.init) {
      key = (secret, "JOBRUN_API_KEY")
    }
    let resolver = EndpointResolver(
      baseURL: baseURL, key: key, allowPlaintext: options.asking.allowPlaintext, environment: environment.value)
    return try resolver.resolve(spec)
  }

  /// The form of a model's requests: its own, the job's, the endpoint's, chat.
  static func api(
    _ model: ModelSpec?, _ configuration: RunConfiguration, environment: Environment
  ) -> WireAPI {
    known(model, configuration, environment: environment) ?? .chat
  }

  /// Whether nothing says where the job's requests go, and so which form they have.
  static func isUnknown(_ configuration: RunConfiguration, environment: Environment) -> Bool {
    guard let models = configuration.spec.models else {
      return known(nil, configuration, environment: environment) == nil
    }
    return models.contains { known($0, configuration, environment: environment) == nil }
  }

  private static func known(
    _ model: ModelSpec?, _ configuration: RunConfiguration, environment: Environment
  ) -> WireAPI? {
    if let api = model?.api ?? configuration.spec.api { return api }
    let resolver = EndpointResolver(baseURL: configuration.baseURL, environment: environment.value)
    return resolver.api(model?.endpoint ?? configuration.spec.endpoint)
  }
}
