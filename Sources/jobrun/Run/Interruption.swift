internal import Glibc
internal import JobrunExecutor
internal import JobrunModel
internal import JobrunReactor

/// What signals do to a run: the first drains it, the second stops it.
@Loop
final class Interruption {
  private let executor: Executor
  private let console: Console
  private var signals = 0
  /// The exit status of a run that was ended by signals.
  private(set) var status = ExitStatus.stopped

  init(executor: Executor, console: Console) {
    self.executor = executor
    self.console = console
  }

  func watch() throws(RunError) -> SignalWatcher {
    try SignalWatcher(signals: [SIGINT, SIGTERM, SIGHUP, SIGUSR1]) { self.received($0) }
  }

  private func received(_ signal: Int32) {
    // Both only ever ask for a drain. A terminal that closes sends SIGHUP twice, itself and through its shell; systemd
    // may send it right behind SIGTERM.
    if signal == SIGUSR1 || signal == SIGHUP {
      drain(name(signal))
      return
    }
    signals += 1
    if signals == 1 {
      drain(name(signal))
    } else {
      status = signal == SIGTERM ? .terminated : .interrupted
      console.print("stopping now: requests in flight are given up")
      executor.stop(reason: "\(name(signal)), twice")
    }
  }

  private func drain(_ reason: String) {
    let count = executor.requestsInFlight
    let waiting = count == 1 ? "1 request" : "\(count) requests"
    console.print("\(reason): starting nothing new; waiting up to 30 s for \(waiting) in flight (again: stop now)")
    executor.drain(reason: reason)
  }

  private func name(_ signal: Int32) -> String {
    switch signal {
    case SIGINT: "interrupted"
    case SIGTERM: "SIGTERM"
    case SIGHUP: "SIGHUP"
    case SIGUSR1: "SIGUSR1"
    default: "signal \(signal)"
    }
  }
}
