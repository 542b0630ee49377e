internal import GRDBSQLite
#if canImport(Glibc)
  internal import Glibc
#else
  internal import Darwin
#endif
internal import JobrunModel

/// Gives the rows of a `SELECT` over an SQLite file, one object each, as they come. Nothing is written to the file.
///
/// The rows are those of one moment: until the last is read, others may write only where the file has a write-ahead log.
final class SQLiteReader: BatchReader {
  private let path: String
  private let database: OpaquePointer
  private var statement: OpaquePointer?
  /// The names of the columns, as the beginnings of members: `"name":`.
  private let keys: [[UInt8]]
  private let names: [String]
  private var rows = 0

  /// - Throws: `.noInput` where there is no such file, `.badInput` where it is no database or `sql` no `SELECT` over it.
  init(path: String, sql: String) throws(RunError) {
    self.path = path
    database = try Self.open(path)
    do throws(RunError) {
      let prepared = try Self.prepare(sql, path, database)
      names = try Self.names(of: prepared)
      statement = prepared
    } catch {
      sqlite3_close(database)
      throw error
    }
    keys = names.map { name in
      var key: [UInt8] = []
      JSONText.append(string: name, to: &key)
      JSONText.append(":", to: &key)
      return key
    }
  }

  deinit {
    sqlite3_finalize(statement)
    sqlite3_close(database)
  }

  func nextBatch() throws(RunError) -> RecordBatch? {
    guard let statement else { return nil }
    var records: [ItemRecord] = []
    var bytes = 0
    while records.count < 512, bytes < 1 << 18 {
      let code = sqlite3_step(statement)
      if code == SQLITE_DONE {
        end()
        break
      }
      guard code == SQLITE_ROW else {
        let reason = String(cString: sqlite3_errmsg(database))
        end()
        throw RunError(
          .badInput, "\(path): row \(rows + 1) of the query: \(reason)",
          hint: code == SQLITE_BUSY ? "another process writes to it: begin again when it has ended" : nil)
      }
      rows += 1
      let content = content(of: statement)
      if case .json(let json) = content { bytes += json.count }
      records.append(ItemRecord(content: content, index: rows, line: rows))
    }
    return records.isEmpty ? nil : RecordBatch(records: records)
  }

  /// Lets the file go.
  private func end() {
    sqlite3_finalize(statement)
    statement = nil
  }

  // MARK: Rows

  private func content(of statement: OpaquePointer) -> ItemRecord.Content {
    var json: [UInt8] = []
    var fault: String?
    for (column, key) in keys.enumerated() {
      json.append(column == 0 ? 0x7B : 0x2C)
      json.append(contentsOf: key)
      if let problem = append(Int32(column), of: statement, to: &json) {
        fault = fault ?? "row \(rows): the column \"\(names[column])\" \(problem)"
        JSONText.append("null", to: &json)
      }
    }
    json.append(0x7D)
    if let fault { return .malformed(reason: fault, raw: Array(json.prefix(InputLimits.rawPrefix))) }
    if json.count > InputLimits.record {
      return .malformed(
        reason: "row \(rows): longer than \(byteCount: InputLimits.record)",
        raw: Array(json.prefix(InputLimits.rawPrefix)))
    }
    return .json(json)
  }

  /// Appends a value as JSON; or says what is wrong with it.
  private func append(_ column: Int32, of statement: OpaquePointer, to json: inout [UInt8]) -> String? {
    switch sqlite3_column_type(statement, column) {
    case SQLITE_INTEGER: JSONText.append(Int(sqlite3_column_int64(statement, column)), to: &json)
    case SQLITE_FLOAT:
      let number = sqlite3_column_double(statement, column)
      guard number.isFinite else { return "is infinite" }
      json.append(contentsOf: "\(number)".utf8)
    case SQLITE_TEXT:
      let start = sqlite3_column_text(statement, column)
      let text = UnsafeRawBufferPointer(start: start, count: Int(sqlite3_column_bytes(statement, column)))
      if UTF8Validity.firstInvalidOffset(in: text) != nil { return "is a text that is not UTF-8" }
      JSONText.append(string: text, to: &json)
    case SQLITE_NULL: JSONText.append("null", to: &json)
    default: return "is a blob, which JSON cannot hold; select hex(…) or cast(… as text) instead"
    }
    return nil
  }

  // MARK: Beginning

  private static func open(_ path: String) throws(RunError) -> OpaquePointer {
    guard access(path, F_OK) == 0 else {
      let error = SystemError.last
      throw RunError(.noInput, "no such input: \(path)", cause: error.text)
    }
    var opened: OpaquePointer?
    let code = sqlite3_open_v2(path, &opened, SQLITE_OPEN_READONLY | SQLITE_OPEN_NOMUTEX, nil)
    guard code == SQLITE_OK, let opened else {
      let reason = opened.map { String(cString: sqlite3_errmsg($0)) } ?? "out of memory"
      sqlite3_close(opened)
      throw RunError(.noInput, "cannot read \(path): \(reason)")
    }
    sqlite3_busy_timeout(opened, 5_000)
    sqlite3_exec(opened, "PRAGMA query_only = 1", nil, nil, nil)
    return opened
  }

  private static func prepare(
    _ sql: String, _ path: String, _ database: OpaquePointer
  ) throws(RunError) -> OpaquePointer {
    let only = "one SELECT expected: the file is only read"
    var statement: OpaquePointer?
    var rest: [UInt8] = []
    let code = sql.withCString { text in
      var tail: UnsafePointer<CChar>?
      let code = sqlite3_prepare_v2(database, text, -1, &statement, &tail)
      if let tail { rest = String(cString: tail).utf8.map { $0 } }
      return code
    }
    guard code == SQLITE_OK else {
      let reason = String(cString: sqlite3_errmsg(database))
      throw RunError(.badInput, "job.input.sql: \(reason) (\(path))")
    }
    guard let statement else { throw RunError(.badInput, "job.input.sql: there is no statement", hint: only) }
    if sqlite3_stmt_readonly(statement) == 0 || sqlite3_column_count(statement) == 0 {
      sqlite3_finalize(statement)
      throw RunError(.badInput, "job.input.sql: this is no SELECT", hint: only)
    }
    if !isBlank(rest, database) {
      sqlite3_finalize(statement)
      throw RunError(.badInput, "job.input.sql: there is something behind the first statement", hint: only)
    }
    return statement
  }

  /// Whether SQL has nothing but white space, comments and semicolons.
  private static func isBlank(_ sql: [UInt8], _ database: OpaquePointer) -> Bool {
    var rest = String(decoding: sql, as: UTF8.self)
    while !rest.isEmpty {
      var statement: OpaquePointer?
      var next = ""
      let code = rest.withCString { text in
        var tail: UnsafePointer<CChar>?
        defer { if let tail { next = String(cString: tail) } }
        return sqlite3_prepare_v2(database, text, -1, &statement, &tail)
      }
      defer { sqlite3_finalize(statement) }
      if code != SQLITE_OK || statement != nil { return false }
      if next.utf8.count >= rest.utf8.count { return true }
      rest = next
    }
    return true
  }

  private static func names(of statement: OpaquePointer) throws(RunError) -> [String] {
    var names: [String] = []
    for column in 0..<sqlite3_column_count(statement) {
      let name = sqlite3_column_name(statement, column).map { String(cString: $0) } ?? ""
      if names.contains(name) {
        sqlite3_finalize(statement)
        throw RunError(
          .badInput, "job.input.sql: two columns are named \"\(name)\"", hint: "name one of them with `as`")
      }
      names.append(name)
    }
    return names
  }
}
