extension RateStatus {
  /// The headers that tell it.
  ///
  /// - Parameter now: The seconds since 1970.
  func headers(_ manner: MockHeaderManner, now: Int) -> MockHeaders {
    switch manner {
    case .openAI: xHeaders { WireTime.go($0) }
    case .azure: xHeaders { String(WireTime.seconds($0)) }
    case .anthropic: anthropicHeaders(now: now)
    case .none: [:]
    }
  }

  private func xHeaders(reset: (Duration) -> String) -> MockHeaders {
    var fields: [(name: String, value: String)] = []
    if let requests {
      fields.append(("x-ratelimit-limit-requests", String(requests.limit)))
      fields.append(("x-ratelimit-remaining-requests", String(requests.remaining)))
      fields.append(("x-ratelimit-reset-requests", reset(requests.reset)))
    }
    if let tokens {
      fields.append(("x-ratelimit-limit-tokens", String(tokens.limit)))
      fields.append(("x-ratelimit-remaining-tokens", String(tokens.remaining)))
      fields.append(("x-ratelimit-reset-tokens", reset(tokens.reset)))
    }
    return MockHeaders(fields)
  }

  private func anthropicHeaders(now: Int) -> MockHeaders {
    func reset(_ gauge: Gauge) -> String { WireTime.rfc3339(now + WireTime.seconds(gauge.reset)) }
    var fields: [(name: String, value: String)] = [("date", WireTime.http(now))]
    if let requests {
      fields.append(("anthropic-ratelimit-requests-limit", String(requests.limit)))
      fields.append(("anthropic-ratelimit-requests-remaining", String(requests.remaining)))
      fields.append(("anthropic-ratelimit-requests-reset", reset(requests)))
    }
    if let tokens {
      fields.append(("anthropic-ratelimit-tokens-limit", String(tokens.limit)))
      // Rounded to the nearest thousand, as Anthropic documents it.
      fields.append(("anthropic-ratelimit-tokens-remaining", String((tokens.remaining + 500) / 1000 * 1000)))
      fields.append(("anthropic-ratelimit-tokens-reset", reset(tokens)))
    }
    return MockHeaders(fields)
  }
}
