/// Random numbers that are the same in each run (SplitMix64).
struct SeededRandom: RandomNumberGenerator {
  private var state: UInt64

  init(seed: UInt64) { state = seed }

  mutating func next() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    var mixed = state
    mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
    mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
    return mixed ^ (mixed >> 31)
  }

  /// Up to `longest` bytes of any value, or, every second time, of those of which times and numbers are made.
  mutating func bytes(longest: Int) -> [UInt8] {
    let alphabet = Array("0123456789..::--+ TZmshd,GMTnaeiNovSu".utf8)
    let isPlausible = Bool.random(using: &self)
    return (0..<Int.random(in: 0...longest, using: &self)).map { _ in
      isPlausible ? alphabet.randomElement(using: &self)! : UInt8.random(in: 0...255, using: &self)  // not empty
    }
  }

  /// The text with one to three of its bytes replaced, removed or doubled.
  mutating func mutation(of text: String) -> [UInt8] {
    var bytes = Array(text.utf8)
    for _ in 0..<Int.random(in: 1...3, using: &self) where !bytes.isEmpty {
      let index = Int.random(in: 0..<bytes.count, using: &self)
      switch Int.random(in: 0..<4, using: &self) {
      case 0: bytes[index] = UInt8.random(in: 0...255, using: &self)
      case 1: bytes[index] = UInt8.random(in: UInt8(ascii: "+")...UInt8(ascii: ":"), using: &self)
      case 2: bytes.remove(at: index)
      default: bytes.insert(bytes[index], at: index)
      }
    }
    return bytes
  }
}
