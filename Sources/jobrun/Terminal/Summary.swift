internal import JobrunExecutor
internal import JobrunModel

/// What a run says at its end.
@Loop
struct Summary {
  let name: String
  let statistics: RunStatistics
  let outputPath: String
  let failedPath: String?
  let rowsWritten: Int
  /// The output is in its place.
  let isComplete: Bool
  let isMock: Bool

  func text() -> String {
    let items = count(.itemsOK) + count(.itemsFailed) + count(.itemsSkipped) + count(.itemsUnfinished)
    var parts = ["\(Figures.grouped(count(.itemsOK))) ok", "\(Figures.grouped(count(.itemsFailed))) failed"]
    parts.append("\(Figures.grouped(count(.itemsSkipped))) skipped")
    if count(.itemsUnfinished) > 0 { parts.append("\(Figures.grouped(count(.itemsUnfinished))) unfinished") }
    let elapsed = number(.elapsed) ?? 0
    var lines = [
      "\(name): \(items == 1 ? "1 item" : "\(Figures.grouped(items)) items") in \(Figures.time(elapsed)): \(parts.joined(separator: ", "))"
    ]
    let rate = elapsed > 0 ? Double(count(.requests)) / elapsed : 0
    lines.append(row("requests", "\(Figures.grouped(count(.requests))), \(Figures.rate(rate)) a second"))
    if let p50 = number(.latencyP50), let p90 = number(.latencyP90), let p99 = number(.latencyP99),
      let most = number(.latencyMax)
    {
      let figures = [("p50", p50), ("p90", p90), ("p99", p99), ("max", most)]
      lines.append(row("latency", figures.map { "\($0.0) \(Figures.time($0.1))" }.joined(separator: ", ")))
    }
    if count(.tokensInput) + count(.tokensOutput) > 0 {
      let cached = count(.tokensCached) > 0 ? " (\(Figures.grouped(count(.tokensCached))) cached)" : ""
      lines.append(
        row(
          "tokens", "\(Figures.grouped(count(.tokensInput))) in\(cached), \(Figures.grouped(count(.tokensOutput))) out")
      )
    }
    let failures = statistics.failuresByClass
    if !failures.isEmpty {
      lines.append(
        row("failed", failures.map { "\(Figures.grouped($0.count)) \($0.errorClass.rawValue)" }.joined(separator: ", "))
      )
      if let failedPath, isComplete { lines.append(row("", failedPath)) }
    }
    if outputPath != "-" {
      let rows = rowsWritten == 1 ? "1 row" : "\(Figures.grouped(rowsWritten)) rows"
      let place =
        isComplete
        ? "\(outputPath) (\(rows))" : "\(outputPath) is as it was before; what was done is in \(outputPath).part"
      lines.append(row("output", place))
    }
    if isMock { lines.append(row("mock", "the replies are NOT REAL: they came from the built-in mock provider")) }
    return lines.joined(separator: "\n")
  }

  private func row(_ label: String, _ text: String) -> String {
    "  " + label + String(repeating: " ", count: max(1, 10 - label.count)) + text
  }

  private func count(_ name: StatisticName) -> Int {
    if case .integer(let value) = statistics.value(of: name) { value } else { 0 }
  }

  private func number(_ name: StatisticName) -> Double? {
    if case .number(let value) = statistics.value(of: name) { value } else { nil }
  }
}
