#if canImport(Glibc)
  internal import Glibc
#else
  internal import Darwin
#endif
internal import JobrunModel

/// Keeps a second process from a journal: a lock on a file beside it, which the kernel takes away when its holder dies.
///
/// It is a file of its own, because SQLite has locks on the journal itself and loses them when somebody else closes it.
final class JournalLock: Sendable {
  private let path: String
  private let descriptor: Int32

  /// - Throws: `.inputOutput` with the holder's name where another process has it.
  init(path: String) throws(RunError) {
    self.path = path
    while true {
      let opened: Int32
      do throws(SystemError) {
        opened = try SystemCall.open(path, O_RDWR | O_CREAT, mode: 0o600)
      } catch {
        throw RunError(.cannotCreateOutput, "cannot create \(path): \(error.text)", cause: error.text)
      }
      if flock(opened, LOCK_EX | LOCK_NB) != 0 {
        let error = SystemError.last
        let holder = Self.read(opened)
        try? SystemCall.close(opened)
        throw Self.refused(path, error, holder)
      }
      // Whoever had it may have removed the file between our opening and our locking: then this lock is worth nothing.
      var (mine, there) = (stat(), stat())
      if fstat(opened, &mine) == 0, stat(path, &there) == 0, mine.st_ino == there.st_ino, mine.st_dev == there.st_dev {
        descriptor = opened
        break
      }
      try? SystemCall.close(opened)
    }
    let holder = Array("process \(Self.processID) on \(Self.hostName)\n".utf8)
    _ = ftruncate(descriptor, 0)
    _ = holder.withUnsafeBytes { pwrite(descriptor, $0.baseAddress, $0.count, 0) }
  }

  /// Gives the journal free.
  func release() {
    unlink(path)
    try? SystemCall.close(descriptor)
  }

  private static func refused(_ path: String, _ error: SystemError, _ holder: String) -> RunError {
    guard error.number == EWOULDBLOCK else {
      return RunError(.inputOutput, "cannot lock \(path): \(error.text)", cause: error.text)
    }
    let name = holder.isEmpty ? "another process" : holder
    return RunError(
      .inputOutput, "the journal is in use by \(name)",
      hint: "wait for its end, or give this run an output of its own: --output FILE")
  }

  static func read(_ descriptor: Int32) -> String {
    let bytes = [UInt8](unsafeUninitializedCapacity: 200) { buffer, count in
      count = max(0, pread(descriptor, buffer.baseAddress, 200, 0))
    }
    return String(decoding: bytes.prefix { $0 != 0x0A }, as: UTF8.self)
  }

  static var processID: Int { Int(getpid()) }

  static var hostName: String {
    let bytes = [UInt8](unsafeUninitializedCapacity: 256) { buffer, count in
      count = buffer.withMemoryRebound(to: CChar.self) { text in
        guard let start = text.baseAddress, gethostname(start, 255) == 0 else { return 0 }
        return strnlen(start, 255)
      }
    }
    return bytes.isEmpty ? "this machine" : String(decoding: bytes, as: UTF8.self)
  }
}
