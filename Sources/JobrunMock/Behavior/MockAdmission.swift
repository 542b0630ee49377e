/// Decides which requests are answered: outages, rate limits by model, requests at once.
///
/// Instants are durations since the server's start and never go back.
struct MockAdmission: Sendable {
  private let limits: MockLimits?
  private let concurrencyLimit: Int?
  private let outages: [MockOutage]
  private let recordsAcceptances: Bool
  private var accounts: [String: RateAccount] = [:]
  /// Accepted requests whose answer is not out yet.
  private(set) var atOnce = 0
  /// The tokens that accepted requests were charged, over all models.
  private(set) var usedTokens = 0
  private(set) var acceptances: [MockAcceptance] = []

  /// - Returns: Nil where the behaviour has nothing to enforce or to record.
  init?(_ behavior: MockBehavior) {
    guard
      behavior.limits != nil || behavior.concurrencyLimit != nil || !behavior.outages.isEmpty
        || behavior.recordsAcceptances
    else { return nil }
    limits = behavior.limits
    concurrencyLimit = behavior.concurrencyLimit
    outages = behavior.outages
    recordsAcceptances = behavior.recordsAcceptances
  }

  /// What a request gets: nil as its refusal means an answer, after whose end `ended` must be called.
  ///
  /// What the model server refuses (outage, too many at once) is charged to no limit.
  mutating func admit(
    model: String, tokens: Int, at now: Duration
  ) -> (refusal: MockRefusal?, status: RateStatus?) {
    if let limits, accounts[model] == nil { accounts[model] = RateAccount(limits) }
    let isOverloaded =
      outages.contains { $0.covers(now) } || concurrencyLimit.map { atOnce >= $0 } ?? false
    let refusal = isOverloaded ? .overloaded : accounts[model]?.admit(tokens: tokens, at: now)
    let status = accounts[model]?.status(at: now)
    if refusal == nil {
      atOnce += 1
      usedTokens += tokens
      if recordsAcceptances { acceptances.append(MockAcceptance(at: now, model: model, tokens: tokens)) }
    }
    return (refusal, status)
  }

  /// An accepted request is out of the way, answered or not.
  mutating func ended() { atOnce -= 1 }
}

/// A request that was accepted.
public struct MockAcceptance: Sendable, Equatable {
  /// Since the server's start.
  public var at: Duration
  public var model: String
  /// What it was charged.
  public var tokens: Int
}

/// A time in which every request gets 503.
public struct MockOutage: Sendable, Equatable {
  /// Its begin, since the server's start.
  public var from: Duration
  public var length: Duration

  public init(from: Duration, for length: Duration) {
    self.from = from
    self.length = length
  }

  func covers(_ now: Duration) -> Bool { now >= from && now < from + length }
}
