import JobrunModel

/// Decides when `math.random` is seeded anew, so that an item draws the same numbers in every run.
///
/// The seed is worked out only when a hook draws a number: a job that draws none pays nothing.
struct RandomSeed {
  private var pending: (id: ItemID, step: Int)?

  /// The next number drawn is the first of this item's hooks.
  ///
  /// - Parameter step: Which of the item's steps begins, so that its hooks do not all draw the same numbers.
  mutating func begin(_ id: ItemID, step: Int) { pending = (id, step) }

  /// A script chose a seed of its own.
  mutating func cancel() { pending = nil }

  /// The seed to set before the next number, once.
  mutating func take() -> (Int, Int)? {
    guard let (id, step) = pending else { return nil }
    pending = nil
    return (Int(truncatingIfNeeded: Self.hash(id)), step)
  }

  /// FNV-1a over the id's kind and bytes: the same in every process.
  static func hash(_ id: ItemID) -> UInt64 {
    var hash: UInt64 = 0xcbf2_9ce4_8422_2325
    func mix(_ byte: UInt8) { hash = (hash ^ UInt64(byte)) &* 0x100_0000_01b3 }
    switch id {
    case .integer(let number): withUnsafeBytes(of: UInt64(bitPattern: Int64(number)).littleEndian) { $0.forEach(mix) }
    case .string(let text):
      mix(1)
      text.utf8.forEach(mix)
    }
    return hash
  }
}
