/// The limits of one HTTP try.
public struct Timeouts: Sendable, Equatable {
  /// Name look-up, TCP and TLS.
  public var connect: Duration = .seconds(30)
  /// Without progress while the request goes out.
  public var send: Duration = .seconds(30)
  /// From the request to the first byte of the answer.
  public var firstByte: Duration = .seconds(90)
  /// Without progress while the answer comes.
  public var idle: Duration = .seconds(60)
  public var total = TotalTimeout.fixed(.seconds(120))

  public init() {}
}

/// The limit from the send to the last byte.
public enum TotalTimeout: Sendable, Equatable {
  case fixed(Duration)
  /// From the model's own latencies, between a floor and a ceiling.
  case adaptive

  /// What `adaptive` never goes beyond.
  public static let ceiling = Duration.seconds(600)

  public var longest: Duration {
    switch self {
    case .fixed(let duration): duration
    case .adaptive: Self.ceiling
    }
  }
}

/// What a provider allows a minute; nil: not known, so the provider's headers and refusals decide.
public struct Limits: Sendable, Equatable {
  public var requests: Double?
  /// Tokens in and out together.
  public var tokens: Double?
  public var inputTokens: Double?
  public var outputTokens: Double?
  /// Requests that may go out at once after a pause, as seconds of the rate.
  public var burstSeconds = 1.0

  public init() {}
}

/// How often and how long a call is tried.
public struct RetryLimits: Sendable, Equatable {
  /// HTTP tries of a call, from 1. Waits for a rate limit are none.
  public var attempts = 5
  /// The longest wait before the second try; it doubles with each.
  public var base: Duration = .milliseconds(500)
  public var cap: Duration = .seconds(60)
  /// From the first send to the last retry.
  public var maxElapsed: Duration = .seconds(900)
  /// How often the hooks of an item may ask for its answer, from 1.
  public var asks = 3

  public init() {}
}

/// How many requests may be in flight.
public enum Concurrency: Sendable, Equatable {
  case fixed(Int)
  /// Found by trying, between the two.
  case adaptive(minimum: Int, maximum: Int)

  public var maximum: Int {
    switch self {
    case .fixed(let count): count
    case .adaptive(_, let maximum): maximum
    }
  }
}

/// A model that a job names, with what is its own.
public struct ModelSpec: Sendable, Equatable {
  /// How the job calls it.
  public var key: String
  /// How the provider calls it.
  public var name: String
  /// Nil: the job's.
  public var endpoint: EndpointSpec?
  /// The form of its requests; nil: the job's.
  public var api: WireAPI?
  /// Nil: the job's.
  public var limits: Limits?
  public var price: Price?
  /// Nil: the job's.
  public var timeouts: Timeouts?

  public init(key: String, name: String) {
    self.key = key
    self.name = name
  }
}

/// What a model costs, in US dollars a million tokens.
public struct Price: Sendable, Equatable {
  public var input: Double
  public var output: Double
  /// Of input from the provider's cache; nil: as other input.
  public var cached: Double?

  public init(input: Double, output: Double, cached: Double? = nil) {
    self.input = input
    self.output = output
    self.cached = cached
  }

  public func cost(of usage: TokenUsage) -> Double {
    let fresh = Double(max(0, usage.input - usage.cached)) * input
    return (fresh + Double(usage.cached) * (cached ?? input) + Double(usage.output) * output) / 1e6
  }
}
