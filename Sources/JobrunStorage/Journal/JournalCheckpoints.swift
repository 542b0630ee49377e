internal import GRDB
internal import GRDBSQLite
internal import Synchronization

/// Brings the write-ahead log into the journal beside the commits, on a connection of its own.
///
/// SQLite's automatic checkpoints would make single commits wait for 10–23 ms.
final class JournalCheckpoints: Sendable {
  private let database: DatabaseQueue
  private let isRunning = Atomic<Bool>(false)
  /// Pages in the log after the last commit, written by SQLite's hook.
  private let pages = Atomic<Int>(0)

  /// - Parameter path: The journal's.
  init(path: String) throws {
    var configuration = Configuration()
    configuration.label = "jobrun.checkpoint"
    configuration.busyMode = .timeout(5)
    database = try DatabaseQueue(path: path, configuration: configuration)
    try database.inDatabase { try $0.execute(sql: "PRAGMA synchronous = FULL; PRAGMA wal_autocheckpoint = 0") }
  }

  var logPages: Int { pages.load(ordering: .relaxed) }

  /// Has SQLite tell the length of the log after each of the writer's commits; that ends automatic checkpoints, too.
  func watch(_ writer: Database) {
    sqlite3_wal_hook(
      writer.sqliteConnection,
      { context, _, _, count in
        // Safety: the context is this object, which outlives the connection.
        Unmanaged<JournalCheckpoints>.fromOpaque(context!).takeUnretainedValue().pages
          .store(Int(count), ordering: .relaxed)
        return SQLITE_OK
      }, Unmanaged.passUnretained(self).toOpaque())
  }

  /// Begins a checkpoint, unless one is under way.
  func begin() {
    guard !isRunning.exchange(true, ordering: .acquiringAndReleasing) else { return }
    database.asyncWriteWithoutTransaction { db in
      // One that fails leaves the log as it is: the next commit tells of a sick disk.
      _ = try? db.checkpoint(.passive)
      self.isRunning.store(false, ordering: .releasing)
    }
  }

  func close() { try? database.close() }
}
