import JobrunModel
import LuaBridge

/// Reads the tables of limits, time-outs, retries and prices; what has the wrong type is passed over.
enum CallLimitsReader {
  /// Nil where there is no such table.
  static func limits(_ value: LuaValue?) -> Limits? {
    guard let table = value?.table else { return nil }
    var limits = Limits()
    limits.requests = positive(table["rpm"])
    limits.tokens = positive(table["tpm"])
    limits.inputTokens = positive(table["itpm"])
    limits.outputTokens = positive(table["otpm"])
    limits.burstSeconds = positive(table["burst_s"]) ?? limits.burstSeconds
    return limits
  }

  /// Nil where there is no such table.
  ///
  /// - Parameter base: What is not named.
  static func timeouts(_ value: LuaValue?, over base: Timeouts) -> Timeouts? {
    guard let table = value?.table else { return nil }
    var timeouts = base
    timeouts.connect = duration(table["connect"]) ?? base.connect
    timeouts.send = duration(table["send"]) ?? base.send
    timeouts.firstByte = duration(table["first_byte"]) ?? base.firstByte
    timeouts.idle = duration(table["idle"]) ?? base.idle
    if let total = duration(table["total"]) { timeouts.total = .fixed(total) }
    if table["total"]?.text == "adaptive" { timeouts.total = .adaptive }
    return timeouts
  }

  static func retry(_ value: LuaValue?) -> RetryLimits {
    var limits = RetryLimits()
    guard let table = value?.table else { return limits }
    if let attempts = table["attempts"]?.wholeNumber, attempts > 0 { limits.attempts = attempts }
    limits.base = duration(table["base_s"]) ?? limits.base
    limits.cap = duration(table["cap_s"]) ?? limits.cap
    limits.maxElapsed = duration(table["max_elapsed_s"]) ?? limits.maxElapsed
    if let asks = table["asks"]?.wholeNumber, asks > 0 { limits.asks = asks }
    return limits
  }

  /// Nil where there is no such table.
  static func price(_ value: LuaValue?) -> Price? {
    guard let table = value?.table, let input = table["input"]?.number, let output = table["output"]?.number else {
      return nil
    }
    return Price(input: input, output: output, cached: table["cached"]?.number)
  }

  private static func positive(_ value: LuaValue?) -> Double? { value?.number.flatMap { $0 > 0 ? $0 : nil } }

  private static func duration(_ value: LuaValue?) -> Duration? { positive(value).map { .clamped(seconds: $0) } }
}
