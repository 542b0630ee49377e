#if canImport(Glibc)
  internal import Glibc
#else
  internal import Darwin
#endif
internal import JobrunModel

/// An input's bytes: a file, a named pipe or standard input, read in pieces as `read(2)` gives them.
///
/// Not safe to share: one owner at a time.
final class InputFile: InputBytes {
  /// The path, or `standard input`, as messages name it.
  let name: String
  /// The file's size; nil for pipes and terminals.
  let byteCount: Int?
  private(set) var bytesConsumed = 0
  private let path: String
  private var descriptor: Int32?
  private let isOwned: Bool

  /// Opens `path`, or standard input for `-`.
  ///
  /// A named pipe is opened at the first read, since that waits for its writer.
  /// - Throws: `.noInput` where there is nothing to read.
  init(path: String) throws(RunError) {
    self.path = path
    var status = stat()
    if path == "-" {
      name = "standard input"
      isOwned = false
      byteCount = fstat(STDIN_FILENO, &status) == 0 && Self.isFile(status) ? Int(status.st_size) : nil
      descriptor = STDIN_FILENO
      return
    }
    name = path
    isOwned = true
    guard stat(path, &status) == 0 else {
      let error = SystemError.last
      if error.number == ENOENT { throw RunError(.noInput, "no such input: \(path)", cause: error.text) }
      throw Self.unreadable(path, error)
    }
    if status.st_mode & S_IFMT == S_IFDIR {
      throw RunError(.noInput, "the input \(path) is a folder", hint: "name a file in it")
    }
    byteCount = Self.isFile(status) ? Int(status.st_size) : nil
    if status.st_mode & S_IFMT != S_IFIFO { _ = try opened() }
  }

  /// Takes over an open descriptor.
  init(taking descriptor: Int32, name: String) {
    path = name
    self.name = name
    self.descriptor = descriptor
    isOwned = true
    byteCount = nil
  }

  deinit { close() }

  /// Reads what there is into `buffer`, waiting for at least one byte; 0 at the end.
  func read(into buffer: UnsafeMutableRawBufferPointer) throws(RunError) -> Int {
    let descriptor = try opened()
    do throws(SystemError) {
      let count = try SystemCall.read(descriptor, into: buffer)
      bytesConsumed += count
      return count
    } catch {
      throw RunError(.inputOutput, "cannot read on in \(name): \(error.text)", cause: error.text)
    }
  }

  func close() {
    guard let descriptor, isOwned else { return }
    self.descriptor = nil
    // Nothing was written, so nothing can be lost.
    try? SystemCall.close(descriptor)
  }

  private func opened() throws(RunError) -> Int32 {
    if let descriptor { return descriptor }
    do throws(SystemError) {
      let new = try SystemCall.open(path, O_RDONLY)
      descriptor = new
      return new
    } catch {
      throw Self.unreadable(path, error)
    }
  }

  private static func unreadable(_ path: String, _ error: SystemError) -> RunError {
    RunError(.noInput, "cannot read \(path): \(error.text)", cause: error.text)
  }

  private static func isFile(_ status: stat) -> Bool { status.st_mode & S_IFMT == S_IFREG }
}
