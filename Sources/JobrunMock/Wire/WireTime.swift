#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

/// Times as headers write them.
enum WireTime {
  /// Whole milliseconds, rounded up; nothing is below zero.
  static func milliseconds(_ duration: Duration) -> Int {
    let (seconds, attoseconds) = max(duration, .zero).components
    return Int(clamping: seconds) * 1000 + Int((attoseconds + 999_999_999_999_999) / 1_000_000_000_000_000)
  }

  /// Whole seconds, rounded up.
  static func seconds(_ duration: Duration) -> Int { (milliseconds(duration) + 999) / 1000 }

  /// As Go writes a duration, to the millisecond: `0s`, `12ms`, `1.146s`, `6m0s`, `1h2m3.5s`.
  static func go(_ duration: Duration) -> String {
    let total = milliseconds(duration)
    if total > 0, total < 1000 { return "\(total)ms" }
    var text = ""
    if total >= 3_600_000 { text += "\(total / 3_600_000)h" }
    if total >= 60_000 { text += "\(total / 60_000 % 60)m" }
    text += "\(total / 1000 % 60)"
    if total % 1000 > 0 {
      var fraction = String(total % 1000 + 1000).dropFirst()
      while fraction.last == "0" { fraction.removeLast() }
      text += "." + fraction
    }
    return text + "s"
  }

  /// The seconds since 1970.
  static var now: Int { time(nil) }

  /// RFC 3339: `2026-11-24T22:41:42Z`.
  static func rfc3339(_ seconds: Int) -> String {
    let date = calendar(seconds)
    return "\(date.tm_year + 1900)-\(two(date.tm_mon + 1))-\(two(date.tm_mday))T\(clock(date))Z"
  }

  /// The date of HTTP: `Tue, 24 Nov 2026 22:41:42 GMT`.
  static func http(_ seconds: Int) -> String {
    let days = ["Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"]
    let months = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"]
    let date = calendar(seconds)
    return "\(days[Int(date.tm_wday)]), \(two(date.tm_mday)) \(months[Int(date.tm_mon)]) \(date.tm_year + 1900) "
      + "\(clock(date)) GMT"
  }

  private static func calendar(_ seconds: Int) -> tm {
    var (instant, date) = (time_t(seconds), tm())
    gmtime_r(&instant, &date)
    return date
  }

  private static func clock(_ date: tm) -> String { "\(two(date.tm_hour)):\(two(date.tm_min)):\(two(date.tm_sec))" }

  private static func two(_ number: CInt) -> String { number < 10 ? "0\(number)" : "\(number)" }
}
