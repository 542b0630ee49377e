internal import Glibc
internal import JobrunModel

/// Writes small files whole.
enum WriteFile {
  /// Replaces the file at `path`, or creates it: a reader sees the old contents or the new.
  static func whole(_ path: String, _ contents: [UInt8]) throws(RunError) {
    let part = path + ".part"
    let descriptor = open(part, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o644)
    guard descriptor >= 0 else { throw failure(part) }
    var rest = contents[...]
    while !rest.isEmpty {
      let count = rest.withUnsafeBytes { Glibc.write(descriptor, $0.baseAddress, $0.count) }
      if count < 0, errno == EINTR { continue }
      guard count > 0 else {
        let error = failure(part)
        close(descriptor)
        throw error
      }
      rest = rest.dropFirst(count)
    }
    guard fsync(descriptor) == 0, close(descriptor) == 0, rename(part, path) == 0 else { throw failure(path) }
  }

  private static func failure(_ path: String) -> RunError {
    RunError(.inputOutput, "cannot write \(path)", cause: String(cString: strerror(errno)))
  }
}
