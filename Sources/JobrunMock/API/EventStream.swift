/// A streamed answer: what comes before the first delta, the deltas, what comes after the last.
struct EventStream: Sendable {
  var opening = ""
  var deltas: [String] = []
  var closing = ""
  /// The event that tells of an error in the middle.
  var error = ""

  /// How a stream ends.
  enum Ending { case whole, cut, error }

  /// The resolution of the waits between deltas, so that many deltas need few timers.
  private static let tick = Duration.milliseconds(1)

  /// The steps that play the stream behind its head; the first delta is due at once.
  ///
  /// What is due at once leaves in one write.
  ///
  /// - Parameters:
  ///   - time: From the first delta to the last.
  ///   - isTerminated: Whether the body's last chunk is written.
  func steps(over time: Duration, ending: Ending = .whole, isTerminated: Bool = true) -> [MockStep] {
    let count = ending == .whole ? deltas.count : max(1, deltas.count / 2)
    var steps: [MockStep] = []
    var (text, now) = (opening, Duration.zero)
    for (index, delta) in deltas.prefix(count).enumerated() {
      let due = index == 0 ? Duration.zero : time * index / max(1, deltas.count - 1)
      if due - now >= Self.tick {
        steps.append(.chunk(text))
        steps.append(.wait(due - now))
        (text, now) = ("", due)
      }
      text += delta
    }
    if ending == .whole { text += closing }
    if ending == .error { text += error }
    if !text.isEmpty { steps.append(.chunk(text)) }
    // One write with what was before it.
    if isTerminated, case .bytes(let bytes)? = steps.popLast() {
      steps.append(.bytes(bytes + Array("0\r\n\r\n".utf8)))
    }
    return steps
  }
}
