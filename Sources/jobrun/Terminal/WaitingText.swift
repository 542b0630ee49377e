internal import JobrunExecutor
internal import JobrunModel

/// Where a run's time went: what kept its requests back, and what would change that.
@Loop
enum WaitingText {
  /// Less than this share of the time is not worth a word.
  private static let least = 0.1

  /// `71 % of the time for TPM; concurrency 12 would do`; nil where nothing much kept the run back.
  static func of(_ statistics: RunStatistics) -> String? {
    guard let elapsed = statistics.number(.elapsed), elapsed > 1 else { return nil }
    let shares = statistics.heldBackBy.map { (reason: $0.key, share: $0.value.seconds / elapsed) }
      .filter { $0.share >= least && $0.reason != .canary }.sorted { $0.share > $1.share }
    guard !shares.isEmpty else { return nil }
    var text = shares.map { "\(Int(($0.share * 100).rounded())) % \(words(for: $0.reason))" }.joined(separator: ", ")
    let needed = Int((statistics.meanInFlight * 1.25).rounded(.up)) + 1
    let isLimited = shares.contains { $0.reason == .requests || $0.reason == .tokens }
    if isLimited, shares[0].reason != .slots, needed * 2 <= statistics.count(.concurrency) {
      text += "; concurrency \(needed) would do"
    } else if shares[0].reason == .slots, shares[0].share > 0.5, statistics.count(.errorsRateLimit) == 0 {
      text += "; a higher concurrency may be faster"
    }
    return text
  }

  private static func words(for reason: WaitReason) -> String {
    switch reason {
    case .requests: "of the time for RPM"
    case .tokens: "of the time for TPM"
    case .refusals: "of the time after 429s"
    case .breaker: "of the time for a failing provider"
    case .canary: "of the time for the first request"
    case .slots: "of the time for requests in flight"
    case .budget: "of the time for what was reserved of the budget"
    case .pause: "of the time paused by the job"
    }
  }
}
