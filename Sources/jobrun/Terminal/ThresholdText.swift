internal import JobrunExecutor
internal import JobrunModel

/// How thresholds that failed are told.
enum ThresholdText {
  /// `p95 <20s: 31.2 s`
  static func of(_ verdict: ThresholdVerdict) -> String {
    "\(verdict.threshold.measure.rawValue) \(verdict.threshold.text): \(value(of: verdict))"
  }

  /// `2 of 3 held; p95 not judged: no answer was bought`; nil where there are none.
  static func summary(_ verdicts: [ThresholdVerdict]) -> String? {
    if verdicts.isEmpty { return nil }
    let unknown = verdicts.filter { $0.value == nil }.map(\.threshold.measure.rawValue)
    let judged = verdicts.count - unknown.count
    var parts: [String] = []
    if judged > 0 { parts.append("\(verdicts.count { $0.value != nil && $0.holds }) of \(judged) held") }
    if !unknown.isEmpty { parts.append("\(unknown.joined(separator: ", ")) not judged: no answer was bought") }
    return parts.joined(separator: "; ")
  }

  private static func value(of verdict: ThresholdVerdict) -> String {
    guard let value = verdict.value else { return "unknown" }
    guard value.isFinite, abs(value) < 1e12 else { return "\(value)" }
    return switch verdict.threshold.unit {
    case .count: Figures.grouped(Int(value))
    case .percent: percent(value)
    case .seconds: value < 0.1 ? Figures.fixed(value * 1000, 2) + " ms" : Figures.fixed(value, 2) + " s"
    case .dollars: "$" + Figures.fixed(value, 4)
    }
  }

  /// As many digits as it takes to see that it is more than nothing.
  private static func percent(_ value: Double) -> String {
    Figures.fixed(value, value > 0 && value < 0.01 ? 6 : 2) + " %"
  }
}
