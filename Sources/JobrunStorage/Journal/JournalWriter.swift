internal import GRDB
internal import GRDBSQLite
internal import JobrunModel

/// Writes batches into a journal, each in one transaction that is on the disk when `commit` is done.
///
/// Safety: after `init` everything in it is touched only on the database's own queue, which is serial.
final class JournalWriter: @unchecked Sendable {
  /// Pages in the write-ahead log from which a checkpoint is made beside the commits, and in between them.
  private static let checkpointPages = 1_000
  private static let longLogPages = 16_000

  private let database: DatabaseQueue
  private let checkpoints: JournalCheckpoints
  private let presence: JournalPresence
  private let run: Int64
  private var statements: JournalStatements?

  init(database: DatabaseQueue, checkpoints: JournalCheckpoints, presence: JournalPresence, run: Int64) {
    self.database = database
    self.checkpoints = checkpoints
    self.presence = presence
    self.run = run
  }

  /// Returns when all of the batch is on the disk, or nothing of it is.
  @Loop
  func commit(_ batch: JournalBatch) async -> JournalFault? {
    await withUnsafeContinuation { continuation in
      database.asyncWriteWithoutTransaction { db in
        continuation.resume(returning: self.write(batch, db))
      }
    }
  }

  private func write(_ batch: JournalBatch, _ db: Database) -> JournalFault? {
    do {
      let statements = try statements ?? JournalStatements(db)
      self.statements = statements
      try statements.inTransaction(db) { try insert(batch, statements) }
    } catch {
      return JournalFault(error, db)
    }
    guard presence.isThere else { return .broken("it was deleted") }
    let pages = checkpoints.logPages
    if pages > Self.longLogPages {
      // Under a steady load a passive checkpoint never reaches the end of the log: once in a while the commits wait.
      // Not for whoever reads the journal meanwhile: then it is tried again behind the next commits.
      sqlite3_busy_timeout(db.sqliteConnection, 0)
      _ = try? db.checkpoint(.restart)
      sqlite3_busy_timeout(db.sqliteConnection, 5_000)
    } else if pages > Self.checkpointPages {
      checkpoints.begin()
    }
    return nil
  }

  private func insert(_ batch: JournalBatch, _ statements: JournalStatements) throws {
    if let items = batch.inFlight { try statements.replace(inFlight: items, at: WallTime.milliseconds, run: run) }
    for answer in batch.answers { try statements.insert(answer, run: run) }
    for failed in batch.failedTries { try statements.insert(failed, run: run) }
    for failed in batch.failedItems { try statements.insert(failed, run: run) }
  }

  /// Releases what holds the database open.
  func close() {
    database.writeWithoutTransaction { _ in statements = nil }
  }
}

extension JournalFault {
  init(_ error: any Error, _ db: Database) {
    guard let error = error as? DatabaseError else {
      self = .broken("\(error)")
      return
    }
    let isSystemError = error.resultCode == .SQLITE_IOERR
    let number = isSystemError ? db.sqliteConnection.map(Self.systemError) ?? 0 : 0
    self = Self.judge(code: error.extendedResultCode.rawValue, systemError: number, words: error.message)
  }

  /// The `errno` of the last call that failed on the log. SQLite's own `sqlite3_system_errno` does not know it after a
  /// failed COMMIT.
  private static func systemError(_ connection: OpaquePointer) -> Int32 {
    var log: UnsafeMutablePointer<sqlite3_file>?
    guard sqlite3_file_control(connection, "main", SQLITE_FCNTL_JOURNAL_POINTER, &log) == SQLITE_OK, let log,
      let control = log.pointee.pMethods?.pointee.xFileControl
    else { return sqlite3_system_errno(connection) }
    var number: Int32 = 0
    return control(log, SQLITE_FCNTL_LAST_ERRNO, &number) == SQLITE_OK ? number : sqlite3_system_errno(connection)
  }

  /// - Parameter systemError: The `errno` behind an input/output error.
  static func judge(code: Int32, systemError: Int32, words: String?) -> JournalFault {
    let text = systemError != 0 ? SystemError(number: systemError).text : words ?? "SQLite error \(code)"
    if code & 0xFF == SQLITE_FULL { return .full(text) }
    // A failed fsync may have thrown away what it should have written: a second one would lie.
    let isWrite = code == SQLITE_IOERR | 3 << 8 || code == SQLITE_IOERR | 6 << 8
    // The log's index grows by writing, too.
    if code == SQLITE_IOERR | 19 << 8 { return .full(text) }
    if isWrite, SystemError(number: systemError).isLackOfRoom { return .full(text) }
    return .broken(text)
  }
}
