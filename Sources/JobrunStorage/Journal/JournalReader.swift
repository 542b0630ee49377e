internal import GRDB
internal import GRDBSQLite
internal import JobrunModel

/// Finds the answers of earlier runs, each once. On a connection of its own, read on the loop: a look-up takes a few
/// microseconds, and answers lie in the order in which they are asked for again.
@Loop
final class JournalReader {
  private let database: DatabaseQueue
  private let path: String
  /// The last answer of earlier runs; those behind it are this run's.
  private let lastOld: Int64
  /// What was claimed: a bit an answer.
  private var claimed: [UInt64]
  /// The last answer claimed to a request that was made more than once.
  private var lastClaimed: [RequestIdentity: Int64] = [:]
  private var statements: Statements?
  private let hash = JournalHash()

  private struct Statements {
    let byRequest: Statement
    let byItem: Statement
    let laterOfItem: Statement
    let answer: Statement

    func reset() {
      for statement in [byRequest, byItem, laterOfItem, answer] { sqlite3_reset(statement.sqliteStatement) }
    }
  }

  init(path: String, lastOld: Int64) throws {
    self.path = path
    self.lastOld = lastOld
    claimed = [UInt64](repeating: 0, count: Int(lastOld / 64) + 1)
    var configuration = Configuration()
    configuration.label = "jobrun.journal.reader"
    configuration.readonly = true
    configuration.busyMode = .timeout(5)
    database = try DatabaseQueue(path: path, configuration: configuration)
  }

  /// Answers that were claimed.
  private(set) var claimCount = 0

  /// The first unclaimed answer to a request; it is claimed then.
  func claim(_ identity: RequestIdentity) throws(RunError) -> StoredAnswer? {
    if lastOld == 0 { return nil }
    return try reading { (statements) throws(RunError) in
      var after: Int64 = lastClaimed[identity] ?? 0
      var wasTaken = after > 0
      while let id = try first(statements.byRequest, identity, after: after) {
        guard take(id) else {
          (after, wasTaken) = (id, true)
          continue
        }
        if wasTaken { lastClaimed[identity] = id }
        return try answer(id, to: identity, statements)
      }
      if wasTaken { lastClaimed[identity] = after }
      return nil
    }
  }

  /// The answer to a request, this run's among them, whoever else has it.
  func share(_ identity: RequestIdentity) throws(RunError) -> StoredAnswer? {
    try reading { (statements) throws(RunError) in
      guard let id = try first(statements.byRequest, identity, after: 0, upTo: .max) else { return nil }
      if id <= lastOld { _ = take(id) }
      return try answer(id, to: identity, statements)
    }
  }

  /// An unclaimed answer to this one of the item's requests, of the latest run that has one, whatever was asked then.
  func claim(request: Int, ofContent content: Int64) throws(RunError) -> StoredAnswer? {
    if lastOld == 0 { return nil }
    return try reading { (statements) throws(RunError) in
      bind(content, request, to: statements.byItem)
      defer { sqlite3_reset(statements.byItem.sqliteStatement) }
      while try step(statements.byItem) {
        let id = sqlite3_column_int64(statements.byItem.sqliteStatement, 0)
        if take(id) { return try answer(id, statements) }
      }
      return nil
    }
  }

  /// Whether earlier runs, but later than this one, have bought an answer for the item.
  func hasAnswer(toContent content: Int64, after run: Int64) throws(RunError) -> Bool {
    if lastOld == 0 { return false }
    return try reading { (statements) throws(RunError) in
      bind(content, Int(run), to: statements.laterOfItem)
      defer { sqlite3_reset(statements.laterOfItem.sqliteStatement) }
      return try step(statements.laterOfItem)
    }
  }

  private func bind(_ content: Int64, _ number: Int, to statement: Statement) {
    RowBinder.fresh(statement) {
      $0.bind(content)
      $0.bind(number)
      $0.bind(lastOld)
    }
  }

  /// - Returns: false where it was claimed before.
  private func take(_ id: Int64) -> Bool {
    let (word, bit) = (Int(id / 64), UInt64(1) << UInt64(id % 64))
    guard word < claimed.count, claimed[word] & bit == 0 else { return false }
    claimed[word] |= bit
    claimCount += 1
    return true
  }

  // MARK: SQLite

