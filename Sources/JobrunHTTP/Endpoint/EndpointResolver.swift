public import JobrunModel

/// Decides which endpoint a run asks and which key goes there, from command line, job file and environment.
///
/// Precedence: a base URL given for this run; the job's endpoint; `OPENAI_BASE_URL`; the first preset whose key is
/// set. A key is only ever sent to the endpoint that it belongs to: a variable's key to its preset's host, and
/// `OPENAI_API_KEY` also to that of `OPENAI_BASE_URL`.
public struct EndpointResolver: Sendable {
  /// The base URL given for this run (`--base-url`, `JOBRUN_BASE_URL`).
  public var baseURL: String?
  /// The key given for this run, and where it came from (`--api-key-file`, `JOBRUN_API_KEY`).
  public var key: (value: Secret, source: String)?
  public var environment: @Sendable (String) -> String?
  /// Lets a key go out unencrypted to another machine.
  public var allowPlaintext = false

  public init(
    baseURL: String? = nil, key: (value: Secret, source: String)? = nil, allowPlaintext: Bool = false,
    environment: @escaping @Sendable (String) -> String?
  ) {
    self.baseURL = baseURL
    self.key = key
    self.allowPlaintext = allowPlaintext
    self.environment = environment
  }

  /// - Throws: `RunError` (`job`) that says what to set.
  public func resolve(_ spec: EndpointSpec?) throws(RunError) -> Endpoint {
    var endpoint = try base(spec)
    endpoint.baseURL = Self.withoutTrailingSlash(endpoint.baseURL)
    if let query = endpoint.query, !query.utf8.allSatisfy({ (0x21..<0x7F).contains($0) }) {
      throw RunError(.job, "\"\(query)\" cannot stand in a URL")
    }
    guard let origin = Origin(endpoint.baseURL) else {
      throw RunError(
        .job, "\"\(endpoint.baseURL)\" is not a base URL", hint: "for example https://api.openai.com/v1")
    }
    if let key {
      endpoint.key = key.value
      endpoint.keySource = key.source
    }
    if let key = endpoint.key {
      guard key.isHeaderSafe else {
        throw RunError(
          .job, "the key in \(endpoint.keySource ?? "the environment") has characters that no key has",
          hint: "copy it again, without quotes and line breaks")
      }
      guard origin.scheme == "https" || origin.isLoopback || allowPlaintext else {
        throw RunError(
          .job, "the key would go to \(origin.host) unencrypted",
          hint: "use https, or allow it with --allow-plaintext")
      }
    }
    return endpoint
  }

  /// The form of requests that an endpoint takes: what the job says of it, else what it is by itself; nil: unknown. A
  /// missing key does not matter.
  public func api(_ spec: EndpointSpec?) -> WireAPI? {
    switch spec {
    case .custom(let custom): if let api = custom.api { return api }
    case .preset(let name): if let api = EndpointPreset.named(name)?.api { return api }
    case nil: break
    }
    return (try? base(spec))?.api
  }

  private func base(_ spec: EndpointSpec?) throws(RunError) -> Endpoint {
    if let baseURL { return keyed(Endpoint(name: Origin(baseURL)?.host ?? baseURL, baseURL: baseURL), spec) }
    switch spec {
    case .preset(let name):
      guard let preset = EndpointPreset.named(name) else {
        throw RunError(.job, "there is no endpoint \"\(name)\"", hint: Self.presetNames)
      }
      return try fromPreset(preset)
    case .custom(let custom):
      var endpoint = Endpoint(
        name: Origin(custom.baseURL)?.host ?? custom.baseURL, baseURL: custom.baseURL, headers: custom.headers,
        proxy: custom.proxy, api: custom.api)
      if custom.api == .messages, let anthropic = EndpointPreset.named("anthropic") {
        endpoint.keyHeader = anthropic.keyHeader
        endpoint.headers.merge(anthropic.headers) { own, _ in own }
      }
      if let variable = custom.apiKeyEnvironment {
        guard key != nil || secret(variable) != nil else { throw Self.missing(variable, for: endpoint.name) }
        (endpoint.key, endpoint.keySource) = (secret(variable), variable)
      }
      return endpoint
    case nil:
      return try fromEnvironment()
    }
  }

