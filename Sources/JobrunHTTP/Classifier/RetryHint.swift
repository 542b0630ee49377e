internal import JobrunModel

/// How long a provider asks to wait, read out of everything in which providers say it.
///
/// The first of these that makes sense counts: `retry-after-ms`; `retry-after` as seconds, duration, HTTP date, RFC 3339
/// time or epoch; the reset of the limit that is used up; the error's `retryDelay`; "try again in …" in its message.
/// Zero, negative and senseless values are passed over. A pure function; the time of day is an argument.
enum RetryHint {
  /// No hint is taken for longer than this.
  static let longest = 366.0 * 86_400

  /// - Parameters:
  ///   - limits: What the same headers say of the limits.
  ///   - now: Seconds since 1970: the answer's own `Date`, so that a wrong clock on either side means nothing.
  static func wait(
    headers: HeaderBlock, limits: ReportedLimits?, said: ErrorBody, now: Double
  ) -> Duration? {
    if let text = headers["retry-after-ms"], let wait = valid(TimeText.number(text).map { $0 / 1_000 }) { return wait }
    if let text = headers["retry-after"], let wait = valid(seconds(text, now: now)) { return wait }
    if let wait = resetOfWhatIsUsedUp(limits) { return wait }
    if let text = said.retryDelay, let wait = valid(seconds(text, now: now)) { return wait }
    if let message = said.message, let wait = valid(inMessage(message)) { return wait }
    return nil
  }

  private static func valid(_ seconds: Double?) -> Duration? {
    guard let seconds, seconds > 0, seconds <= longest else { return nil }
    let wait = Duration.clamped(seconds: seconds)
    return wait > .zero ? wait : nil  // less than a nanosecond is none
  }

  /// The seconds that a value of `retry-after` means.
  static func seconds(_ text: String, now: Double) -> Double? {
    if let number = TimeText.number(text) {
      // A number that is no plausible wait but a plausible time is a time, in seconds or milliseconds.
      if number > 1e12, number < 1e14 { return number / 1_000 - now }
      return number > 1e9 ? number - now : number
    }
    if let duration = TimeText.duration(text) { return duration.seconds }
    return (TimeText.httpDate(text) ?? TimeText.rfc3339(text)).map { $0 - now }
  }

  private static func resetOfWhatIsUsedUp(_ limits: ReportedLimits?) -> Duration? {
    guard let limits else { return nil }
    let dimensions = [limits.requests, limits.tokens, limits.inputTokens, limits.outputTokens]
    return dimensions.filter { $0.remaining == 0 }.compactMap(\.reset).filter { $0 > .zero }.max()
  }

  /// "Please try again in 41.724s", "retry in 2 minutes", "wait 30 seconds".
  static func inMessage(_ message: String) -> Double? {
    let text = message.prefix(2_000).lowercased()
    for phrase in ["try again in ", "retry in ", "retry after ", "please wait "] {
      guard let range = text.firstRange(of: phrase) else { continue }
      let words = text[range.upperBound...].split(maxSplits: 2, whereSeparator: \.isWhitespace).prefix(2)
      guard let word = words.first else { continue }
      let first = withoutPunctuation(word)
      if let duration = TimeText.duration(first) { return duration.seconds }
      guard let number = TimeText.number(first) else { continue }
      // "in 5. Have a nice day" has no unit.
      let unit = words.count > 1 && first == word ? withoutPunctuation(words[words.startIndex + 1]) : "s"
      if unit.hasPrefix("ms") || unit.hasPrefix("milli") { return number / 1_000 }
      if unit == "m" || unit.hasPrefix("min") { return number * 60 }
      if unit == "h" || unit.hasPrefix("hour") { return number * 3_600 }
      if unit == "d" || unit.hasPrefix("day") { return number * 86_400 }
      return number
    }
    return nil
  }

  private static func withoutPunctuation(_ word: Substring) -> Substring {
    var word = word
    while let last = word.last, last == "." || last == "," || last == ";" { word.removeLast() }
    return word
  }
}
