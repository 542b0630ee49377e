public import JobrunModel

/// The answers that a journal has, so that one which is imported again is known.
public struct KnownAnswers {
  /// How many there are with each checksum, over request, status and body.
  private var left: [Int64: Int] = [:]
  private let hash = JournalHash()

  static let query = "SELECT checksum FROM answer WHERE superseded = 0"

  mutating func add(_ row: RowReader) { left[row.integer(0), default: 0] += 1 }

  /// Whether the answer was there. Of several that are the same each is found once.
  public mutating func take(_ answer: Answer, to identity: RequestIdentity) -> Bool {
    let checksum = hash.checksum(identity.bytes, answer.body, status: answer.status)
    guard let count = left[checksum], count > 0 else { return false }
    left[checksum] = count - 1
    return true
  }
}

extension JournalFile {
  /// - Throws: `.inputOutput` where it cannot be read.
  public func knownAnswers() throws(RunError) -> KnownAnswers {
    var known = KnownAnswers()
    try eachRow(KnownAnswers.query) { known.add($0) }
    return known
  }
}
