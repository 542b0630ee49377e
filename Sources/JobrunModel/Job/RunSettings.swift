/// What may change while a run goes on; nil: stays as it is.
public struct RunSettings: Sendable, Equatable {
  public var concurrency: Concurrency?
  /// For each model without limits of its own.
  public var limits: LimitSettings?
  /// For these models only; the limits are their own from then on.
  public var models: [ModelSettings] = []
  public var budget: BudgetLimits?

  public init() {}
}

/// Limits to change; nil: stays as it is.
public struct LimitSettings: Sendable, Equatable {
  public var requests: Double?
  public var tokens: Double?
  public var inputTokens: Double?
  public var outputTokens: Double?
  public var burstSeconds: Double?

  public init() {}

  /// The limits with what is named here in place of what was.
  public func applied(to limits: Limits) -> Limits {
    var changed = limits
    changed.requests = requests ?? limits.requests
    changed.tokens = tokens ?? limits.tokens
    changed.inputTokens = inputTokens ?? limits.inputTokens
    changed.outputTokens = outputTokens ?? limits.outputTokens
    changed.burstSeconds = burstSeconds ?? limits.burstSeconds
    return changed
  }
}

/// What changes of one model.
public struct ModelSettings: Sendable, Equatable {
  /// How the job calls it.
  public var key: String
  public var limits: LimitSettings?
  public var price: Price?

  public init(key: String) { self.key = key }
}
