import Synchronization

/// The limits of a server, shared by its connections and threads: one lock around a value.
final class AdmissionGate: Sendable {
  private let state: Mutex<MockAdmission>
  private let limits: MockLimits?
  private let releases: Bool
  private let clock = ContinuousClock()
  private let start: ContinuousClock.Instant

  /// - Returns: Nil where the behaviour has nothing to enforce or to record: nothing is locked then.
  init?(_ behavior: MockBehavior) {
    guard let admission = MockAdmission(behavior) else { return nil }
    state = Mutex(admission)
    limits = behavior.limits
    releases = behavior.concurrencyLimit != nil
    start = clock.now
  }

  var usedTokens: Int { state.withLock { $0.usedTokens } }
  var acceptances: [MockAcceptance] { state.withLock { $0.acceptances } }

  /// What a request gets instead of an answer, if anything, and the headers of whatever it gets.
  ///
  /// - Parameter isAnthropic: Both are in Anthropic's shape, whatever the limits say.
  func admit(
    model: String, tokens: Int, ordinal: Int, isAnthropic: Bool = false
  ) -> (refusal: MockResponse?, headers: MockHeaders) {
    let (refusal, status) = state.withLock { state in
      // Read under the lock, so that instants never go back.
      state.admit(model: model, tokens: tokens, at: clock.now - start)
    }
    var limits = limits
    if isAnthropic, limits?.headers != MockHeaderManner.none { limits?.headers = .anthropic }
    let headers: MockHeaders = limits.flatMap { status?.headers($0.headers, now: WireTime.now) } ?? [:]
    return (refusal?.response(limits: limits, model: model, status: headers, ordinal: ordinal), headers)
  }

  /// The answer to an accepted request is out, or its client has left.
  func ended() {
    if releases { state.withLock { $0.ended() } }
  }
}
