internal import JobrunModel

/// Numbers as people read them.
enum Figures {
  /// `1,234,567`
  static func grouped(_ number: Int) -> String {
    let digits = String(abs(number))
    var result = ""
    for (index, digit) in digits.enumerated() {
      if index > 0, (digits.count - index) % 3 == 0 { result += "," }
      result.append(digit)
    }
    return number < 0 ? "-" + result : result
  }

  /// `0.8 ms`, `85 ms`, `0.12 s`, `12.3 s`, `4:05`, `1:02:03`
  static func time(_ seconds: Double) -> String {
    guard seconds.isFinite, seconds < 1e9 else { return "?" }
    if seconds > 0, seconds < 0.01 { return fixed(seconds * 1e3, 1) + " ms" }
    if seconds > 0, seconds < 0.1 { return fixed(seconds * 1e3, 0) + " ms" }
    if seconds < 10 { return fixed(seconds, 2) + " s" }
    if seconds < 100 { return fixed(seconds, 1) + " s" }
    let whole = Int(seconds.rounded())
    let (hours, minutes, rest) = (whole / 3600, whole / 60 % 60, whole % 60)
    return hours > 0 ? "\(hours):\(padded(minutes)):\(padded(rest))" : "\(minutes):\(padded(rest))"
  }

  /// `0.53`, `12.4`, `1,234`
  static func rate(_ value: Double) -> String {
    guard value.isFinite, value < 1e15 else { return "?" }
    if value < 10 { return fixed(value, 2) }
    if value < 100 { return fixed(value, 1) }
    return grouped(Int(value.rounded()))
  }

  /// `1,234`, `0.25`, `1e+20`
  static func exact(_ value: StatisticValue) -> String {
    switch value {
    case .integer(let number): number == .min ? "\(number)" : grouped(number)
    case .number(let number): Int(exactly: number).map { $0 == .min ? "\($0)" : grouped($0) } ?? "\(number)"
    }
  }

  /// A number with so many digits behind the point.
  static func fixed(_ value: Double, _ digits: Int) -> String {
    var scale = 1
    for _ in 0..<digits { scale *= 10 }
    guard abs(value) < 9e18 / Double(scale) else { return "\(value)" }
    let scaled = Int((abs(value) * Double(scale)).rounded())
    let fraction = String(scaled % scale)
    let padding = String(repeating: "0", count: max(0, digits - fraction.count))
    return (value < 0 ? "-" : "") + String(scaled / scale) + (digits > 0 ? "." + padding + fraction : "")
  }

  private static func padded(_ number: Int) -> String { number < 10 ? "0\(number)" : "\(number)" }
}
