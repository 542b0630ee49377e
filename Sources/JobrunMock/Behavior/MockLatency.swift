#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

/// The time from a complete request to its answer.
public enum MockLatency: Sendable, Equatable {
  /// The same for every request.
  case fixed(Duration)
  /// Log-normal, as latencies of real providers nearly are: half of the requests take less than `median`, and
  /// one in 44 takes more than `median * exp(2 * sigma)`.
  case logNormal(median: Duration, sigma: Double)

  public static let zero = Self.fixed(.zero)

  /// The latency of a request: the same for the same seed and ordinal.
  func delay(ordinal: Int, seed: UInt64) -> Duration {
    switch self {
    case .fixed(let delay): return delay
    case .logNormal(let median, let sigma):
      // Box-Muller: two uniform numbers make a normal one. The first must not be zero.
      let radius = (-2 * log(1 - uniform(seed: seed, ordinal: ordinal, stream: 1))).squareRoot()
      let normal = radius * cos(2 * .pi * uniform(seed: seed, ordinal: ordinal, stream: 2))
      // Clamped: a duration beyond its range would trap.
      return median * exp(min(sigma * normal, 20))
    }
  }
}

/// A number in `0 ..< 1` that depends on its arguments alone: SplitMix64 over them.
func uniform(seed: UInt64, ordinal: Int, stream: UInt64) -> Double {
  var hash = seed &+ stream &* 0xD1B5_4A32_D192_ED03 &+ UInt64(bitPattern: Int64(ordinal)) &* 0x9E37_79B9_7F4A_7C15
  hash = (hash ^ (hash >> 30)) &* 0xBF58_476D_1CE4_E5B9
  hash = (hash ^ (hash >> 27)) &* 0x94D0_49BB_1331_11EB
  hash ^= hash >> 31
  return Double(hash >> 11) * 0x1p-53
}