  private func fromEnvironment() throws(RunError) -> Endpoint {
    if let url = environment("OPENAI_BASE_URL"), !url.isEmpty {
      return keyed(Endpoint(name: Origin(url)?.host ?? url, baseURL: url), nil)
    }
    for preset in EndpointPreset.all {
      let variables = [preset.keyEnvironment, preset.tokenEnvironment].compactMap(\.self)
      if preset.needsKey, variables.contains(where: { secret($0) != nil }) { return try fromPreset(preset) }
    }
    let variables = EndpointPreset.all.filter(\.needsKey).compactMap { preset in
      preset.keyEnvironment.map {
        "  export \($0)=…   \(preset.baseURL.map { "for \($0)" } ?? "and \(preset.baseURLEnvironment ?? "")")"
      }
    }
    throw RunError(
      .job, "no endpoint: the job names none, and no key is set",
      hint: """
        set the key of one provider:
        \(variables.joined(separator: "\n"))
        or ask a server of your own:
          --base-url http://localhost:8000/v1
        or try the job without a provider, with replies that are not real:
          --mock
        """)
  }

  private func fromPreset(_ preset: EndpointPreset) throws(RunError) -> Endpoint {
    var url = preset.baseURL
    var query: String?
    if let variable = preset.baseURLEnvironment, let given = environment(variable), !given.isEmpty {
      url = Self.withoutTrailingSlash(given)
      if let version = preset.versionEnvironment.flatMap(environment), !version.isEmpty {
        url? += "/openai/deployments/{model}"
        query = "api-version=\(version)"
      } else if !preset.baseURLSuffix.isEmpty, url?.hasSuffix(preset.baseURLSuffix) == false {
        url? += preset.baseURLSuffix
      }
    }
    guard let url else {
      throw RunError(
        .job, "the endpoint \"\(preset.name)\" needs its address",
        hint: "export \(preset.baseURLEnvironment ?? "")=https://…")
    }
    var endpoint = Endpoint(name: preset.name, baseURL: url, keyHeader: preset.keyHeader)
    endpoint.query = query
    takeHeaders(of: preset, into: &endpoint)
    if let variable = preset.keyEnvironment, let secret = secret(variable) {
      (endpoint.key, endpoint.keySource) = (secret, variable)
    } else if let variable = preset.tokenEnvironment, let secret = secret(variable) {
      (endpoint.key, endpoint.keySource, endpoint.keyHeader) = (secret, variable, "Authorization: Bearer ")
    } else if preset.needsKey, key == nil {
      throw Self.missing(preset.keyEnvironment ?? "", for: preset.name)
    }
    return endpoint
  }

  /// Gives an endpoint known by its URL alone the key that belongs there, if any.
  private func keyed(_ endpoint: Endpoint, _ spec: EndpointSpec?) -> Endpoint {
    var endpoint = endpoint
    let origin = Origin(endpoint.baseURL)
    if case .custom(let custom) = spec, let variable = custom.apiKeyEnvironment, origin == Origin(custom.baseURL) {
      (endpoint.key, endpoint.keySource) = (secret(variable), variable)
      (endpoint.headers, endpoint.proxy, endpoint.api) = (custom.headers, custom.proxy, custom.api)
      return endpoint
    }
    for preset in EndpointPreset.all {
      let own = preset.baseURLEnvironment.flatMap(environment).flatMap(Origin.init)
      guard let origin, origin == preset.baseURL.flatMap(Origin.init) || origin == own else { continue }
      guard let variable = preset.keyEnvironment, let secret = secret(variable) else {
        // The form of its requests does not depend on a key.
        endpoint.api = endpoint.api ?? preset.api
        continue
      }
      (endpoint.key, endpoint.keySource, endpoint.keyHeader) = (secret, variable, preset.keyHeader)
      takeHeaders(of: preset, into: &endpoint)
      return endpoint
    }
    return endpoint
  }

  /// What a preset says beside its address and its key.
  private func takeHeaders(of preset: EndpointPreset, into endpoint: inout Endpoint) {
    endpoint.api = preset.api
    endpoint.headers = preset.headers
    for (name, variable) in preset.headerEnvironment {
      if let value = environment(variable), !value.isEmpty, value.utf8.allSatisfy({ (0x20..<0x7F).contains($0) }) {
        endpoint.headers[name] = value
      }
    }
  }

  private func secret(_ variable: String) -> Secret? { environment(variable).flatMap(Secret.init) }

  private static func missing(_ variable: String, for name: String) -> RunError {
    RunError(.job, "no key for \(name): \(variable) is not set", hint: "export \(variable)=…   or try it with --mock")
  }

  private static func withoutTrailingSlash(_ url: String) -> String {
    var url = url
    while url.hasSuffix("/") { url.removeLast() }
    return url
  }

  private static var presetNames: String {
    "one of " + EndpointPreset.all.map(\.name).joined(separator: ", ") + ", or {base_url=, api_key_env=}"
  }
}
