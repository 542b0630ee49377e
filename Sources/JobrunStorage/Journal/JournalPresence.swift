#if canImport(Glibc)
  internal import Glibc
#else
  internal import Darwin
#endif
internal import JobrunModel

/// Whether the journal's file is still there: SQLite would go on writing into one that somebody has deleted.
struct JournalPresence: Sendable {
  private let descriptor: Int32

  /// Creates the file, where there is none, for its owner alone; SQLite gives its companions the same rights.
  init(_ path: String) throws(RunError) {
    do throws(SystemError) {
      descriptor = try SystemCall.open(path, O_RDWR | O_CREAT, mode: 0o600)
    } catch {
      throw RunError(.cannotCreateOutput, "cannot create the journal \(path): \(error.text)", cause: error.text)
    }
  }

  /// False where it has no name any more; it may have another one, in a folder that was moved.
  var isThere: Bool {
    var status = stat()
    return fstat(descriptor, &status) == 0 && status.st_nlink > 0
  }

  /// To be called when SQLite has closed the file: closing any descriptor takes SQLite's own locks away.
  func close() { try? SystemCall.close(descriptor) }
}
