internal import Dispatch
internal import Glibc
internal import JobrunHTTP
internal import JobrunModel
internal import Synchronization

/// Standard error: lines for people, and a live line below them on a terminal.
///
/// Written from a queue of its own, so that a slow or stopped terminal never holds up the run: frames of the live line
/// are dropped while the terminal is behind, log lines only when thousands wait.
@Loop
final class Console {
  private static let mostWaiting = 10_000

  let isTerminal: Bool
  /// Whether cursor movement and colour may be used.
  let isLive: Bool
  /// Keys that no line may show.
  var secrets: [Secret] = []
  private let queue = DispatchQueue(label: "jobrun.console")
  private let waiting = Atomic<Int>(0)
  private var liveLine = ""
  private var dropped = 0

  init(color: Bool) {
    isTerminal = isatty(STDERR_FILENO) == 1
    let term = getenv("TERM").map { String(cString: $0) } ?? ""
    isLive = isTerminal && color && getenv("NO_COLOR") == nil && term != "dumb" && !term.isEmpty
  }

  /// Prints a line, above the live one.
  func print(_ text: String) {
    guard waiting.load(ordering: .relaxed) < Self.mostWaiting else {
      dropped += 1
      return
    }
    var lines = clean(text) + "\n"
    if dropped > 0 {
      lines = "(\(dropped) lines were dropped: the terminal was too slow)\n" + lines
      dropped = 0
    }
    if liveLine.isEmpty { write(lines) } else { write("\r\u{1B}[K" + lines + liveLine) }
  }

  /// Draws the live line anew; dropped where an earlier frame still waits for the terminal.
  func draw(_ line: String) {
    guard isLive, waiting.load(ordering: .relaxed) == 0 else { return }
    liveLine = String(clean(line).prefix(columns() - 1))
    write("\r\u{1B}[K" + liveLine)
  }

  /// Takes the live line away and waits until all is written, for two seconds at most.
  func close() {
    if !liveLine.isEmpty { write("\r\u{1B}[K") }
    liveLine = ""
    let done = DispatchSemaphore(value: 0)
    queue.async { done.signal() }
    _ = done.wait(timeout: .now() + 2)
  }

  private func clean(_ text: String) -> String {
    VisibleText.make(secrets.reduce(text) { $1.redacted($0) }, keepingLines: true)
  }

  private func write(_ text: String) {
    waiting.add(1, ordering: .relaxed)
    queue.async { [self] in
      var bytes = Array(text.utf8)[...]
      while !bytes.isEmpty {
        let count = bytes.withUnsafeBytes { Glibc.write(STDERR_FILENO, $0.baseAddress, $0.count) }
        if count < 0, errno == EINTR || errno == EAGAIN { continue }
        if count <= 0 { break }  // nobody reads any more: the run goes on
        bytes = bytes.dropFirst(count)
      }
      waiting.subtract(1, ordering: .relaxed)
    }
  }

  private func columns() -> Int {
    var size = winsize()
    guard ioctl(STDERR_FILENO, UInt(TIOCGWINSZ), &size) == 0, size.ws_col > 0 else { return 80 }
    return Int(size.ws_col)
  }
}
