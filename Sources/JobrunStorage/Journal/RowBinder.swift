internal import GRDB
internal import GRDBSQLite
internal import JobrunModel

/// Binds values from left to right. SQLite copies them.
struct RowBinder {
  private let statement: OpaquePointer
  private var column: Int32 = 0
  // SQLITE_TRANSIENT, which Swift cannot import.
  private static let copied = unsafeBitCast(-1, to: sqlite3_destructor_type.self)

  init(statement: OpaquePointer) { self.statement = statement }

  private mutating func next() -> Int32 {
    column += 1
    return column
  }

  mutating func bind(_ value: Int64) { sqlite3_bind_int64(statement, next(), value) }

  mutating func bind(_ value: Int) { bind(Int64(value)) }

  mutating func bind(_ value: Int?) {
    if let value { bind(Int64(value)) } else { sqlite3_bind_null(statement, next()) }
  }

  mutating func bind(_ value: Double) { sqlite3_bind_double(statement, next(), value) }

  mutating func bind(_ value: Double?) { if let value { bind(value) } else { sqlite3_bind_null(statement, next()) } }

  mutating func bind(_ value: String) {
    var value = value
    let column = next()
    value.withUTF8 { bytes in
      bytes.withMemoryRebound(to: CChar.self) { text in
        _ = sqlite3_bind_text(
          statement, column, text.baseAddress ?? Self.empty, Int32(clamping: text.count), Self.copied)
      }
    }
  }

  mutating func bind(_ value: String?) { if let value { bind(value) } else { sqlite3_bind_null(statement, next()) } }

  mutating func bind(_ value: ItemID) {
    switch value {
    case .integer(let number): bind(number)
    case .string(let text): bind(text)
    }
  }

  mutating func bind(text bytes: [UInt8]) {
    let column = next()
    bytes.withUnsafeBytes { bytes in
      _ = sqlite3_bind_text(
        statement, column, bytes.baseAddress?.assumingMemoryBound(to: CChar.self) ?? Self.empty,
        Int32(clamping: bytes.count), Self.copied)
    }
  }

  mutating func bind(_ bytes: [UInt8]) {
    let column = next()
    if bytes.isEmpty {
      sqlite3_bind_zeroblob(statement, column, 0)
    } else {
      bytes.withUnsafeBytes {
        _ = sqlite3_bind_blob(statement, column, $0.baseAddress, Int32(clamping: $0.count), Self.copied)
      }
    }
  }

  mutating func bind(_ bytes: [UInt8]?) {
    if let bytes { bind(bytes) } else { sqlite3_bind_null(statement, next()) }
  }

  // Safety: never written; a null pointer would bind NULL.
  private nonisolated(unsafe) static let empty: UnsafePointer<CChar> = {
    let pointer = UnsafeMutablePointer<CChar>.allocate(capacity: 1)
    pointer.initialize(to: 0)
    return UnsafePointer(pointer)
  }()
}

extension RowBinder {
  /// Binds all of a statement's values anew.
  static func fresh(_ statement: Statement, _ bind: (inout RowBinder) -> Void) {
    sqlite3_reset(statement.sqliteStatement)
    var binder = RowBinder(statement: statement.sqliteStatement)
    bind(&binder)
  }
}

/// The columns of a row that a statement stands on.
struct RowReader {
  let statement: OpaquePointer

  func integer(_ column: Int32) -> Int64 { sqlite3_column_int64(statement, column) }

  func number(_ column: Int32) -> Double { sqlite3_column_double(statement, column) }

  func isNull(_ column: Int32) -> Bool { sqlite3_column_type(statement, column) == SQLITE_NULL }

  /// A blob, or a text's UTF-8.
  func bytes(_ column: Int32) -> [UInt8] {
    guard let start = sqlite3_column_blob(statement, column) else { return [] }
    return [UInt8](UnsafeRawBufferPointer(start: start, count: Int(sqlite3_column_bytes(statement, column))))
  }
}
