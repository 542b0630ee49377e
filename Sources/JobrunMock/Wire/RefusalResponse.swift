extension MockRefusal {
  /// The answer that says it: 503 where the server is overloaded, else 429.
  ///
  /// - Parameters:
  ///   - limits: Whose shape and hint it has.
  ///   - status: The headers that tell the state of the limits.
  func response(limits: MockLimits?, model: String, status: MockHeaders, ordinal: Int) -> MockResponse {
    guard let limits, self != .overloaded else {
      var response = MockError.overloaded(share: 1).response
      response.headers = response.headers + status
      return response
    }
    let headers = status + hintHeaders(limits.retryAfter)
    guard limits.headers == .anthropic else {
      return .error(
        status: 429, headers: headers, message: message(limits, model), type: axis.rawValue,
        code: "rate_limit_exceeded")
    }
    return .anthropicError(
      status: 429, headers: headers, message: anthropicMessage(limits, model), type: "rate_limit_error",
      ordinal: ordinal)
  }

  private var axis: RateAxis { if case .rate(.requests, _, _, _) = self { .requests } else { .tokens } }

  /// The time after which the same request is accepted; nil: no waiting helps.
  private var wait: Duration? { if case .rate(_, _, _, let wait) = self { wait } else { nil } }

  private func hintHeaders(_ hint: MockRetryHint) -> MockHeaders {
    guard let wait else { return [:] }
    let seconds = String(WireTime.seconds(wait))
    return switch hint {
    case .header: ["retry-after": seconds]
    case .milliseconds: ["retry-after-ms": String(WireTime.milliseconds(wait)), "retry-after": seconds]
    case .messageOnly, .none: [:]
    }
  }

  private func hintText(_ hint: MockRetryHint) -> String {
    switch (hint, wait) {
    case (.header, let wait?), (.messageOnly, let wait?): " Please try again in \(WireTime.go(wait))."
    default: ""
    }
  }

  private func message(_ limits: MockLimits, _ model: String) -> String {
    switch self {
    case .overloaded: ""
    case .tooLarge(let limit, let requested):
      "Request too large for \(model) in organization org-mock on tokens per min (TPM): Limit \(limit), "
        + "Requested \(requested). The input or output tokens must be reduced in order to run successfully."
    case .rate(let axis, let gauge, let requested, _):
      "Rate limit reached for \(model) in organization org-mock on \(axis.rawValue) per min "
        + "(\(axis == .requests ? "RPM" : "TPM")): Limit \(gauge.limit), "
        + "Used \(max(0, gauge.limit - gauge.remaining)), Requested \(requested)." + hintText(limits.retryAfter)
    }
  }

  private func anthropicMessage(_ limits: MockLimits, _ model: String) -> String {
    switch self {
    case .overloaded: ""
    case .tooLarge(let limit, let requested):
      "Request too large for \(model): your organization's rate limit is \(limit) tokens per minute, "
        + "this request needs \(requested)."
    case .rate(let axis, let gauge, _, _):
      "This request would exceed your organization's rate limit of \(gauge.limit) \(axis.rawValue) per minute."
        + (limits.retryAfter == .messageOnly ? hintText(.messageOnly) : "")
    }
  }
}
