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
  /// Answers of earlier runs: those that were used, and the others.
  let reused: Int
  let leftOver: Int
  /// What is spent of the budget; nil: there is none.
  var budget: String?
  /// What became of `accept`; nil: there is none.
  var accepted: String?
  /// How many thresholds held; nil: none was judged.
  var thresholds: String?

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
    lines.append(
      row(
        "requests",
        "\(Figures.grouped(statistics.count(.requests))), \(Figures.rate(rate)) a second\(retriesText)"))
    if reused + leftOver > 0 {
      let left = leftOver > 0 ? ", \(Figures.grouped(leftOver)) left over" : ""
      lines.append(row("journal", "\(Figures.grouped(reused)) answers reused\(left)"))
    }
    if let text = WaitingText.of(statistics) { lines.append(row("waiting", text)) }
    if let p50 = statistics.number(.latencyP50), let p90 = statistics.number(.latencyP90),
      let p99 = statistics.number(.latencyP99),
      let most = statistics.number(.latencyMax)
    {
      let figures = [("p50", p50), ("p90", p90), ("p99", p99), ("max", most)]
      lines.append(row("latency", figures.map { "\($0.0) \(Figures.time($0.1))" }.joined(separator: ", ")))
    }
    if let p50 = statistics.number(.firstTokenP50), let p95 = statistics.number(.firstTokenP95) {
      lines.append(row("first", "token after p50 \(Figures.time(p50)), p95 \(Figures.time(p95))"))
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
    if let cost = statistics.number(.costUSD) { lines.append(row("cost", "$" + Figures.fixed(cost, 4))) }
    if let budget { lines.append(row("budget", budget + " spent by all runs")) }
    let names = statistics.modelNames
    if names.count > 1 { for name in names { lines.append(row("model", modelText(name))) } }
    let failures = statistics.failuresByClass
    if !failures.isEmpty {
      lines.append(
        row("failed", failures.map { "\(Figures.grouped($0.count)) \($0.errorClass.rawValue)" }.joined(separator: ", "))
      )
      lines += failures.prefix(3).map { row("", "\($0.errorClass.rawValue): \(Self.firstLine(of: $0.firstMessage))") }
      if let failedPath, isComplete { lines.append(row("", failedPath)) }
    }
    if let thresholds { lines.append(row("threshold", thresholds)) }
    if let accepted { lines.append(row("accepted", accepted)) }
    if !statistics.counters.isEmpty {
      let counts = statistics.counters.map { "\($0.name) \(Figures.exact($0.value))" }
      lines.append(row("counters", counts.joined(separator: ", ")))
    }
    if outputPath != "-" { lines.append(row("output", outputText)) }
    if isMock { lines.append(row("mock", "the replies are NOT REAL: they came from the built-in mock provider")) }
    return lines.joined(separator: "\n")
  }

  private static func firstLine(of text: String) -> String {
    let line = text.prefix { !$0.isNewline }
    return line.count > 160 ? line.prefix(159) + "…" : String(line)
  }

  /// `; 12 retries; failed tries: 8 rate_limit, 4 server; 2 may have been billed without an answer`
  private var retriesText: String {
    var text = ""
    let retries = statistics.count(.retries)
    let errors = StatisticName.allCases.compactMap { name in
      name.errorClass.map { (errorClass: $0, count: statistics.count(name)) }
    }
    let seen = errors.filter { $0.count > 0 }.sorted { $0.count > $1.count }
    if retries > 0 { text += "; \(retries == 1 ? "1 retry" : "\(Figures.grouped(retries)) retries")" }
    if !seen.isEmpty {
      let counts = seen.map { "\(Figures.grouped($0.count)) \($0.errorClass.rawValue)" }
      text += "; failed tries: \(counts.joined(separator: ", "))"
    }
    let billed = statistics.count(.maybeBilled)
    if billed > 0 { text += "; \(Figures.grouped(billed)) may have been billed without an answer" }
    return text
  }

  private var outputText: String {
    if isComplete {
      return "\(outputPath) (\(rowsWritten == 1 ? "1 row" : "\(Figures.grouped(rowsWritten)) rows"))"
    }
    if rowsWritten == 0 { return "no row was written; \(outputPath) was not touched" }
    return "\(outputPath) is as it was before; what was done is in \(outputPath).part"
  }

  private func modelText(_ name: String) -> String {
    guard let model = statistics.model(name) else { return name }
    var parts = ["\(name): \(Figures.grouped(model.count(.requests))) requests"]
    if let median = model.number(.latencyP50) { parts.append("p50 \(Figures.time(median))") }
    let (input, output) = (model.count(.tokensInput), model.count(.tokensOutput))
    if input + output > 0 { parts.append("\(Figures.grouped(input)) tokens in, \(Figures.grouped(output)) out") }
    if let cost = model.number(.costUSD) { parts.append("$" + Figures.fixed(cost, 4)) }
    return parts.joined(separator: ", ")
  }

  private func row(_ label: String, _ text: String) -> String {
    "  " + label + String(repeating: " ", count: max(1, 10 - label.count)) + text
  }
}
