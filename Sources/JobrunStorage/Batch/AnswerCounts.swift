internal import GRDB
internal import GRDBSQLite
public import JobrunModel

/// How many usable answers a journal has to each request.
public typealias AnswerCounts = [RequestIdentity: Int]

extension AnswerCounts {
  fileprivate static let query = "SELECT request FROM answer WHERE superseded = 0"

  fileprivate mutating func add(_ row: RowReader) {
    if let request = RequestIdentity(bytes: row.bytes(0)) { self[request, default: 0] += 1 }
  }
}

extension JournalFile {
  /// - Throws: `.inputOutput` where it cannot be read.
  public func answerCounts() throws(RunError) -> AnswerCounts {
    var counts = AnswerCounts()
    try eachRow(AnswerCounts.query) { counts.add($0) }
    return counts
  }

  func eachRow(_ query: String, _ body: (RowReader) -> Void) throws(RunError) {
    do {
      try database.writeWithoutTransaction { db in
        let statement = try db.makeStatement(sql: query)
        try withExtendedLifetime(statement) {
          while true {
            switch sqlite3_step(statement.sqliteStatement) {
            case SQLITE_ROW: body(RowReader(statement: statement.sqliteStatement))
            case SQLITE_DONE: return
            case let code: throw DatabaseError(resultCode: ResultCode(rawValue: code))
            }
          }
        }
      }
    } catch {
      throw JournalPlace.unusable(path, error)
    }
  }
}

extension JournalGlance {
  /// How many usable answers the journal at `path` has to each of its requests; none where there is no journal.
  ///
  /// - Throws: `.inputOutput` where a run has it, or where it cannot be read.
  public static func answerCounts(at path: String) throws(RunError) -> AnswerCounts {
    switch look(at: path, for: []) {
    case .absent: return [:]
    case .busy(let holder): throw RunError(.inputOutput, "the journal \(path) is in use: \(holder)")
    case .unreadable(let words): throw RunError(.inputOutput, "cannot read the journal \(path): \(words)")
    case .found: break
    }
    var counts = AnswerCounts()
    do throws(ReadOnlyDatabase.Failure) {
      try ReadOnlyDatabase(path: path).rows(AnswerCounts.query) { counts.add($0) }
    } catch {
      throw RunError(.inputOutput, "cannot read the journal \(path): \(error.reason)")
    }
    return counts
  }
}
