internal import ArgumentParser
internal import JobrunMock

/// The options of `jobrun mock` that change what the profile enforces.
struct MockLimitOptions: ParsableArguments, Sendable {
  @Option(name: .long, help: ArgumentHelp("Requests a minute for each model; more get 429.", valueName: "n"))
  var rpm: Double?

  @Option(name: .long, help: ArgumentHelp("Tokens a minute for each model; more get 429.", valueName: "n"))
  var tpm: Double?

  @Option(
    name: .long,
    help: ArgumentHelp(
      "How the minute is counted: token-bucket unless the profile says otherwise.", valueName: "window"))
  var window: Window?

  @Option(
    name: .long,
    help: ArgumentHelp(
      "Whose rate limit headers it sends: openai unless the profile says otherwise.", valueName: "provider"))
  var headers: HeaderManner?

  @Flag(name: .long, inversion: .prefixedNo, help: "Refused requests count to the minute's requests, too.")
  var countRejected: Bool?

  /// The windows that have a name on the command line.
  enum Window: String, CaseIterable, ExpressibleByArgument {
    case tokenBucket = "token-bucket"
    case slidingMinute = "sliding-minute"
    case perSecond = "per-second"

    fileprivate var window: MockWindow {
      switch self {
      case .tokenBucket: .tokenBucket()
      case .slidingMinute: .slidingMinute
      case .perSecond: .perSecond
      }
    }
  }

  /// A manner of headers by its name.
  struct HeaderManner: ExpressibleByArgument {
    let manner: MockHeaderManner

    init?(argument: String) {
      guard let manner = MockHeaderManner(rawValue: argument) else { return nil }
      self.manner = manner
    }

    static var allValueStrings: [String] { MockHeaderManner.allCases.map(\.rawValue) }
  }

  /// The profile's limits with what was given in their place.
  func applied(to limits: MockLimits?) throws(MockOptionProblem) -> MockLimits? {
    for (name, limit) in [("--rpm", rpm), ("--tpm", tpm)] {
      if let limit, !(limit > 0 && limit.isFinite) {
        throw MockOptionProblem(message: "\(name): a number above 0 expected, got \(limit)")
      }
    }
    guard limits != nil || rpm != nil || tpm != nil else {
      if window != nil || headers != nil || countRejected != nil {
        throw MockOptionProblem(message: "--window, --headers and --count-rejected need a limit: give --rpm or --tpm")
      }
      return nil
    }
    let base = limits ?? MockLimits()
    return MockLimits(
      requestsPerMinute: rpm ?? base.requestsPerMinute, tokensPerMinute: tpm ?? base.tokensPerMinute,
      window: window?.window ?? base.window, tokenWindow: window == nil ? base.tokenWindow : nil,
      countsRejected: countRejected ?? base.countsRejected, tokenCharge: base.tokenCharge,
      headers: headers?.manner ?? base.headers, retryAfter: headers == nil ? base.retryAfter : nil)
  }
}

/// Options of `jobrun mock` that make no sense.
struct MockOptionProblem: Error {
  var message: String
}
