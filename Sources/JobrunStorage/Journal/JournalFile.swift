internal import GRDB
public import JobrunModel

/// A journal on the disk: opened, locked, its tables in order, a row for the run that goes on.
@Loop
public final class JournalFile {
  public let path: String
  /// What earlier runs left.
  public let past: JournalPast
  let sharesAnswers: Bool
  let reader: JournalReader
  let writer: JournalWriter
  private let lock: JournalLock
  let database: DatabaseQueue
  private let checkpoints: JournalCheckpoints
  private let presence: JournalPresence
  private let run: Int64

  /// Opens the journal, or creates it with the folders above it.
  ///
  /// - Parameters:
  ///   - fresh: Sets a journal that is there aside first.
  ///   - sharesAnswers: Identical requests share one answer.
  /// - Throws: `.inputOutput` where another process has it, or where it is no journal or damaged;
  ///   `.cannotCreateOutput` where it cannot be created.
  public init(path: String, run facts: RunFacts, fresh: Bool, sharesAnswers: Bool) throws(RunError) {
    self.path = path
    self.sharesAnswers = sharesAnswers
    try OutputFile.createFolder(above: path)
    lock = try JournalLock(path: path + ".lock")
    do throws(RunError) {
      let setAside = fresh ? try JournalPlace.setAside(path) : nil
      presence = try JournalPresence(path)
      let opened = try Self.open(path, facts, sharesAnswers: sharesAnswers, setAside: setAside)
      (database, checkpoints, reader, run, past) = opened
    } catch {
      lock.release()
      throw error
    }
    writer = JournalWriter(database: database, checkpoints: checkpoints, presence: presence, run: run)
  }

  private static func open(
    _ path: String, _ facts: RunFacts, sharesAnswers: Bool, setAside: String?
  ) throws(RunError) -> (DatabaseQueue, JournalCheckpoints, JournalReader, Int64, JournalPast) {
    do {
      var configuration = Configuration()
      configuration.label = "jobrun.journal"
      configuration.journalMode = .wal
      configuration.busyMode = .timeout(5)
      let database = try DatabaseQueue(path: path, configuration: configuration)
      let checkpoints = try JournalCheckpoints(path: path)
      let (run, past) = try database.writeWithoutTransaction { db in
        // After the opening: GRDB's own preparation of the log sets it to NORMAL.
        try db.execute(sql: "PRAGMA synchronous = FULL")
        guard try Int.fetchOne(db, sql: "PRAGMA synchronous") == 2,
          try String.fetchOne(db, sql: "PRAGMA journal_mode") == "wal"
        else { throw RunError(.inputOutput, "the file system of \(path) cannot keep a journal") }
        checkpoints.watch(db)
        let version = try JournalSchema.existingVersion(db)
        try JournalSchema.migrate(db, from: version)
        var past = try JournalPast(db, facts)
        past.setAside = setAside
        if sharesAnswers { try db.execute(sql: JournalSchema.requestIndex) }
        return (try facts.begin(db), past)
      }
      let reader = try JournalReader(path: path, lastOld: past.lastAnswer)
      return (database, checkpoints, reader, run, past)
    } catch let error as RunError {
      throw error
    } catch {
      throw JournalPlace.unusable(path, error)
    }
  }

  /// The content of each item that failed when the job was last run to its end, or since, and the last run in which it did.
  func itemsThatFailed() throws(RunError) -> [Int64: Int64] {
    do {
      return try database.writeWithoutTransaction { db in
        try db.execute(sql: JournalSchema.itemIndex)
        let last = try Int64.fetchOne(
          db, sql: "SELECT max(id) FROM run WHERE exit_code IN (0, 1) AND item_limit IS NULL AND id < ?",
          arguments: [run])
        let rows = try Row.fetchCursor(
          db, sql: "SELECT item_content, max(run) FROM failed_item WHERE run >= ? AND run < ? GROUP BY item_content",
          arguments: [last ?? 0, run])
        var failed: [Int64: Int64] = [:]
        while let row = try rows.next() { failed[row[0]] = row[1] }
        return failed
      }
    } catch {
      throw JournalPlace.unusable(path, error)
    }
  }

  /// Notes the input's hash, which takes a while to compute.
  public func noteInput(sha256: String) {
    let run = run
    database.asyncWriteWithoutTransaction { db in
      try? db.execute(sql: "UPDATE run SET input_sha256 = ? WHERE id = ?", arguments: [sha256, run])
    }
  }

  /// Notes how the run ended, brings the log into the journal, and gives it free.
  ///
  /// - Throws: `.inputOutput` where that could not be written. What was stored before is safe.
  public func close(_ ending: RunResult?) throws(RunError) {
    defer { lock.release() }
    var problem: (any Error)?
    do {
      try database.writeWithoutTransaction { db in
        if let ending { try ending.note(db, run: run) }
      }
    } catch {
      problem = error
    }
    writer.close()
    reader.close()
    checkpoints.close()
    // The last connection that closes brings the log into the journal and removes it.
    try? database.close()
    presence.close()
    if let problem {
      throw RunError(
        .inputOutput, "cannot write the journal \(path): \((problem as? DatabaseError)?.message ?? "\(problem)")",
        hint: "what was stored before is safe: run the same command again")
    }
  }
}
