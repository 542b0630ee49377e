internal import GRDB
public import JobrunModel

/// What a journal holds when it is opened.
public struct JournalPast: Sendable {
  /// Answers of earlier runs.
  public var answers = 0
  /// Requests that were in flight when the last run died, and what an answer costs on average, where that is known.
  public var lost = 0
  public var meanCostUSD: Double?
  /// The job file is the one of the last run.
  public var isSameJob = true
  /// The last run's input, by its hash; nil where it was not noted.
  public var inputHash: String?
  /// Where `--fresh` left the journal that was there.
  public var setAside: String?
  /// What the runs before this one spent. Where one died, what was in flight counts as it was reserved.
  public var spent = Spending()
  var lastAnswer: Int64 = 0
  /// Ids are given in a row: one beyond this is damage. The reader has a bit for each.
  private static let mostAnswers: Int64 = 1 << 32

  init(_ db: Database, _ facts: RunFacts) throws {
    lastAnswer = try Int64.fetchOne(db, sql: "SELECT max(id) FROM answer") ?? 0
    guard lastAnswer <= Self.mostAnswers else { throw DatabaseError(resultCode: .SQLITE_CORRUPT) }
    if lastAnswer > 0 {
      try db.execute(sql: JournalSchema.requestIndex)
      answers = try Int.fetchOne(db, sql: "SELECT count(*) FROM answer INDEXED BY answer_request") ?? 0
    }
    // By name and not by type: a damaged column or value would be a trap otherwise.
    let columns = "job_sha256, input_sha256"
    guard let last = try Row.fetchOne(db, sql: "SELECT \(columns) FROM run ORDER BY id DESC LIMIT 1") else { return }
    func text(_ column: String) -> String? { String.fromDatabaseValue(last[column]) }
    isSameJob = text("job_sha256") == facts.jobHash
    inputHash = text("input_sha256")
    lost = try Int.fetchOne(db, sql: "SELECT coalesce(sum(count), 0) FROM in_flight") ?? 0
    if lost > 0 {
      meanCostUSD = try Double.fetchOne(
        db, sql: "SELECT avg(cost_usd) FROM (SELECT cost_usd FROM answer ORDER BY id DESC LIMIT 1000)")
    }
    if try Bool.fetchOne(db, sql: "SELECT EXISTS (SELECT 1 FROM in_flight)") == true {
      // Told once: they are in the dead run's row from now on.
      try db.inTransaction(.immediate) {
        try db.execute(
          sql: """
            UPDATE run SET lost = (SELECT count FROM in_flight WHERE in_flight.run = run.id)
            WHERE id IN (SELECT run FROM in_flight)
            """)
        try JournalSchema.moveCharges(db, where: "true")
        try db.execute(sql: "DELETE FROM in_flight")
        return .commit
      }
    }
    spent = try Self.spent(db)
  }

  private static func spent(_ db: Database) throws -> Spending {
    // `total` is a float, whatever stands in a damaged column.
    func total(_ column: Substring) throws -> Double {
      max(0, try Double.fetchOne(db, sql: "SELECT total(\(column)) FROM run") ?? 0)
    }
    let sums = try JournalSchema.chargedColumns.split(separator: ",").map(total)
    return Spending(usd: sums[3], inputTokens: sums[1], outputTokens: sums[2], requests: sums[0])
  }
}

/// What is noted of a run when it begins.
public struct RunFacts: Sendable {
  public var version: String
  public var job: String
  /// The SHA-256 of the job file, in hexadecimal.
  public var jobHash: String
  public var input: String
  public var output: String
  /// Items of the input that the run takes at most; nil: all.
  public var itemLimit: Int?

  /// - Parameter jobSource: The job file's bytes.
  public init(version: String, job: String, jobSource: [UInt8], input: String, output: String) {
    self.version = version
    self.job = job
    jobHash = JournalHash.hexadecimal(jobSource)
    self.input = input
    self.output = output
  }

  /// - Returns: The run's id.
  func begin(_ db: Database) throws -> Int64 {
    try db.execute(
      sql: """
        INSERT INTO run(started_at, version, host, pid, job, job_sha256, input, output, item_limit) \
        VALUES (?,?,?,?,?,?,?,?,?)
        """,
      arguments: [
        WallTime.text, version, JournalLock.hostName, JournalLock.processID, job, jobHash, input, output, itemLimit,
      ])
    return db.lastInsertedRowID
  }
}

/// What is noted of a run when it ends.
public struct RunResult: Sendable {
  public var exitCode: Int
  public var reason: String
  /// The numbers as JSON, under the names that scripts know.
  public var stats: String
  public var costUSD: Double?

  public init(exitCode: Int, reason: String, stats: String, costUSD: Double? = nil) {
    self.exitCode = exitCode
    self.reason = reason
    self.stats = stats
    self.costUSD = costUSD
  }

  func note(_ db: Database, run: Int64) throws {
    try db.execute(
      sql: "UPDATE run SET ended_at = ?, exit_code = ?, exit_reason = ?, stats = ?, cost_usd = ? WHERE id = ?",
      arguments: [WallTime.text, exitCode, reason, stats, costUSD, run])
    try JournalSchema.moveCharges(db, where: "id = ?", [run])
    // A run that ended lost nothing: what it gave up is among its failed tries.
    try db.execute(sql: "DELETE FROM in_flight WHERE run = ?", arguments: [run])
  }
}
