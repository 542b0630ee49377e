internal import JobrunModel

/// Token counts as the providers send them, each under names of its own.
enum WireUsage {
  /// Nil where there are none, or absurd ones.
  static func tokens(
    _ input: JSONView?, _ output: JSONView?, cached: JSONView? = nil, reasoning: JSONView? = nil,
    total: JSONView? = nil
  ) -> TokenUsage? {
    guard let input = count(input) else { return nil }
    return tokens(
      input: input, output: output?.integer ?? 0, cached: count(cached) ?? 0, reasoning: count(reasoning) ?? 0,
      total: total?.integer)
  }

  static func tokens(input: Int, output: Int, cached: Int, reasoning: Int = 0, total: Int? = nil) -> TokenUsage? {
    guard isSensible(input), isSensible(output) else { return nil }
    return TokenUsage(
      input: input, output: output, cached: max(0, min(cached, input)), reasoning: max(0, min(reasoning, output)),
      total: total.flatMap { isSensible($0) ? $0 : nil } ?? input + output)
  }

  static func count(_ value: JSONView?) -> Int? { value?.integer.flatMap { isSensible($0) ? $0 : nil } }

  private static func isSensible(_ count: Int) -> Bool { (0..<1 << 40).contains(count) }
}
