internal import GRDB

/// The tables of a journal. What stands here is documented for users in docs/journal.md: they query it.
enum JournalSchema {
  /// "jobr": tells a journal from another SQLite file.
  static let applicationID = 0x6A6F_6272
  static let version = 3

  static let tables = """
    -- One row a run. `ended_at` and what follows are null while it goes on, or when it died.
    CREATE TABLE run(
      id INTEGER PRIMARY KEY,
      started_at TEXT NOT NULL,
      ended_at TEXT,
      exit_code INTEGER,
      exit_reason TEXT,
      stats TEXT,
      cost_usd REAL,
      lost INTEGER NOT NULL DEFAULT 0,
      version TEXT NOT NULL,
      host TEXT NOT NULL,
      pid INTEGER NOT NULL,
      job TEXT NOT NULL,
      job_sha256 TEXT NOT NULL,
      input TEXT NOT NULL,
      input_sha256 TEXT,
      output TEXT NOT NULL,
      item_limit INTEGER
    );
    -- One row an answer, in the order in which they came; rows are only ever added. One that --failed bought anew
    -- supersedes the item's older ones.
    CREATE TABLE answer(
      id INTEGER PRIMARY KEY,
      run INTEGER NOT NULL,
      item_index INTEGER NOT NULL,
      item,
      item_content INTEGER NOT NULL,
      request BLOB NOT NULL,
      model TEXT NOT NULL,
      attempts INTEGER NOT NULL,
      received_at_ms INTEGER NOT NULL,
      latency_ms REAL NOT NULL,
      input_tokens INTEGER,
      output_tokens INTEGER,
      cached_tokens INTEGER,
      cost_usd REAL,
      status INTEGER NOT NULL,
      headers TEXT NOT NULL,
      body BLOB NOT NULL,
      checksum INTEGER NOT NULL,
      superseded INTEGER NOT NULL DEFAULT 0
    );
    -- Requests that were sent and had not ended at the last commit: after a crash, those that were perhaps billed.
    CREATE TABLE in_flight(
      run INTEGER PRIMARY KEY,
      at_ms INTEGER NOT NULL,
      count INTEGER NOT NULL,
      items TEXT NOT NULL
    );
    -- HTTP tries that may have cost money and gave no answer, with what came back.
    CREATE TABLE failed_try(
      id INTEGER PRIMARY KEY,
      run INTEGER NOT NULL,
      item_index INTEGER NOT NULL,
      item,
      request BLOB NOT NULL,
      model TEXT NOT NULL,
      ended_at_ms INTEGER NOT NULL,
      class TEXT NOT NULL,
      status INTEGER NOT NULL,
      code TEXT,
      message TEXT NOT NULL,
      body BLOB
    );
    -- Items that failed in a run, whatever the cause.
    CREATE TABLE failed_item(
      id INTEGER PRIMARY KEY,
      run INTEGER NOT NULL,
      item_index INTEGER NOT NULL,
      item,
      item_content INTEGER NOT NULL,
      class TEXT NOT NULL,
      status INTEGER NOT NULL,
      code TEXT,
      message TEXT NOT NULL
    );
    """

  /// What a budget counts of a run. It stands in `in_flight` while the run goes on, and is moved to `run` then: a budget
  /// holds for all runs, however they ended.
  static let chargedColumns = "charged_requests,charged_input_tokens,charged_output_tokens,charged_usd"

  private static let addCharges = ["run", "in_flight"].flatMap { table in
    chargedColumns.split(separator: ",").map { "ALTER TABLE \(table) ADD COLUMN \($0) REAL NOT NULL DEFAULT 0;" }
  }.joined(separator: "\n")

  /// Which of its item's requests an answer is to, from 1; 0 where that was not noted.
  private static let addItemRequest = "ALTER TABLE answer ADD COLUMN item_request INTEGER NOT NULL DEFAULT 0"

  /// Of runs before there was such an account: what their answers say.
  private static let fillCharges = """
    UPDATE run SET charged_requests = requests, charged_input_tokens = inputs, charged_output_tokens = outputs,
      charged_usd = usd
    FROM (
      SELECT run, total(attempts) AS requests, total(input_tokens) AS inputs, total(output_tokens) AS outputs,
        total(cost_usd) AS usd
      FROM answer GROUP BY run
    ) AS bought WHERE bought.run = run.id
    """

  /// Brings what was spent by runs that are over from `in_flight` to where it stays.
  ///
  /// - Parameter condition: Which of them.
  static func moveCharges(_ db: Database, where condition: String, _ arguments: StatementArguments = []) throws {
    try db.execute(
      sql: """
        UPDATE run SET (\(chargedColumns)) = (SELECT \(chargedColumns) FROM in_flight WHERE in_flight.run = run.id)
        WHERE id IN (SELECT run FROM in_flight) AND \(condition)
        """, arguments: arguments)
  }

  /// Made when a journal is opened again: a fresh one only appends.
  static let requestIndex = "CREATE INDEX IF NOT EXISTS answer_request ON answer(request)"
  static let itemIndex = "CREATE INDEX IF NOT EXISTS answer_item ON answer(item_content)"

  /// The version of the journal's tables; 0 for a new file.
  /// - Throws: `NotAJournal` where it is another program's, or a newer one's.
  static func existingVersion(_ db: Database) throws -> Int {
    let application = try Int.fetchOne(db, sql: "PRAGMA application_id") ?? 0
    let version = try Int.fetchOne(db, sql: "PRAGMA user_version") ?? 0
    let tables = try Int.fetchOne(db, sql: "SELECT count(*) FROM sqlite_master") ?? 0
    if application == 0, version == 0, tables == 0 { return 0 }
    guard application == applicationID else { throw NotAJournal.foreign }
    guard version <= Self.version else { throw NotAJournal.newer(version) }
    return version
  }

  /// Brings the tables to this version, all or nothing.
  static func migrate(_ db: Database, from version: Int) throws {
    guard version < Self.version else { return }
    try db.inTransaction(.immediate) {
      if version < 1 { try db.execute(sql: tables) }
      if version < 2 { try db.execute(sql: addCharges) }
      if version == 1 { try db.execute(sql: fillCharges) }
      if version < 3 { try db.execute(sql: addItemRequest) }
      try db.execute(sql: "PRAGMA application_id = \(applicationID)")
      try db.execute(sql: "PRAGMA user_version = \(Self.version)")
      return .commit
    }
  }

  enum NotAJournal: Error {
    case foreign
    case newer(Int)
  }
}
