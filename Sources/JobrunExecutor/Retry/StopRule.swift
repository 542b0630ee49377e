internal import JobrunModel

/// Sees from the failures of a scope that no other item can succeed either, so that a run ends after one request and
/// not after a million. A pure value.
///
/// The first request of a scope goes alone, the *canary*. A refused key or an empty account stops the run at once while
/// nothing has succeeded; later after three such answers in a row. Five requests refused in the same words stop it, too.
struct StopRule {
  private static let refusalsInARow = 3
  private static let identicalRefusals = 5

  /// Whether `bad_request` failures may go on for ever (`--keep-going`).
  private let keepsGoing: Bool
  /// How messages name the provider, and where its key comes from.
  let endpoint: EndpointDescription
  private var succeeded = false
  /// The provider has judged a request by what it says: the canary is back.
  private(set) var isProven = false
  private var refusals = 0
  private var identical: (words: String, count: Int)?

  init(endpoint: EndpointDescription, keepsGoing: Bool = false) {
    self.endpoint = endpoint
    self.keepsGoing = keepsGoing
  }

  mutating func succeededOnce() {
    succeeded = true
    isProven = true
    refusals = 0
    identical = nil
  }

  /// - Parameter isFinal: The call gives up; it was its last attempt.
  /// - Returns: What ends the run, or makes it go on with another model; nil: nothing of the kind.
  mutating func judge(_ error: AttemptError, isFinal: Bool) -> RunError? {
    switch error.errorClass {
    case .auth, .quota:
      refusals += 1
      let stops = !succeeded || refusals >= Self.refusalsInARow
      return stops ? refused(error) : nil
    case .badRequest:
      let isMisdirected = [404, 405, 407].contains(error.status) || (300..<400).contains(error.status)
      if !succeeded, isMisdirected { return unusable(error) }
      return isFinal ? repeated(error) : nil
    case .network where !succeeded && isFinal, .badResponse where !succeeded && isFinal && error.code == "html":
      return unusable(error)
    case .contentFilter, .contextLength, .tooLarge, .truncated: if error.dispatched == .yes { isProven = true }
    case .badResponse: if isFinal { isProven = true }
    default: break
    }
    return nil
  }

  private mutating func repeated(_ error: AttemptError) -> RunError? {
    isProven = isProven || error.dispatched == .yes
    if succeeded || keepsGoing { return nil }
    let words = "\(error.status) \(error.message)"
    let count = identical?.words == words ? (identical?.count ?? 0) + 1 : 1
    identical = (words, count)
    guard count >= Self.identicalRefusals else { return nil }
    return RunError(
      .endpointUnusable, "every request is rejected by \(endpoint.name): \(error.message)",
      hint: "mend the job's request; or go on in spite of it with --keep-going")
  }

  private func refused(_ error: AttemptError) -> RunError {
    if error.errorClass == .quota {
      return RunError(
        .stopped, "\(endpoint.name): the account's money or quota is used up: \(error.message)",
        hint: "run the same command again when there is more")
    }
    let key =
      endpoint.keySource.map { "is the key in \($0) right, and is it one of \(endpoint.host)?" }
      ?? "no key was sent: set the variable of its provider, or `api_key_env` in the job's endpoint"
    return RunError(
      .authentication, "\(endpoint.name) refused the key (HTTP \(error.status)): \(error.message)",
      hint: key + "\n`jobrun check` says which endpoint, variable and model a job uses")
  }

  private func unusable(_ error: AttemptError) -> RunError {
    let hint =
      switch (error.errorClass, error.code) {
      case (.badRequest, _) where error.status == 404: "is the model's name right? is \(endpoint.url) the base URL?"
      case (.badRequest, _) where error.status == 407: "the proxy wants a user and a password in its URL"
      case (.badRequest, _) where error.status == 405: "is \(endpoint.url) the base URL?"
      case (.badRequest, _): "use the final URL as the base URL; redirects are never followed"
      case (.badResponse, _): "is \(endpoint.url) the base URL? is a login page or a proxy in between?"
      case (_, "dns"): "is the host's name right? is there a network?"
      case (_, "connect"): "is the server running? is \(endpoint.url) the base URL?"
      case (_, "tls"): "a certificate authority of your own goes into SSL_CERT_FILE"
      case (_, "proxy"): "the proxy comes from the environment (https_proxy) or from the job's endpoint"
      default: "is \(endpoint.url) the base URL?"
      }
    return RunError(.endpointUnusable, "\(endpoint.name) cannot be used: \(error.message)", hint: hint)
  }
}

/// What messages say of an endpoint.
public struct EndpointDescription: Sendable, Equatable {
  /// A preset's name, or the host.
  public var name: String
  public var host: String
  public var url: String
  /// Where its key came from, such as `OPENAI_API_KEY`; nil: none is sent.
  public var keySource: String?

  public init(name: String, host: String, url: String, keySource: String? = nil) {
    self.name = name
    self.host = host
    self.url = url
    self.keySource = keySource
  }
}
