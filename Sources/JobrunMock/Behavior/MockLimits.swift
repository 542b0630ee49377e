/// The rate limits that a server enforces, for each model name on its own, as a provider does.
///
/// A request is accepted where both windows have room for it, and charged to both at once; otherwise it gets 429.
public struct MockLimits: Sendable, Equatable {
  /// Requests a minute; nil: any number.
  public var requestsPerMinute: Double?
  /// Prompt and completion tokens a minute, together; nil: any number.
  public var tokensPerMinute: Double?
  /// How the limits are spread over the minute.
  public var window: MockWindow
  /// The same for tokens, where they differ from requests.
  public var tokenWindow: MockWindow?
  /// A refused request counts to the requests of the minute, too. Its tokens never do.
  public var countsRejected: Bool
  /// The tokens that a request is charged.
  public var tokenCharge: MockTokenCharge
  /// The headers in which every answer tells limit, rest and reset.
  public var headers: MockHeaderManner
  /// How a 429 says when to come back.
  public var retryAfter: MockRetryHint

  /// - Parameter retryAfter: Nil: what goes with `headers`.
  public init(
    requestsPerMinute: Double? = nil, tokensPerMinute: Double? = nil, window: MockWindow = .tokenBucket(),
    tokenWindow: MockWindow? = nil, countsRejected: Bool = false, tokenCharge: MockTokenCharge = .actual,
    headers: MockHeaderManner = .openAI, retryAfter: MockRetryHint? = nil
  ) {
    self.requestsPerMinute = requestsPerMinute
    self.tokensPerMinute = tokensPerMinute
    self.window = window
    self.tokenWindow = tokenWindow
    self.countsRejected = countsRejected
    self.tokenCharge = tokenCharge
    self.headers = headers
    self.retryAfter = retryAfter ?? headers.usualHint
  }

  /// What is enforced, in one line.
  public var summary: String {
    func figure(_ number: Double) -> String { Int(exactly: number).map(String.init) ?? String(number) }
    var parts: [String] = []
    if let requestsPerMinute {
      let rejected = countsRejected ? ", refused ones count too" : ""
      parts.append("\(figure(requestsPerMinute)) requests a minute (\(window)\(rejected))")
    }
    if let tokensPerMinute {
      let charge = tokenCharge == .estimate ? ", charged by estimate" : ""
      parts.append("\(figure(tokensPerMinute)) tokens a minute (\(tokenWindow ?? window)\(charge))")
    }
    if parts.isEmpty { return "no rate limit" }
    return parts.joined(separator: ", ") + ", for each model; \(headers) headers"
  }
}

/// How a limit of so many a minute is spread over the minute.
public enum MockWindow: Sendable, Equatable, CustomStringConvertible {
  /// Refilled evenly, and full when it holds what flows in during `burst`. What is larger than a full bucket needs a
  /// full one and leaves it in debt.
  case tokenBucket(burst: Duration = .seconds(60))
  /// No 60 seconds have more than the limit.
  case slidingMinute
  /// No second has more than a sixtieth of the requests, no 10 seconds more than a sixth of the tokens. What is larger
  /// than that needs an empty window and fills it for as much longer.
  case perSecond

  public var description: String {
    switch self {
    case .tokenBucket(burst: .seconds(60)): "token bucket"
    case .tokenBucket(let burst): "token bucket, burst \(burst)"
    case .slidingMinute: "sliding minute"
    case .perSecond: "by the second"
    }
  }
}

/// What a request is charged against the tokens of a minute. A custom reply is always charged by estimate.
public enum MockTokenCharge: Sendable, Equatable {
  /// The usage that the answer will have, as if it were known before. An error in its place costs the same.
  case actual
  /// The prompt's estimate and the request's `max_tokens` (none: nothing), never given back, as Azure does.
  case estimate
}

/// Whose headers tell the state of the limits.
public enum MockHeaderManner: String, Sendable, CaseIterable {
  /// `x-ratelimit-…`, resets as Go durations: `6m0s`.
  case openAI = "openai"
  /// `x-ratelimit-…`, resets in whole seconds.
  case azure
  /// `anthropic-ratelimit-…`, resets as RFC 3339 times, and `date`. Refusals have Anthropic's shape.
  case anthropic
  /// None.
  case none

  fileprivate var usualHint: MockRetryHint {
    switch self {
    case .openAI, .anthropic: .header
    case .azure: .milliseconds
    case .none: .none
    }
  }
}

extension MockHeaderManner: CustomStringConvertible {
  public var description: String { rawValue }
}

/// How a 429 says when to come back.
public enum MockRetryHint: Sendable, Equatable {
  /// `retry-after` in whole seconds, rounded up, and the exact time in OpenAI's message.
  case header
  /// `retry-after-ms` and `retry-after`.
  case milliseconds
  /// "Please try again in 1.146s." in the message.
  case messageOnly
  /// Not at all.
  case none
}
