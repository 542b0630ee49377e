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
    if let items = batch.inFlight {
      try statements.replace(inFlight: items, spent: batch.spent, at: WallTime.milliseconds, run: run)
    }
    for answer in batch.answers { try statements.insert(answer, run: run) }
    for failed in batch.failedTries { try statements.insert(failed, run: run) }
    for failed in batch.failedItems { try statements.insert(failed, run: run) }
  }

  /// Releases what holds the database open.
  func close() {
    database.writeWithoutTransaction { _ in statements = nil }
  }
}
