internal import JobrunModel

/// What to do after a failed attempt.
enum RetryDecision: Equatable {
  /// Try again as soon as the scope lets requests through: what keeps it back is its hold, not this call.
  case whenAllowed
  case after(Duration)
  case giveUp
}

/// What a call has behind it.
struct CallHistory: Equatable {
  /// Requests sent.
  var tries = 0
  /// Attempts made, the failed one included. Refusals for a limit are none.
  var attempts = 0
  /// Answers that were none (`bad_response`).
  var badResponses = 0
  /// Attempts on kept connections that were dead.
  var staleConnections = 0
  /// From the first send, without the waits for limits.
  var elapsed: Duration = .zero
  /// Waits for limits.
  var throttled: Duration = .zero
}

/// Decides what happens after a failed attempt. The decision depends on its arguments alone; waiting is the caller's
/// business.
struct RetryPolicy: Equatable {
  /// A call that was kept back by limits for so long ends as `rate_limit`.
  static let longestThrottle = Duration.seconds(1_800)
  /// How often an answer that is none is asked for again.
  private static let badResponses = 2

  var limits = RetryLimits()

  /// Whether an attempt with this end uses up one of the call's attempts: a refusal for now does not.
  static func isAttempt(_ error: AttemptError) -> Bool {
    switch error.errorClass {
    case .rateLimit: false
    case .overloaded: ![429, 503, 529, 200].contains(error.status)
    case .network: error.code != "suspended" && error.code != "stale_connection"
    default: true
    }
  }

  /// - Parameters:
  ///   - error: The failed attempt. What it asks to wait is a floor of the back-off.
  ///   - history: The call so far, this attempt included.
  ///   - random: A number in `0 ..< 1`, for the jitter.
  /// - Returns: `.after` with a delay in `0...cap`, or longer where the provider asks for it.
  func decide(after error: AttemptError, _ history: CallHistory, random: Double) -> RetryDecision {
    if error.shouldRetry == false { return .giveUp }
    if history.throttled >= Self.longestThrottle { return .giveUp }
    if error.errorClass == .rateLimit { return .whenAllowed }
    guard isRetryable(error, history), history.elapsed < limits.maxElapsed else { return .giveUp }
    if !Self.isAttempt(error), error.errorClass == .network {
      return history.staleConnections <= 1 ? .after(.zero) : backOff(error, history, random)
    }
    if Self.isAttempt(error), history.attempts >= limits.attempts { return .giveUp }
    if error.errorClass == .overloaded, error.retryAfter != nil { return .whenAllowed }
    return backOff(error, history, random)
  }

  private func isRetryable(_ error: AttemptError, _ history: CallHistory) -> Bool {
    switch error.errorClass {
    case .server, .timeout, .overloaded: true
    case .network: error.code != "tls" && error.code != "proxy" && error.code != "cancelled"
    case .badResponse: history.badResponses <= (error.code == "html" ? 1 : Self.badResponses)
    // Refused in the middle of a run that goes well: perhaps a key that is being changed.
    case .auth, .quota: true
    case .badRequest: error.status == 409 || error.status == 425 || error.shouldRetry == true
    case .rateLimit: true
    default: error.shouldRetry == true
    }
  }

  /// Full jitter: `U(0, min(cap, base · 2^n))` (AWS Architecture Blog, "Exponential Backoff And Jitter").
  private func backOff(_ error: AttemptError, _ history: CallHistory, _ random: Double) -> RetryDecision {
    let doublings = max(0, min(30, history.tries - 1))
    let longest = min(limits.cap.seconds, limits.base.seconds * Double(1 << doublings))
    let delay = max(random * longest, error.retryAfter?.seconds ?? 0)
    // A wait that ends after the call's time is none.
    let left = (limits.maxElapsed - history.elapsed).seconds
    return delay <= left ? .after(.clamped(seconds: delay)) : .giveUp
  }
}
