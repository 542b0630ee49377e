internal import Glibc
internal import JobrunScripting

/// The standard streams as a script has them: what it prints is its output, and nothing of it is changed.
///
/// `io.write` goes through C's buffer of standard output, so `print` goes through it, too: their order stays.
enum ScriptStreams {
  static func write(_ text: String, terminator: String = "\n") { print(text, terminator: terminator) }

  /// - Returns: false where standard output took not all of it.
  static func flush() -> Bool { fflush(nil) == 0 }

  static func log(_ level: ScriptLogLevel, _ message: String) {
    if level == .print { write(message) } else { tell("\(level.rawValue): \(message)") }
  }

  static func complain(_ failure: ScriptFailure) {
    tell("jobrun: \(failure.message)" + (failure.traceback.map { "\n" + $0 } ?? ""))
  }

  /// Writes a message to standard error, behind what was written before to standard output.
  private static func tell(_ text: String) {
    _ = flush()
    var bytes = Array((VisibleText.make(text, keepingLines: true) + "\n").utf8)[...]
    while !bytes.isEmpty {
      let count = bytes.withUnsafeBytes { Glibc.write(STDERR_FILENO, $0.baseAddress, $0.count) }
      if count < 0, errno == EINTR { continue }
      guard count > 0 else { return }
      bytes = bytes.dropFirst(count)
    }
  }
}
