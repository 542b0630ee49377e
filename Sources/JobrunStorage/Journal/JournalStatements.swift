internal import GRDB
internal import GRDBSQLite
internal import JobrunModel

/// The statements that fill a journal, bound on SQLite's own functions: the cheapest way, once per answer.
///
/// To be used on the database's queue only.
struct JournalStatements {
  private let answer: Statement
  private let inFlight: Statement
  private let supersede: Statement
  private let failedTry: Statement
  private let failedItem: Statement
  private let begin: Statement
  private let commit: Statement
  private let hash = JournalHash()

  init(_ db: Database) throws {
    func insert(_ table: String, _ columns: String) throws -> Statement {
      let marks = columns.split(separator: ",").map { _ in "?" }.joined(separator: ",")
      return try db.makeStatement(sql: "INSERT INTO \(table)(\(columns)) VALUES (\(marks))")
    }
    answer = try insert(
      "answer",
      """
      run,item_index,item,item_content,request,model,attempts,received_at_ms,latency_ms,input_tokens,output_tokens,\
      cached_tokens,cost_usd,status,headers,body,checksum,item_request
      """)
    supersede = try db.makeStatement(sql: "UPDATE answer SET superseded = 1 WHERE item_content = ? AND run < ?")
    inFlight = try db.makeStatement(
      sql:
        "INSERT OR REPLACE INTO in_flight(run,at_ms,count,items,\(JournalSchema.chargedColumns)) VALUES (?,?,?,?,?,?,?,?)"
    )
    failedTry = try insert(
      "failed_try", "run,item_index,item,request,model,ended_at_ms,class,status,code,message,body")
    begin = try db.makeStatement(sql: "BEGIN IMMEDIATE")
    commit = try db.makeStatement(sql: "COMMIT")
    failedItem = try insert("failed_item", "run,item_index,item,item_content,class,status,code,message")
  }

  /// Commits what `body` inserts, or nothing of it. GRDB's own transactions parse their statements each time.
  func inTransaction(_ db: Database, _ body: () throws -> Void) throws {
    try begin.run { _ in }
    do {
      try body()
      try commit.run { _ in }
    } catch {
      // SQLite ends some transactions by itself when they fail.
      if db.isInsideTransaction { try? db.execute(sql: "ROLLBACK") }
      throw error
    }
  }

  func insert(_ entry: JournalBatch.Stored, run: Int64) throws {
    let (sent, reply) = (entry.request, entry.answer)
    let request = sent.identity.bytes
    if entry.supersedes {
      try supersede.run { row in
        row.bind(sent.item.content)
        row.bind(run)
      }
    }
    try answer.run { row in
      row.bind(run)
      row.bind(sent.item.index)
      row.bind(sent.item.id)
      row.bind(sent.item.content)
      row.bind(request)
      row.bind(reply.model)
      row.bind(reply.attempts)
      row.bind(entry.receivedAt)
      row.bind(reply.latency.seconds * 1000)
      row.bind(reply.usage?.input)
      row.bind(reply.usage?.output)
      row.bind(reply.usage?.cached)
      row.bind(reply.costUSD)
      row.bind(reply.status)
      row.bind(text: JournalHeaders.allowed(in: reply.headers))
      row.bind(reply.body)
      row.bind(hash.checksum(request, reply.body, status: reply.status))
      row.bind(sent.item.request)
    }
  }

  /// Says which items' requests are in flight; of very many only the first are named.
  func replace(inFlight items: [Int], spent: Spending, at time: Int64, run: Int64) throws {
    try inFlight.run { row in
      row.bind(run)
      row.bind(time)
      row.bind(items.count)
      row.bind(text: Self.list(items.prefix(Self.mostNamed)))
      row.bind(spent.requests)
      row.bind(spent.inputTokens)
      row.bind(spent.outputTokens)
      row.bind(spent.usd)
    }
  }

  private static let mostNamed = 1_000

  /// A JSON array: `json_each` reads it.
  private static func list(_ numbers: ArraySlice<Int>) -> [UInt8] {
    var text: [UInt8] = [UInt8(ascii: "[")]
    text.reserveCapacity(2 + 8 * numbers.count)
    for number in numbers {
      if text.count > 1 { text.append(UInt8(ascii: ",")) }
      text.append(contentsOf: String(number).utf8)
    }
    text.append(UInt8(ascii: "]"))
    return text
  }

  func insert(_ entry: JournalBatch.FailedTry, run: Int64) throws {
    try failedTry.run { row in
      row.bind(run)
      row.bind(entry.request.item.index)
      row.bind(entry.request.item.id)
      row.bind(entry.request.identity.bytes)
      row.bind(entry.request.model)
      row.bind(entry.endedAt)
      row.bind(entry.error.errorClass.rawValue)
      row.bind(entry.error.status)
      row.bind(entry.error.code)
      row.bind(entry.error.message)
      row.bind(entry.error.body)
    }
  }

  func insert(_ entry: JournalBatch.FailedItem, run: Int64) throws {
    try failedItem.run { row in
      row.bind(run)
      row.bind(entry.item.index)
      row.bind(entry.item.id)
      row.bind(entry.item.content)
      row.bind(entry.failure.errorClass.rawValue)
      row.bind(entry.failure.status)
      row.bind(entry.failure.code)
      row.bind(entry.failure.message)
    }
  }
}

extension Statement {
  /// Runs a statement that gives no rows, with what `bind` binds.
  fileprivate func run(_ bind: (inout RowBinder) -> Void) throws {
    var binder = RowBinder(statement: sqliteStatement)
    bind(&binder)
    let code = sqlite3_step(sqliteStatement)
    // The reset tells the same failure once more.
    sqlite3_reset(sqliteStatement)
    guard code == SQLITE_DONE else {
      let database = sqlite3_db_handle(sqliteStatement)
      throw DatabaseError(
        resultCode: ResultCode(rawValue: sqlite3_extended_errcode(database)),
        message: String(cString: sqlite3_errmsg(database)), sql: sql)
    }
  }
}