  private func reading<T>(_ body: (Statements) throws(RunError) -> T) throws(RunError) -> T {
    let result: Result<T, RunError>
    do {
      result = try database.unsafeRead { db in
        let statements = try statements ?? Self.prepare(db)
        self.statements = statements
        // One that still stands on a row would hold the connection in the past: this run's answers would not be seen,
        // and no checkpoint could get behind it.
        defer { statements.reset() }
        do throws(RunError) {
          return .success(try body(statements))
        } catch {
          return .failure(error)
        }
      }
    } catch {
      throw RunError(.inputOutput, "cannot read the journal \(path): \(error)")
    }
    return try result.get()
  }

  private static func prepare(_ db: Database) throws -> Statements {
    Statements(
      byRequest: try db.makeStatement(
        sql: """
          SELECT id FROM answer WHERE request = ? AND id > ? AND id <= ? AND superseded = 0 ORDER BY id LIMIT 1
          """),
      byItem: try db.makeStatement(
        sql: """
          SELECT id FROM answer WHERE item_content = ? AND item_request IN (?, 0) AND id <= ? AND superseded = 0 \
          ORDER BY run DESC, id
          """),
      laterOfItem: try db.makeStatement(
        sql: "SELECT 1 FROM answer WHERE item_content = ? AND run > ? AND id <= ? AND superseded = 0 LIMIT 1"),
      answer: try db.makeStatement(
        sql: """
          SELECT status, headers, body, latency_ms, attempts, cost_usd, request, checksum, model FROM answer \
          WHERE id = ?
          """))
  }

  private func first(
    _ statement: Statement, _ identity: RequestIdentity, after: Int64, upTo last: Int64? = nil
  ) throws(RunError) -> Int64? {
    RowBinder.fresh(statement) {
      $0.bind(identity.bytes)
      $0.bind(after)
      $0.bind(last ?? lastOld)
    }
    guard try step(statement) else { return nil }
    let id = sqlite3_column_int64(statement.sqliteStatement, 0)
    guard id > after else { throw damaged(id, "the index leads back to it") }
    return id
  }

  /// - Parameter identity: What was asked for, where that is known: a damaged index leads to another answer.
  private func answer(
    _ id: Int64, to identity: RequestIdentity? = nil, _ statements: Statements
  ) throws(RunError) -> StoredAnswer {
    let statement = statements.answer
    RowBinder.fresh(statement) { $0.bind(id) }
    guard try step(statement) else { throw damaged(id, "it is gone") }
    let row = RowReader(statement: statement.sqliteStatement)
    let body = row.bytes(2)
    let check = row.integer(7)
    let stored = StoredAnswer(
      status: Int(row.integer(0)), headers: row.bytes(1), body: body,
      latency: .clamped(seconds: row.number(3) / 1000), attempts: Int(row.integer(4)),
      costUSD: row.isNull(5) ? nil : row.number(5), model: String(decoding: row.bytes(8), as: UTF8.self))
    let request = row.bytes(6)
    if let identity, request != identity.bytes { throw damaged(id, "it is the answer to another request") }
    guard check == hash.checksum(request, body, status: stored.status) else {
      throw damaged(id, "its checksum is another one")
    }
    return stored
  }

  private func step(_ statement: Statement) throws(RunError) -> Bool {
    switch sqlite3_step(statement.sqliteStatement) {
    case SQLITE_ROW: return true
    case SQLITE_DONE:
      sqlite3_reset(statement.sqliteStatement)
      return false
    default:
      let words = String(cString: sqlite3_errmsg(sqlite3_db_handle(statement.sqliteStatement)))
      sqlite3_reset(statement.sqliteStatement)
      throw RunError(
        .inputOutput, "cannot read the journal \(path): \(words)",
        hint: "--fresh sets it aside and begins a new one; `sqlite3 FILE .recover` saves what can be saved")
    }
  }

  private func damaged(_ id: Int64, _ what: String) -> RunError {
    RunError(
      .inputOutput, "answer \(id) in the journal \(path) is damaged: \(what)",
      hint: """
        to buy just that one again:  sqlite3 '\(path)' 'DELETE FROM answer WHERE id = \(id)'
        --fresh sets the whole journal aside and begins a new one
        """)
  }

  func close() {
    database.writeWithoutTransaction { _ in statements = nil }
    try? database.close()
  }
}
