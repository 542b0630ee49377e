internal import JobrunModel

/// The tokens that a request is expected to use.
struct RequestCost: Equatable, Sendable {
  var input: Double
  var output: Double
  /// What it needs for certain: the prompt, and the output that it asks to be allowed.
  var leastInput: Double
  var leastOutput: Double
  /// What a budget's estimate is made from, anew at each look; nil without a budget.
  var size: RequestSize?

  static let nothing = RequestCost(input: 0, output: 0, leastInput: 0, leastOutput: 0)

  var total: Double { input + output }
}

/// How large a request is.
struct RequestSize: Equatable, Sendable {
  var bytes: Int
  /// The output tokens that it allows; nil where it does not say.
  var maximumOutput: Int?
}

/// Learns from the provider's `usage` what requests cost, without a tokenizer.
///
/// The prompt is `bytes · ratio`. The ratio begins at 0.30 tokens a byte (English in JSON), becomes the first answer's
/// own, and then follows as a moving average (weight 0.1). The output is what the request allows (`max_tokens`), at most
/// what answers were seen to use: 1.2 times their 95th percentile; 1,024 before there is any.
struct TokenEstimate {
  private var ratio = 0.30
  private var samples = 0
  private var outputs = CountHistogram()
  private var usual = 1_024.0
  private var next: UInt64 = 1

  func cost(bytes: Int, maximumOutput: Int?) -> RequestCost {
    let input = (Double(bytes) * ratio).rounded(.up)
    let allowed = maximumOutput.map(Double.init)
    // Few answers say little: what is allowed may still come.
    let output = allowed.map { outputs.count >= 20 ? min($0, usual) : $0 } ?? usual
    return RequestCost(input: input, output: output, leastInput: input, leastOutput: allowed ?? 0)
  }

  mutating func learn(bytes: Int, usage: TokenUsage) {
    guard bytes > 0, usage.isPlausible, usage.input > 0, usage.input / 4 <= bytes else { return }
    let seen = Double(usage.input) / Double(bytes)
    ratio = samples == 0 ? seen : ratio + 0.1 * (seen - ratio)
    samples += 1
    outputs.record(usage.output)
    // A percentile is a walk over the histogram: made where there is a tenth more to know.
    guard outputs.count >= next else { return }
    next = outputs.count + outputs.count / 10 + 1
    usual = (outputs.value(atPercentile: 95) * 1.2).rounded(.up)
  }
}
