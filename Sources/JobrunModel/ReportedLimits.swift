/// What a provider's headers say of its limits: `x-ratelimit-*` and `anthropic-ratelimit-*`.
public struct ReportedLimits: Sendable, Equatable {
  /// One limit: requests or tokens a minute.
  public struct Dimension: Sendable, Equatable {
    /// Nil where the header is absent or makes no sense (Azure sends -1).
    public var limit: Int?
    public var remaining: Int?
    /// The time until the limit is whole again, which is later than the time until one request fits.
    public var reset: Duration?

    public init(limit: Int? = nil, remaining: Int? = nil, reset: Duration? = nil) {
      self.limit = limit
      self.remaining = remaining
      self.reset = reset
    }

    public var isEmpty: Bool { limit == nil && remaining == nil && reset == nil }
  }

  public var requests = Dimension()
  /// Tokens in and out together.
  public var tokens = Dimension()
  public var inputTokens = Dimension()
  public var outputTokens = Dimension()

  public init() {}

  public var isEmpty: Bool {
    requests.isEmpty && tokens.isEmpty && inputTokens.isEmpty && outputTokens.isEmpty
  }
}

/// The limits behind a reference: most values that carry them have none, and are moved about.
final class BoxedLimits: Sendable, Equatable {
  let limits: ReportedLimits

  init?(_ limits: ReportedLimits?) {
    guard let limits else { return nil }
    self.limits = limits
  }

  static func == (a: BoxedLimits, b: BoxedLimits) -> Bool { a.limits == b.limits }
}
