internal import GRDBSQLite
#if canImport(Glibc)
  internal import Glibc
#else
  internal import Darwin
#endif

/// An SQLite file that is only looked at: nothing is made beside it, unless it has a log, which SQLite then shares.
final class ReadOnlyDatabase {
  struct Failure: Error {
    var reason: String
  }

  private let handle: OpaquePointer

  /// - Parameter path: The file; without a log beside it, it is read as it lies.
  init(path: String) throws(Failure) {
    let isAtRest = access(path + "-wal", F_OK) != 0
    let address = "file:\(Self.escaped(path))?mode=ro\(isAtRest ? "&immutable=1" : "")"
    var opened: OpaquePointer?
    let flags = SQLITE_OPEN_READONLY | SQLITE_OPEN_URI | SQLITE_OPEN_NOMUTEX
    let code = sqlite3_open_v2(address, &opened, flags, nil)
    guard code == SQLITE_OK, let opened else {
      let reason = opened.map { String(cString: sqlite3_errmsg($0)) } ?? "out of memory"
      sqlite3_close(opened)
      throw Failure(reason: reason)
    }
    handle = opened
    sqlite3_busy_timeout(handle, 1_000)
  }

  deinit { sqlite3_close(handle) }

  /// Calls `body` with each row of a query. The rows are not to be kept.
  func rows(_ sql: String, _ value: [UInt8]? = nil, _ body: (RowReader) -> Void) throws(Failure) {
    var prepared: OpaquePointer?
    guard sqlite3_prepare_v2(handle, sql, -1, &prepared, nil) == SQLITE_OK, let statement = prepared else {
      throw failure
    }
    defer { sqlite3_finalize(statement) }
    if let value {
      var binder = RowBinder(statement: statement)
      binder.bind(value)
    }
    while true {
      switch sqlite3_step(statement) {
      case SQLITE_ROW: body(RowReader(statement: statement))
      case SQLITE_DONE: return
      default: throw failure
      }
    }
  }

  /// The first number of a query; 0 without a row.
  func integer(_ sql: String) throws(Failure) -> Int {
    var number = 0
    try rows(sql) { number = Int($0.integer(0)) }
    return number
  }

  private var failure: Failure { Failure(reason: String(cString: sqlite3_errmsg(handle))) }

  /// As a path in a URI: `#`, `?`, `%` and the like would mean something else.
  private static func escaped(_ path: String) -> String {
    var text = ""
    for byte in path.utf8 {
      switch byte {
      case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
        UInt8(ascii: "0")...UInt8(ascii: "9"):
        text.unicodeScalars.append(Unicode.Scalar(byte))
      case _ where "/-._".utf8.contains(byte): text.unicodeScalars.append(Unicode.Scalar(byte))
      default: text += (byte < 16 ? "%0" : "%") + String(byte, radix: 16)
      }
    }
    return text
  }
}
