internal import JobrunModel

/// The ways in which providers write times and durations. Each reader takes the whole text or returns nil: nonsense
/// never traps and never means something.
enum TimeText {
  /// Seconds as an integer or a decimal fraction: `7`, `1.5`. Signs, exponents, `inf` and `nan` are no numbers here.
  static func number(_ text: some StringProtocol) -> Double? {
    guard !text.isEmpty, text.utf8.count <= 18 else { return nil }
    var points = 0
    for byte in text.utf8 {
      if byte == UInt8(ascii: ".") { points += 1 } else if !isDigit(byte) { return nil }
    }
    guard points <= 1, text.utf8.first.map(isDigit) == true else { return nil }
    return Double(text)
  }

  /// A duration with units, as Go prints it: `12ms`, `1s`, `6m0s`, `1h2m3.5s`; also `2d`.
  static func duration(_ text: some StringProtocol) -> Duration? {
    var seconds = 0.0
    var rest = text[...]
    guard !rest.isEmpty, rest.utf8.count <= 40 else { return nil }
    while !rest.isEmpty {
      let digits = rest.prefix { $0.isASCII && ($0.isNumber || $0 == ".") }
      guard let value = number(digits) else { return nil }
      rest = rest.dropFirst(digits.count)
      let unit = rest.prefix { $0.isASCII && $0.isLetter }
      guard let scale = scales[String(unit)] else { return nil }
      seconds += value * scale
      rest = rest.dropFirst(unit.count)
    }
    return .clamped(seconds: seconds)
  }

  private static let scales: [String: Double] = [
    "ns": 1e-9, "us": 1e-6, "ms": 1e-3, "s": 1, "m": 60, "h": 3_600, "d": 86_400,
  ]

  /// Seconds since 1970 of an HTTP date: `Sun, 06 Nov 1994 08:49:37 GMT`, also in its two older forms.
  static func httpDate(_ text: String) -> Double? {
    let words = text.split { $0 == " " || $0 == "," || $0 == "-" }.map(String.init)
    // Sun 06 Nov 1994 08:49:37 GMT | Sunday 06 Nov 94 08:49:37 GMT | Sun Nov 6 08:49:37 1994
    guard words.count == 6 || words.count == 5, words[0].utf8.count >= 3 else { return nil }
    let isC = words.count == 5
    let (dayText, monthText) = isC ? (words[2], words[1]) : (words[1], words[2])
    let (yearText, timeText) = isC ? (words[4], words[3]) : (words[3], words[4])
    guard isC || words[5] == "GMT" || words[5] == "UTC", let day = whole(dayText), var year = whole(yearText),
      let month = months.firstIndex(of: monthText.lowercased()), let time = clock(timeText)
    else { return nil }
    if yearText.utf8.count == 2 { year += year < 70 ? 2_000 : 1_900 }
    return date(year, month + 1, day).map { $0 + time }
  }

  private static let months = [
    "jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec",
  ]

  /// Seconds since 1970 of an RFC 3339 time: `2026-11-24T21:38:02.5Z`, `2026-11-24T21:38:02+02:00`.
  static func rfc3339(_ text: String) -> Double? {
    let parts = text.split(maxSplits: 1, omittingEmptySubsequences: false) { $0 == "T" || $0 == "t" || $0 == " " }
    guard parts.count == 2 else { return nil }
    let day = parts[0].split(separator: "-", omittingEmptySubsequences: false).map(String.init)
    guard day.count == 3, day[0].utf8.count == 4, let year = whole(day[0]), let month = whole(day[1]),
      let dayOfMonth = whole(day[2]), let midnight = date(year, month, dayOfMonth)
    else { return nil }
    var time = String(parts[1])
    var offset = 0.0
    if time.hasSuffix("Z") || time.hasSuffix("z") {
      time.removeLast()
    } else if let sign = time.lastIndex(where: { $0 == "+" || $0 == "-" }) {
      guard let shift = clock(String(time[time.index(after: sign)...]) + ":00") else { return nil }
      offset = time[sign] == "-" ? -shift : shift
      time = String(time[..<sign])
    } else {
      return nil
    }
    return clock(time).map { midnight + $0 - offset }
  }

  /// `08:49:37`, `08:49:37.25` → seconds since midnight.
  private static func clock(_ text: String) -> Double? {
    let parts = text.split(separator: ":", omittingEmptySubsequences: false)
    guard parts.count == 3, let hours = whole(parts[0]), let minutes = whole(parts[1]), let seconds = number(parts[2]),
      hours < 24, minutes < 60, seconds < 61
    else { return nil }
    return Double(hours * 3_600 + minutes * 60) + seconds
  }

  /// Seconds since 1970 of a day's midnight (Howard Hinnant, "chrono-compatible low-level date algorithms").
  private static func date(_ year: Int, _ month: Int, _ day: Int) -> Double? {
    guard (1_970...9_999).contains(year), (1...12).contains(month), (1...31).contains(day) else { return nil }
    let y = month <= 2 ? year - 1 : year
    let era = y / 400
    let yearOfEra = y - era * 400
    let dayOfYear = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1
    let dayOfEra = yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100 + dayOfYear
    return Double(era * 146_097 + dayOfEra - 719_468) * 86_400
  }

  private static func whole(_ text: some StringProtocol) -> Int? {
    guard !text.isEmpty, text.utf8.count <= 4, text.utf8.allSatisfy(isDigit) else { return nil }
    return Int(text)
  }

  private static func isDigit(_ byte: UInt8) -> Bool { byte >= UInt8(ascii: "0") && byte <= UInt8(ascii: "9") }
}
