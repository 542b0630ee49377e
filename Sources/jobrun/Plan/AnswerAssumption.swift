internal import JobrunStorage

/// What is assumed of the answers to come.
struct AnswerAssumption: Equatable {
  /// Output tokens of a request that does not limit them.
  var outputTokens: Double
  /// Of one request, in seconds.
  var latency: Double
  /// They are the means of the journal's last answers.
  var isFromJournal: Bool

  /// Tokens of an answer of which nothing is known.
  static let usualOutput = 256.0
  /// Before the first token, in seconds; and how many come in a second then.
  static let firstToken = 0.5
  static let tokensPerSecond = 50.0

  /// - Parameters:
  ///   - glance: The journal, where it could be read.
  ///   - outputTokens: What the requests allow, on average; nil where they do not say.
  init(_ glance: JournalGlance?, outputTokens: Double?) {
    self.outputTokens = glance?.meanOutputTokens ?? Self.usualOutput
    let expected = min(outputTokens ?? self.outputTokens, self.outputTokens)
    latency = glance?.meanLatency ?? Self.firstToken + expected / Self.tokensPerSecond
    isFromJournal = glance?.meanLatency != nil
  }
}
