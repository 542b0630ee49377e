#if canImport(Glibc)
  internal import Glibc
#else
  internal import Darwin
#endif
internal import GRDB
internal import JobrunModel

/// The journal's file among others.
enum JournalPlace {
  /// Gives an existing journal another name; nothing is deleted.
  /// - Returns: Its new path; nil where there was none.
  static func setAside(_ path: String) throws(RunError) -> String? {
    guard access(path, F_OK) == 0 else { return nil }
    // Brings its log into it, where both are sound, so that there is one file to rename.
    if let database = try? DatabaseQueue(path: path) {
      _ = try? database.writeWithoutTransaction { try $0.checkpoint(.truncate) }
      try? database.close()
    }
    let stem = "\(path).\(WallTime.fileText)"
    var target = stem
    var number = 1
    while access(target, F_OK) == 0 {
      number += 1
      target = "\(stem)-\(number)"
    }
    // The log first: one that is left without its journal would be deleted when a new one is made.
    for suffix in ["-wal", "-shm", ""] {
      guard rename(path + suffix, target + suffix) != 0 else { continue }
      let error = SystemError.last
      if error.number == ENOENT, !suffix.isEmpty { continue }
      throw RunError(.inputOutput, "cannot rename \(path + suffix): \(error.text)", cause: error.text)
    }
    return target
  }

  static func unusable(_ path: String, _ error: any Error) -> RunError {
    switch error {
    case JournalSchema.NotAJournal.foreign:
      return RunError(
        .inputOutput, "\(path) is no journal of jobrun", hint: "name another output, or move that file away")
    case JournalSchema.NotAJournal.newer(let version):
      return RunError(
        .inputOutput, "\(path) was written by a newer jobrun (journal version \(version))",
        hint: "use that one, or begin a new journal: --fresh")
    case let error as DatabaseError where [.SQLITE_CORRUPT, .SQLITE_NOTADB].contains(error.resultCode):
      return RunError(
        .inputOutput, "the journal \(path) is damaged: \(error.message ?? "\(error)")",
        hint: """
          --fresh sets it aside and begins a new one; its answers are not used then
          sqlite3 '\(path)' .recover | sqlite3 saved.journal   saves what can be saved
          """)
    case let error as DatabaseError:
      return RunError(
        .inputOutput, "cannot open the journal \(path): \(error.message ?? "\(error)")",
        hint: "what is in it is whole: see to the disk (full, read-only?) and run the same command again")
    default: return RunError(.inputOutput, "cannot open the journal \(path): \(error)")
    }
  }
}
