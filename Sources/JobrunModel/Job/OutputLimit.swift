/// The fields in which requests limit their output, and what they come to.
public enum OutputLimit {
  /// In the order in which they count; each API has its own.
  public static let names = ["max_completion_tokens", "max_tokens", "max_output_tokens"]

  /// The output tokens that a request allows, all choices together; nil where it does not say.
  ///
  /// - Parameters:
  ///   - tokens: What its limit says, of one choice.
  ///   - choices: Its `n`.
  public static func total(_ tokens: Int?, choices: Int?) -> Int? {
    guard let tokens, tokens > 0 else { return nil }
    let (product, overflow) = tokens.multipliedReportingOverflow(by: max(1, choices ?? 1))
    return overflow ? tokens : product
  }
}
