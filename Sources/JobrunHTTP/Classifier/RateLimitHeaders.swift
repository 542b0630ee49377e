internal import JobrunModel

/// Reads `x-ratelimit-*` (OpenAI, Azure, Groq and others) and `anthropic-ratelimit-*`.
///
/// Resets come as Go durations (`6m0s`, `12ms`), plain seconds, or RFC 3339 times; limits of 0 and below mean nothing.
/// Most answers have half a dozen of these headers, so they are read as bytes, without making a string of each.
enum RateLimitHeaders {
  private enum Value { case limit, remaining, reset }

  /// What a header is about, from the rest of its name.
  private struct Name {
    let words: StaticString
    let value: Value
    let dimension: Int
  }

  private static let openAI: [Name] = [
    Name(words: "limit-requests", value: .limit, dimension: 0),
    Name(words: "remaining-requests", value: .remaining, dimension: 0),
    Name(words: "reset-requests", value: .reset, dimension: 0),
    Name(words: "limit-tokens", value: .limit, dimension: 1),
    Name(words: "remaining-tokens", value: .remaining, dimension: 1),
    Name(words: "reset-tokens", value: .reset, dimension: 1),
    // OpenAI's limit of a project beside that of the organization: the lower one counts.
    Name(words: "limit-project-tokens", value: .limit, dimension: 1),
    Name(words: "remaining-project-tokens", value: .remaining, dimension: 1),
    Name(words: "reset-project-tokens", value: .reset, dimension: 1),
  ]
  private static let anthropic: [Name] = [
    Name(words: "requests-limit", value: .limit, dimension: 0),
    Name(words: "requests-remaining", value: .remaining, dimension: 0),
    Name(words: "requests-reset", value: .reset, dimension: 0),
    Name(words: "tokens-limit", value: .limit, dimension: 1),
    Name(words: "tokens-remaining", value: .remaining, dimension: 1),
    Name(words: "tokens-reset", value: .reset, dimension: 1),
    Name(words: "input-tokens-limit", value: .limit, dimension: 2),
    Name(words: "input-tokens-remaining", value: .remaining, dimension: 2),
    Name(words: "input-tokens-reset", value: .reset, dimension: 2),
    Name(words: "output-tokens-limit", value: .limit, dimension: 3),
    Name(words: "output-tokens-remaining", value: .remaining, dimension: 3),
    Name(words: "output-tokens-reset", value: .reset, dimension: 3),
  ]

  /// - Parameters:
  ///   - headers: The header lines, separated by CRLF.
  ///   - now: Seconds since 1970, by the provider's clock where that is known, to read resets; nil: they are left out.
  /// - Returns: nil where the headers say nothing.
  static func limits(in headers: [UInt8], now: Double?) -> ReportedLimits? {
    var limits = ReportedLimits()
    var isUnlimited: UInt8 = 0
    headers.withUnsafeBufferPointer { bytes in
      var start = 0
      while start < bytes.count {
        var end = start
        while end < bytes.count, bytes[end] != UInt8(ascii: "\n") { end += 1 }
        let line = UnsafeBufferPointer(rebasing: bytes[start..<end])
        read(line, "x-ratelimit-", openAI, now: now, into: &limits, &isUnlimited)
        read(line, "anthropic-ratelimit-", anthropic, now: now, into: &limits, &isUnlimited)
        start = end + 1
      }
    }
    // Azure sends -1 where it has no limit; then the rest means nothing either.
    if isUnlimited != 0 {
      for index in 0..<4 where isUnlimited & (1 << index) != 0 { limits[index] = ReportedLimits.Dimension() }
    }
    return limits.isEmpty ? nil : limits
  }

  private static func read(
    _ line: UnsafeBufferPointer<UInt8>, _ prefix: StaticString, _ names: [Name], now: Double?,
    into limits: inout ReportedLimits, _ isUnlimited: inout UInt8
  ) {
    guard begins(line, at: 0, with: prefix) else { return }
    let start = prefix.utf8CodeUnitCount
    for name in names {
      let colon = start + name.words.utf8CodeUnitCount
      guard colon < line.count, line[colon] == UInt8(ascii: ":"), begins(line, at: start, with: name.words) else {
        continue
      }
      let value = trimmed(line, from: colon + 1)
      var dimension = limits[name.dimension]
      switch name.value {
      case .limit:
        let limit = whole(value) ?? 0
        if limit > 0 {
          dimension.limit = min(limit, dimension.limit ?? limit)
        } else {
          isUnlimited |= 1 << name.dimension
        }
      case .remaining:
        if let remaining = whole(value) { dimension.remaining = min(remaining, dimension.remaining ?? remaining) }
      case .reset:
        guard let now, let seconds = RetryHint.seconds(String(decoding: value, as: UTF8.self), now: now) else { return }
        guard seconds >= 0, seconds <= RetryHint.longest else { return }
        dimension.reset = max(.clamped(seconds: seconds), dimension.reset ?? .zero)
      }
      limits[name.dimension] = dimension
      return
    }
  }

  /// Whether these bytes stand there, in any case; `words` is in lower case.
  private static func begins(_ line: UnsafeBufferPointer<UInt8>, at start: Int, with words: StaticString) -> Bool {
    let count = words.utf8CodeUnitCount
    guard start + count <= line.count else { return false }
    for index in 0..<count {
      var byte = line[start + index]
      if byte >= UInt8(ascii: "A"), byte <= UInt8(ascii: "Z") { byte |= 0x20 }
      if byte != words.utf8Start[index] { return false }
    }
    return true
  }

  private static func trimmed(_ line: UnsafeBufferPointer<UInt8>, from start: Int) -> Slice<UnsafeBufferPointer<UInt8>>
  {
    var (low, high) = (start, line.count)
    while low < high, line[low] <= 0x20 { low += 1 }
    while low < high, line[high - 1] <= 0x20 { high -= 1 }
    return line[low..<high]
  }

  /// A count; some providers write it with a fraction, which is dropped.
  private static func whole(_ text: Slice<UnsafeBufferPointer<UInt8>>) -> Int? {
    var number = 0
    var digits = 0
    for byte in text {
      guard byte >= UInt8(ascii: "0"), byte <= UInt8(ascii: "9") else {
        guard byte == UInt8(ascii: "."), digits > 0 else { return nil }
        return TimeText.number(String(decoding: text, as: UTF8.self)) == nil ? nil : number
      }
      digits += 1
      guard digits <= 15 else { return nil }
      number = number * 10 + Int(byte - UInt8(ascii: "0"))
    }
    return digits > 0 ? number : nil
  }
}

extension ReportedLimits {
  /// Requests, tokens, input tokens, output tokens.
  fileprivate subscript(index: Int) -> Dimension {
    get {
      switch index {
      case 0: requests
      case 1: tokens
      case 2: inputTokens
      default: outputTokens
      }
    }
    _modify {
      switch index {
      case 0: yield &requests
      case 1: yield &tokens
      case 2: yield &inputTokens
      default: yield &outputTokens
      }
    }
  }
}
