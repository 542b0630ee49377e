internal import GRDB
internal import GRDBSQLite

/// Why a batch was not committed.
enum JournalFault: Error, Sendable {
  /// There is no room on the disk, or none that we may use: it may come.
  case full(String)
  /// Nothing that another try could mend.
  case broken(String)
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
    switch ResultCode(rawValue: code) {
    // The log's index grows by writing, too.
    case .SQLITE_IOERR_SHMSIZE: return .full(text)
    case .SQLITE_IOERR_WRITE where SystemError(number: systemError).isLackOfRoom,
      .SQLITE_IOERR_TRUNCATE where SystemError(number: systemError).isLackOfRoom:
      return .full(text)
    default: return .broken(text)
    }
  }
}
