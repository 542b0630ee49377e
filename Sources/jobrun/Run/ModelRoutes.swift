internal import JobrunExecutor
internal import JobrunHTTP
internal import JobrunMock
internal import JobrunModel
internal import JobrunStorage

/// The models of a run, each with its endpoint, its transport and its limits.
@Loop
struct ModelRoutes {
  let table: ModelTable
  /// Every endpoint that may be asked, with the models that are asked there; nil: all.
  let endpoints: [(endpoint: Endpoint, api: WireAPI, models: [String]?)]

  init(
    _ configuration: RunConfiguration, options: RunOptions, environment: Environment, mock: MockServer?,
    connections: Int
  ) throws(RunError) {
    var transports: [(endpoint: Endpoint, api: WireAPI, transport: HTTPTransport, models: [String])] = []
    var transportOptions = TransportOptions(
      concurrency: configuration.concurrency.maximum, connectionsPerHost: connections, version: JobrunCommand.version)
    // `run:set` may let more requests go than the run began with.
    if configuration.spec.connectionsPerHost == nil {
      transportOptions.mostConnections = max(connections, ProcessLimits.fileDescriptors - 64)
    }
    transportOptions.certificateFile = environment.value("SSL_CERT_FILE")

    func route(_ key: String, _ spec: ModelSpec?) throws(RunError) -> ModelRoute {
      var endpoint = try Self.endpoint(
        spec?.endpoint ?? configuration.spec.endpoint, configuration, options: options, environment: environment,
        mock: mock)
      if endpoint.namesModel { endpoint = endpoint.naming(model: try Self.onlyModel(spec, configuration)) }
      let api = EndpointChoice.api(spec, configuration, environment: environment)
      let place = transports.firstIndex { $0.endpoint == endpoint && $0.api == api } ?? transports.endIndex
      if place == transports.endIndex {
        let transport = HTTPTransport(
          endpoint: endpoint, api: api, streams: configuration.spec.streams, options: transportOptions)
        transports.append((endpoint, api, transport, []))
      }
      transports[place].models.append(key)
      return ModelRoute(
        key: key, transport: transports[place].transport,
        endpoint: EndpointDescription(
          name: endpoint.name, host: endpoint.host, url: endpoint.baseURL, keySource: endpoint.keySource),
        limits: configuration.limits(of: spec?.limits), timeouts: configuration.timeouts(of: spec?.timeouts),
        price: spec?.price)
    }

    guard let models = configuration.spec.models else {
      table = .any(try route("", nil))
      endpoints = transports.map { ($0.endpoint, $0.api, nil) }
      return
    }
    var routes: [ModelRoute] = []
    for model in models {
      var route = try route(model.key, model)
      route.hasOwnLimits = model.limits != nil
      route.identityScope = configuration.spec.identityScope(of: model.key)
      routes.append(route)
    }
    table = .named(routes)
    endpoints = transports.map { ($0.endpoint, $0.api, $0.models) }
  }

  /// The one model whose name an endpoint's URL has.
  private static func onlyModel(_ spec: ModelSpec?, _ configuration: RunConfiguration) throws(RunError) -> String {
    if let spec { return spec.name }
    let models = configuration.model.map { [$0] } ?? configuration.spec.model
    guard let model = models.first, models.count == 1 else {
      throw RunError(
        .job, "the endpoint's URLs name the model, and the job names \(models.isEmpty ? "none" : "several")",
        hint: "name one in `model`, or each in `models`")
    }
    return model
  }

  private static func endpoint(
    _ spec: EndpointSpec?, _ configuration: RunConfiguration, options: RunOptions, environment: Environment,
    mock: MockServer?
  ) throws(RunError) -> Endpoint {
    if let mock { return Endpoint(name: "mock", baseURL: mock.baseURL) }
    // Nothing is sent: no endpoint and no key are needed.
    if configuration.journalMode == .offline { return Endpoint(name: "offline", baseURL: "http://offline.invalid") }
    return try EndpointChoice.resolve(spec, baseURL: configuration.baseURL, options: options, environment: environment)
  }
}

extension JobSpec {
  /// What tells the requests of a model apart beside their bytes, which those of two models with one name share: the journal
  /// must not take one's answer for the other's.
  func identityScope(of key: String) -> String {
    guard let models, let model = models.first(where: { $0.key == key }) else { return "" }
    return models.contains { $0.key != key && $0.name == model.name } ? key : ""
  }
}
