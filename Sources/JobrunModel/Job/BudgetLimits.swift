/// What a job may spend in the whole life of its journal; nil: as much as it takes.
public struct BudgetLimits: Sendable, Equatable {
  /// What is counted.
  public enum Kind: String, Sendable, CaseIterable {
    case usd
    case inputTokens = "input_tokens"
    case outputTokens = "output_tokens"
    case requests
  }

  /// US dollars.
  public var usd: Double?
  public var inputTokens: Double?
  public var outputTokens: Double?
  /// HTTP requests sent, those of failed tries among them.
  public var requests: Double?

  public init() {}

  public subscript(kind: Kind) -> Double? {
    get {
      switch kind {
      case .usd: usd
      case .inputTokens: inputTokens
      case .outputTokens: outputTokens
      case .requests: requests
      }
    }
    set {
      switch kind {
      case .usd: usd = newValue
      case .inputTokens: inputTokens = newValue
      case .outputTokens: outputTokens = newValue
      case .requests: requests = newValue
      }
    }
  }
}

/// What was spent, or may be.
public struct Spending: Sendable, Equatable {
  public var usd: Double
  public var inputTokens: Double
  public var outputTokens: Double
  /// HTTP requests that went out.
  public var requests: Double

  public init(usd: Double = 0, inputTokens: Double = 0, outputTokens: Double = 0, requests: Double = 0) {
    self.usd = usd
    self.inputTokens = inputTokens
    self.outputTokens = outputTokens
    self.requests = requests
  }

  /// One request, with what its answer says of itself.
  public init(_ answer: Answer) {
    self.init(requests: 1)
    guard let usage = answer.usage, usage.isPlausible else { return }
    usd = max(0, answer.costUSD ?? 0)
    (inputTokens, outputTokens) = (Double(usage.input), Double(usage.output))
  }

  public subscript(kind: BudgetLimits.Kind) -> Double {
    switch kind {
    case .usd: usd
    case .inputTokens: inputTokens
    case .outputTokens: outputTokens
    case .requests: requests
    }
  }

  public static func += (left: inout Spending, right: Spending) {
    left.usd += right.usd
    left.inputTokens += right.inputTokens
    left.outputTokens += right.outputTokens
    left.requests += right.requests
  }

  public static func + (left: Spending, right: Spending) -> Spending {
    var sum = left
    sum += right
    return sum
  }

  public static func -= (left: inout Spending, right: Spending) {
    left.usd -= right.usd
    left.inputTokens -= right.inputTokens
    left.outputTokens -= right.outputTokens
    left.requests -= right.requests
  }
}
