import JobrunModel

@testable import JobrunExecutor

/// The instant so many seconds after the origin of a test's clock.
func instant(_ seconds: Double) -> MonotonicInstant { MonotonicInstant(nanoseconds: Int64(seconds * 1e9)) }

extension MonotonicInstant {
  /// The last one that there is.
  static let end = MonotonicInstant(nanoseconds: .max)

  static func + (left: Self, seconds: Double) -> Self { left.advanced(by: .clamped(seconds: seconds)) }
}

extension SplitMix64 {
  mutating func below(_ bound: Int) -> Int { Int(next() % UInt64(bound)) }

  mutating func chance(_ probability: Double) -> Bool { uniform() < probability }

  /// A number between two, evenly spread over their magnitudes.
  mutating func magnitude(_ low: Double, _ high: Double) -> Double {
    var value = low
    let steps = 64
    var ratio = high / low
    for _ in 0..<6 { ratio = ratio.squareRoot() }
    for _ in 0..<below(steps + 1) { value *= ratio }
    return value
  }
}
