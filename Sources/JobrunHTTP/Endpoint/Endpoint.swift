public import JobrunModel

/// Whom the transport asks, with everything decided.
public struct Endpoint: Sendable, Equatable {
  /// How messages call it: a preset's name, or the host.
  public var name: String
  /// The URL before `/chat/completions` and the like, without a slash at its end. `{model}` in it stands for the model's
  /// name.
  public var baseURL: String
  /// The key and the header it goes out in; nil: none is sent.
  public var key: Secret?
  public var keyHeader: String
  /// Where the key came from, for messages: `OPENAI_API_KEY`.
  public var keySource: String?
  public var headers: [String: String]
  public var proxy: String?
  /// The form of requests that it takes unless the job says another; nil: chat.
  public var api: WireAPI?
  /// What stands behind the path, without its `?`; nil: nothing.
  public var query: String?

  public init(
    name: String, baseURL: String, key: Secret? = nil, keyHeader: String = "Authorization: Bearer ",
    keySource: String? = nil, headers: [String: String] = [:], proxy: String? = nil,
    api: WireAPI? = nil
  ) {
    self.name = name
    self.baseURL = baseURL
    self.key = key
    self.keyHeader = keyHeader
    self.keySource = keySource
    self.headers = headers
    self.proxy = proxy
    self.api = api
  }

  /// The endpoint of one model, where the URL names it.
  public func naming(model: String) -> Endpoint {
    guard namesModel else { return self }
    var endpoint = self
    // What a deployment's name may not have is no part of the path.
    let name = model.utf8.map { byte in
      let isPlain =
        Character(Unicode.Scalar(byte)).isLetter || (0x30...0x39).contains(byte) || "-._~".utf8.contains(byte)
      return isPlain && byte < 0x80
        ? String(Unicode.Scalar(byte)) : "%" + (byte < 16 ? "0" : "") + String(byte, radix: 16, uppercase: true)
    }.joined()
    endpoint.baseURL = baseURL.replacing("{model}", with: name)
    return endpoint
  }

  /// Whether the URL names the model.
  public var namesModel: Bool { baseURL.contains("{model}") }

  /// The host that is asked, for messages.
  public var host: String { Origin(baseURL)?.host ?? baseURL }
}

/// The parts of a base URL that decide whom a key belongs to.
struct Origin: Equatable {
  var scheme: String
  var host: String
  var port: Int

  /// - Returns: nil where the text is no http or https URL with a host.
  init?(_ url: String) {
    guard let separator = url.firstRange(of: "://") else { return nil }
    scheme = url[..<separator.lowerBound].lowercased()
    guard scheme == "http" || scheme == "https" else { return nil }
    var authority = url[separator.upperBound...].prefix { $0 != "/" && $0 != "?" && $0 != "#" }
    // A user in a URL is a secret on the command line, and a way to look like another host.
    guard !authority.contains("@"), !authority.contains(where: { $0.isWhitespace }) else { return nil }
    port = scheme == "https" ? 443 : 80
    if authority.hasPrefix("[") {
      guard let end = authority.firstIndex(of: "]") else { return nil }
      let rest = authority[authority.index(after: end)...]
      if !rest.isEmpty {
        guard rest.first == ":", let number = Int(rest.dropFirst()), (1...65_535).contains(number) else { return nil }
        port = number
      }
      authority = authority[...end]
    } else if let colon = authority.firstIndex(of: ":") {
      guard let number = Int(authority[authority.index(after: colon)...]), (1...65_535).contains(number) else {
        return nil
      }
      port = number
      authority = authority[..<colon]
    }
    guard !authority.isEmpty else { return nil }
    host = authority.lowercased()
  }

  var isLoopback: Bool {
    host == "localhost" || host == "[::1]" || host.hasSuffix(".localhost")
      || (host.hasPrefix("127.") && host.allSatisfy { $0.isNumber || $0 == "." })
  }
}
