/// What a mock server does, as a value: how long it takes, how often it fails, what it says, and the scripts that
/// play faults to the client under test.
///
/// Whatever looks random (latency, errors) is a function of `seed` and the request's ordinal, so that two runs
/// with the same behaviour see the same sequence.
public struct MockBehavior: Sendable {
  /// The time from a complete request to its answer. Answers to malformed and refused requests come at once.
  public var latency: MockLatency
  /// The errors that take the place of answers, each with its share. Shares beyond a sum of 1 have no effect.
  public var errors: [MockError]
  /// The faults that take the place of answers, of whatever kind, each with its share.
  public var faults: [MockFault]
  /// The rate limits of every model; nil: none.
  public var limits: MockLimits?
  /// The chat requests that are answered at once; more get 503 `server_is_overloaded`.
  public var concurrencyLimit: Int?
  /// The times in which every chat request gets 503 `server_is_overloaded`.
  public var outages: [MockOutage]
  /// What an answer says.
  public var reply: MockReply
  /// The deltas of a streamed answer; nil: one for each of its words.
  public var chunks: Int?
  /// The length of an embedding, where the request does not say it.
  public var dimensions: Int
  /// Takes the place of everything above for the requests that it covers; its `.answer` is as without a script.
  public var script: MockScript?
  /// The only key that is accepted; nil: no key is asked for.
  public var requiredKey: String?
  /// Closes a connection after so many responses, without a `connection: close` that would announce it.
  public var closeAfterResponses: Int?
  /// Closes a connection on which no request began for so long after a response, or after it was accepted.
  public var closeWhenIdle: Duration?
  /// After so many responses on a connection, reads one more complete request and closes without an answer.
  public var dropsRequestAfterResponses: Int?
  /// Keeps every request for `MockServer.recordedRequests`.
  public var recordsRequests: Bool
  /// Keeps when each request was accepted and what it was charged, for `MockServer.acceptances`.
  public var recordsAcceptances: Bool
  /// Counts requests by what this says, for `MockServer.requestCounts`.
  public var counts: MockCountKey?
  /// The origin of whatever looks random.
  public var seed: UInt64

  public init(
    latency: MockLatency = .zero, errors: [MockError] = [], faults: [MockFault] = [], limits: MockLimits? = nil,
    concurrencyLimit: Int? = nil, outages: [MockOutage] = [], reply: MockReply = .deterministic,
    chunks: Int? = nil, dimensions: Int = 1536,
    script: MockScript? = nil, requiredKey: String? = nil, closeAfterResponses: Int? = nil,
    closeWhenIdle: Duration? = nil, dropsRequestAfterResponses: Int? = nil, recordsRequests: Bool = false,
    recordsAcceptances: Bool = false, counts: MockCountKey? = nil, seed: UInt64 = 1
  ) {
    self.latency = latency
    self.errors = errors
    self.faults = faults
    self.limits = limits
    self.concurrencyLimit = concurrencyLimit
    self.outages = outages
    self.reply = reply
    self.chunks = chunks
    self.dimensions = dimensions
    self.script = script
    self.requiredKey = requiredKey
    self.closeAfterResponses = closeAfterResponses
    self.closeWhenIdle = closeWhenIdle
    self.dropsRequestAfterResponses = dropsRequestAfterResponses
    self.recordsRequests = recordsRequests
    self.recordsAcceptances = recordsAcceptances
    self.counts = counts
    self.seed = seed
  }
}

/// What requests are counted by.
public enum MockCountKey: Sendable {
  case body
  /// The value of this header, or an empty string where it is absent.
  case header(String)
}

/// What an answer says.
public enum MockReply: Sendable {
  /// `[mock]` and the first words of the last user message: the same request has the same answer.
  case deterministic
  /// The last user message, unchanged.
  case echo
  /// Whatever the function makes of the request. It runs on the server's thread, so it must not wait.
  case custom(@Sendable (MockRequest) -> MockResponse)
}

/// The scripts that play faults.
public enum MockScript: Sendable {
  /// The first request plays the first list, and so on; requests beyond the last list are answered as usual.
  case scripted([[MockStep]])
  /// Every request plays what the function returns for it. It runs on the server's thread, so it must not wait.
  case perRequest(@Sendable (MockRequest) -> [MockStep])
}
