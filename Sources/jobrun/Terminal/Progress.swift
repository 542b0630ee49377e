internal import ArgumentParser
internal import JobrunExecutor
internal import JobrunModel

/// How progress is shown.
enum ProgressStyle: String, CaseIterable, ExpressibleByArgument {
  /// A live line on a terminal, else a line every ten seconds.
  case auto
  case bar, plain
  /// A line of JSON every ten seconds.
  case json
  case none
}

/// Shows how far a run is, until it is cancelled.
@Loop
struct Progress {
  let style: ProgressStyle
  let console: Console
  let statistics: RunStatistics
  let inputShare: @Loop () -> Double?
  let clock: any MonotonicClock
  let name: String

  /// - Returns: when its task is cancelled.
  func run() async {
    let bar = style == .bar || (style == .auto && console.isLive)
    guard style != .none else { return }
    while (try? await clock.sleep(for: bar ? .milliseconds(100) : .seconds(10))) != nil {
      if bar {
        console.draw(line(withBar: true))
      } else {
        console.print(style == .json ? StatisticsJSON.line(statistics) : line(withBar: false))
      }
    }
  }

  /// `translate  [#####.....]  1,203 ok  3 failed  10 in flight  12.1/s  p50 0.82 s  eta 1:20`
  private func line(withBar: Bool) -> String {
    var parts = [name]
    if withBar, let share = share() {
      let filled = Int((max(0, min(1, share)) * 20).rounded(.down))
      parts.append("[" + String(repeating: "#", count: filled) + String(repeating: ".", count: 20 - filled) + "]")
    }
    parts.append("\(Figures.grouped(statistics.count(.itemsOK))) ok")
    if statistics.count(.itemsFailed) > 0 { parts.append("\(Figures.grouped(statistics.count(.itemsFailed))) failed") }
    if statistics.count(.itemsSkipped) > 0 {
      parts.append("\(Figures.grouped(statistics.count(.itemsSkipped))) skipped")
    }
    parts.append("\(statistics.count(.itemsInFlight)) in flight")
    if let waiting { parts.append(waiting) }
    if let rate = statistics.number(.ratePerSecond) { parts.append("\(Figures.rate(rate))/s") }
    if let median = statistics.number(.latencyP50) { parts.append("p50 \(Figures.time(median))") }
    if let eta = statistics.number(.eta) { parts.append("eta \(Figures.time(eta))") }
    if let failing { parts.append(failing) }
    return parts.joined(separator: "  ")
  }

  /// What the run waits for, where that is not its own concurrency: so that nobody thinks it hangs.
  private var waiting: String? {
    switch statistics.heldBackNow {
    case .requests: "waiting for RPM"
    case .tokens: "waiting for TPM"
    case .refusals: "held after 429"
    case .breaker: "the provider fails: waiting for it"
    case .canary: "waiting for the first answer"
    case .budget: "waiting for what is reserved of the budget"
    case .pause: "paused by the job"
    case .slots, nil: nil
    }
  }

  /// What is the matter where nothing but failures comes back.
  private var failing: String? {
    guard statistics.failuresInARow >= 3, let last = statistics.lastFailure else { return nil }
    return
      "\(Figures.grouped(statistics.failuresInARow)) failures in a row: \(last.errorClass.rawValue): \(last.message)"
  }

  private func share() -> Double? {
    if let total = statistics.value(of: .itemsTotal), case .integer(let total) = total, total > 0 {
      return Double(statistics.count(.itemsDone)) / Double(total)
    }
    // What was read is not done yet.
    return inputShare().map { $0 * Double(statistics.count(.itemsDone)) / Double(max(1, statistics.itemsBegun)) }
  }
}
