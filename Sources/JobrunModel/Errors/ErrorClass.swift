/// What went wrong, in the words of `err.class`. Each says whose fault it is and so what helps.
public enum ErrorClass: String, Sendable, CaseIterable, Hashable {
  /// The key was refused (401, 403).
  case auth
  /// The account's money or quota is used up; waiting a minute does not help.
  case quota
  /// Too many requests or tokens for now (429).
  case rateLimit = "rate_limit"
  /// The request or the reply is larger than allowed, and always will be.
  case tooLarge = "too_large"
  /// The provider is out of capacity (502, 503, 504, 529).
  case overloaded
  /// The provider failed (500).
  case server
  /// A time-out of ours, or 408.
  case timeout
  /// No HTTP answer came: DNS, connect, TLS, reset, proxy.
  case network
  /// The prompt is longer than the model's context.
  case contextLength = "context_length"
  /// The provider refused the content.
  case contentFilter = "content_filter"
  /// The provider does not accept the request (other 4xx, a redirect).
  case badRequest = "bad_request"
  /// The model stopped at its output limit and the job does not accept that.
  case truncated
  /// A success that is none: not JSON, no choices, an error inside.
  case badResponse = "bad_response"
  /// A hook refused the answer.
  case rejected
  /// A hook failed.
  case hook
  /// The input record cannot be read.
  case badInput = "bad_input"
}

/// Whether the request may have reached the provider, and so may have cost money.
public enum Dispatched: String, Sendable {
  case no, maybe, yes
}
