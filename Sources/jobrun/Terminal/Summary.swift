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
    let items =
      statistics.count(.itemsOK) + statistics.count(.itemsFailed) + statistics.count(.itemsSkipped)
      + statistics.count(.itemsUnfinished)
    var parts = [
      "\(Figures.grouped(statistics.count(.itemsOK))) ok", "\(Figures.grouped(statistics.count(.itemsFailed))) failed",
    ]
    parts.append("\(Figures.grouped(statistics.count(.itemsSkipped))) skipped")
    if statistics.count(.itemsUnfinished) > 0 {
      parts.append("\(Figures.grouped(statistics.count(.itemsUnfinished))) unfinished")
    }
    let elapsed = statistics.number(.elapsed) ?? 0
    var lines = [
      "\(name): \(items == 1 ? "1 item" : "\(Figures.grouped(items)) items") in \(Figures.time(elapsed)): \(parts.joined(separator: ", "))"
    ]
    let rate = elapsed > 0 ? Double(statistics.count(.requests)) / elapsed : 0
    lines.append(row("requests", "\(Figures.grouped(statistics.count(.requests))), \(Figures.rate(rate)) a second"))
    if let p50 = statistics.number(.latencyP50), let p90 = statistics.number(.latencyP90),
      let p99 = statistics.number(.latencyP99),
      let most = statistics.number(.latencyMax)
    {
      let figures = [("p50", p50), ("p90", p90), ("p99", p99), ("max", most)]
      lines.append(row("latency", figures.map { "\($0.0) \(Figures.time($0.1))" }.joined(separator: ", ")))
    }
    if statistics.count(.tokensInput) + statistics.count(.tokensOutput) > 0 {
      let cached =
        statistics.count(.tokensCached) > 0 ? " (\(Figures.grouped(statistics.count(.tokensCached))) cached)" : ""
      lines.append(
        row(
          "tokens",
          "\(Figures.grouped(statistics.count(.tokensInput))) in\(cached), \(Figures.grouped(statistics.count(.tokensOutput))) out"
        )
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
}
