/// Random numbers for jitter (Steele, Lea, Flood: "Fast Splittable Pseudorandom Number Generators").
struct SplitMix64: RandomNumberGenerator {
  private var state: UInt64

  init(seed: UInt64) { state = seed }

  /// A generator whose numbers differ from process to process: those that share a quota must not come back together.
  static func random() -> SplitMix64 {
    var system = SystemRandomNumberGenerator()
    return SplitMix64(seed: system.next())
  }

  mutating func next() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    var mixed = state
    mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
    mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
    return mixed ^ (mixed >> 31)
  }

  /// A number in `0 ..< 1`.
  mutating func uniform() -> Double { Double(next() >> 11) * 0x1p-53 }
}
