internal import JobrunModel

/// What a failure says of the provider, apart from what becomes of its call.
enum FailureJudgement {
  /// For the breaker: overloads and broken connections, by what retrying them costs. A request that went out whole costs
  /// double: it may be billed.
  static func outcome(of error: AttemptError) -> Breaker.Outcome {
    switch error.errorClass {
    case .overloaded, .server: .bad(cost: 5)
    case .timeout: .bad(cost: error.mayBeBilled ? 10 : 5)
    case .network where error.code == "cancelled" || error.code == "suspended" || error.code == "stale_connection":
      .neutral
    case .network: .bad(cost: error.mayBeBilled ? 10 : 5)
    default: .neutral
    }
  }

  /// For the adaptive concurrency: fewer requests at once would help.
  static func isOverload(_ error: AttemptError) -> Bool {
    switch error.errorClass {
    case .overloaded, .timeout: true
    case .network: ["connect", "reset", "closed"].contains(error.code)
    default: false
    }
  }

  /// Whether a rate limit is one of tokens: by the header that is used up, else by the provider's words.
  static func isOfTokens(_ error: AttemptError) -> Bool {
    if let limits = error.limits {
      if limits.requests.remaining == 0 { return false }
      if [limits.tokens, limits.inputTokens, limits.outputTokens].contains(where: { $0.remaining == 0 }) {
        return true
      }
    }
    let words = error.message.lowercased()
    return words.contains("tpm") || words.contains("tokens per min") || words.contains("token")
  }
}
