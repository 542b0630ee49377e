/// An error response that takes the place of a share of the answers.
public struct MockError: Sendable {
  public var response: MockResponse
  /// The share of requests that get it, from 0 to 1.
  public var share: Double

  public init(_ response: MockResponse, share: Double) {
    self.response = response
    self.share = share
  }

  /// 429 `rate_limit_exceeded`.
  ///
  /// - Parameter retryAfter: The value of `retry-after`, as written; nil: no such header.
  public static func rateLimit(share: Double, retryAfter: String? = "1") -> Self {
    Self(
      .error(
        status: 429, headers: retryAfter.map { ["retry-after": $0] } ?? [:],
        message: "Rate limit reached for requests per min (RPM): Limit 60, Used 60, Requested 1.",
        type: "requests", code: "rate_limit_exceeded"), share: share)
  }

  /// 429 `insufficient_quota`, which no waiting cures.
  public static func quota(share: Double) -> Self {
    Self(
      .error(
        status: 429, message: "You exceeded your current quota, please check your plan and billing details.",
        type: "insufficient_quota", code: "insufficient_quota"), share: share)
  }

  /// 500 `server_error`.
  public static func server(share: Double) -> Self {
    Self(
      .error(
        status: 500, message: "The server had an error while processing your request. Sorry about that!",
        type: "server_error"), share: share)
  }

  /// 503 `server_is_overloaded`.
  public static func overloaded(share: Double) -> Self {
    Self(
      .error(
        status: 503, message: "The engine is currently overloaded, please try again later.",
        type: "service_unavailable_error", code: "server_is_overloaded"), share: share)
  }
}

extension [MockError] {
  /// The error that a request gets instead of an answer, if any: the same for the same seed and ordinal.
  func drawn(ordinal: Int, seed: UInt64) -> MockResponse? {
    if isEmpty { return nil }
    var remaining = uniform(seed: seed, ordinal: ordinal, stream: 0)
    for error in self {
      if remaining < error.share { return error.response }
      remaining -= error.share
    }
    return nil
  }
}
