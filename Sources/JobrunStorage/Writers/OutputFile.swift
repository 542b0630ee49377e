#if canImport(Glibc)
  internal import Glibc
#else
  internal import Darwin
#endif
internal import JobrunModel
internal import Synchronization

/// A file that is written beside its place as `*.part` and put into it when it is whole; or a stream, written as it is.
///
/// Safety: it is touched by one at a time, first by who makes it, then only on the write queue, which is serial.
final class OutputFile: @unchecked Sendable {
  /// The path that is written to, as messages name it.
  let name: String
  /// Nil for a stream.
  private let place: String?
  private var descriptor: Int32?
  private let isOwned: Bool
  /// Nil: the bytes are written as they come.
  private var compressor: GzipCompressor?

  /// A file that will stand at `path`; nothing is created before `open` or the first `write`.
  init(replacing path: String) {
    name = path + ".part"
    place = path
    isOwned = true
    compressor = FileCompression(endingOf: path) == .gzip ? GzipCompressor() : nil
  }

  /// A device or a named pipe.
  init(device path: String) throws(RunError) {
    name = path
    place = nil
    isOwned = true
    do throws(SystemError) {
      descriptor = try SystemCall.open(path, O_WRONLY)
    } catch {
      throw RunError(.cannotCreateOutput, "cannot write to \(path): \(error.text)", cause: error.text)
    }
  }

  /// An open descriptor, which stays the caller's.
  init(descriptor: Int32, name: String) {
    self.name = name
    place = nil
    self.descriptor = descriptor
    isOwned = false
  }

  deinit {
    // What is lost here was never put in place.
    if isOwned, let descriptor { try? SystemCall.close(descriptor) }
  }

  /// Creates the file and the folders above it, or empties what an earlier run left.
  func open() throws(RunError) {
    guard let place, descriptor == nil else { return }
    try Self.createFolder(above: place)
    if OutputTarget.isFolder(place) {
      throw RunError(.cannotCreateOutput, "cannot create \(place): a folder has this name")
    }
    do throws(SystemError) {
      descriptor = try SystemCall.open(name, O_WRONLY | O_CREAT | O_TRUNC, mode: 0o644)
    } catch {
      throw RunError(.cannotCreateOutput, "cannot create \(name): \(error.text)", cause: error.text)
    }
  }

  func write(_ bytes: [UInt8]) throws(RunError) {
    guard let compressor else { return try writePlain(bytes) }
    let compressed = compressor.compress(bytes)
    if !compressed.isEmpty { try writePlain(compressed) }
  }

  private func writePlain(_ bytes: [UInt8]) throws(RunError) {
    try open()
    guard let descriptor else { throw RunError(.internal, "\(name) is closed") }
    var rest = bytes[...]
    var seconds = 0
    while true {
      let start = lseek(descriptor, 0, SEEK_CUR)
      do throws(SystemError) {
        try rest.withUnsafeBufferPointer { (bytes) throws(SystemError) in
          try SystemCall.write(UnsafeRawBufferPointer(bytes), to: descriptor)
        }
        return
      } catch {
        let mayPass = place != nil && error.isLackOfRoom && seconds < Self.patience
        guard mayPass, !isGivenUp.load(ordering: .relaxed) else { throw unwritable(error) }
        rest = rest.dropFirst(Int(lseek(descriptor, 0, SEEK_CUR) - start))
      }
      // The journal waits as long for room, and the output mostly lies on the same disk. Only the write queue waits here.
      seconds += 1
      sleep(1)
    }
  }

  /// From any thread: a full disk is waited for no longer.
  func giveUp() { isGivenUp.store(true, ordering: .relaxed) }

  private let isGivenUp = Atomic<Bool>(false)
  /// How many seconds a full disk is waited for.
  private static let patience = 60

  /// Brings what was written onto the disk and closes the file.
  func close() throws(RunError) {
    guard let descriptor else { return }
    if let compressor {
      self.compressor = nil
      try writePlain(compressor.finish())
    }
    self.descriptor = nil
    do throws(SystemError) {
      try SystemCall.sync(descriptor)
    } catch {
      // A stream cannot be synced, which is no error.
      let isStream = place == nil && [EINVAL, ENOTSUP, EROFS].contains(error.number)
      if !isStream {
        if isOwned { try? SystemCall.close(descriptor) }
        throw unwritable(error)
      }
    }
    guard isOwned else { return }
    do throws(SystemError) {
      try SystemCall.close(descriptor)
    } catch {
      throw unwritable(error)
    }
  }

  /// Gives the closed file its name, in place of what had it.
  func putInPlace() throws(RunError) {
    guard let place else { return }
    guard rename(name, place) == 0 else {
      let error = SystemError.last
      throw RunError(.cannotCreateOutput, "cannot rename \(name) to \(place): \(error.text)", cause: error.text)
    }
    try syncFolder(of: place)
  }

  /// Removes what earlier runs left at this file's place.
  func removeOld() throws(RunError) {
    guard let place else { return }
    for path in [place, name] where unlink(path) != 0 {
      let error = SystemError.last
      if error.number == ENOENT || error.number == ENOTDIR { continue }
      throw RunError(.inputOutput, "cannot remove the old \(path): \(error.text)", cause: error.text)
    }
  }

  private func unwritable(_ error: SystemError) -> RunError {
    RunError(.inputOutput, "cannot write \(name): \(error.text)", cause: error.text)
  }

  /// Makes the renaming last. A folder that may not be read, or a file system without this call, is no error.
  private func syncFolder(of path: String) throws(RunError) {
    let folder = OutputTarget.folder(of: path)
    guard let descriptor = try? SystemCall.open(folder, O_RDONLY | O_DIRECTORY) else { return }
    defer { try? SystemCall.close(descriptor) }
    do throws(SystemError) {
      try SystemCall.sync(descriptor)
    } catch {
      guard error.number == EIO || error.number == ENOSPC else { return }
      throw RunError(.inputOutput, "cannot write the folder \(folder): \(error.text)", cause: error.text)
    }
  }

  /// Creates the folders above a file.
  static func createFolder(above path: String) throws(RunError) {
    let folder = OutputTarget.folder(of: path)
    do throws(SystemError) {
      try createFolder(folder)
    } catch {
      throw RunError(.cannotCreateOutput, "cannot create the folder \(folder): \(error.text)", cause: error.text)
    }
  }

  /// Creates a folder and those above it.
  private static func createFolder(_ path: String) throws(SystemError) {
    if mkdir(path, 0o777) == 0 { return }
    let error = SystemError.last
    switch error.number {
    case EEXIST, EISDIR: return  // If it is no folder, opening the file says so.
    case ENOENT:
      let parent = OutputTarget.folder(of: path)
      guard parent != path, parent != "." else { throw error }
      try createFolder(parent)
      guard mkdir(path, 0o777) == 0 || errno == EEXIST else { throw SystemError.last }
    default:
      var status = stat()
      // A read-only file system answers so for folders that exist, too.
      guard stat(path, &status) == 0, status.st_mode & S_IFMT == S_IFDIR else { throw error }
    }
  }
}
