internal import Glibc
internal import JobrunModel

/// A folder that is given the starter files; what is there already stays as it is.
struct StarterFolder {
  /// Paths in the order in which they were given.
  private(set) var written: [String] = []
  private(set) var kept: [String] = []
  private let folder: String

  init(_ folder: String) { self.folder = folder }

  /// Where a file stands, as its user would type it.
  func place(of path: String) -> String { FilePaths.join(folder, path) }

  /// Writes the files that are not there, with the folders above them.
  ///
  /// - Throws: `.cannotCreateOutput` at the first that cannot be written; those before it are whole.
  mutating func write(_ files: [StarterFile]) throws(RunError) {
    guard !folder.isEmpty else {
      throw RunError(.usage, "the folder has no name", hint: "jobrun init DIR, or jobrun init for the current one")
    }
    for file in files {
      let path = place(of: file.path)
      try Self.makeFolders(FilePaths.folder(of: path))
      if try Self.create(path, Array(file.contents.utf8)) { written.append(file.path) } else { kept.append(file.path) }
    }
  }

  /// - Returns: false where there is something of this name.
  private static func create(_ path: String, _ contents: [UInt8]) throws(RunError) -> Bool {
    let descriptor = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o644)
    if descriptor < 0, errno == EEXIST { return false }
    guard descriptor >= 0 else { throw failure(path) }
    var rest = contents[...]
    while !rest.isEmpty {
      let count = rest.withUnsafeBytes { Glibc.write(descriptor, $0.baseAddress, $0.count) }
      if count < 0, errno == EINTR { continue }
      guard count > 0 else {
        let error = failure(path)
        close(descriptor)
        // A part of a file would be kept the next time.
        unlink(path)
        throw error
      }
      rest = rest.dropFirst(count)
    }
    guard close(descriptor) == 0 else { throw failure(path) }
    return true
  }

  private static func makeFolders(_ path: String) throws(RunError) {
    var status = stat()
    if stat(path, &status) == 0 {
      if status.st_mode & S_IFMT == S_IFDIR { return }
      throw RunError(.cannotCreateOutput, "\(path) is no folder", hint: "name another one: jobrun init DIR")
    }
    let above = FilePaths.folder(of: path)
    if above != path, above != "." { try makeFolders(above) }
    guard mkdir(path, 0o755) == 0 || errno == EEXIST else { throw failure(path) }
  }

  private static func failure(_ path: String) -> RunError {
    RunError(.cannotCreateOutput, "cannot create \(path): \(String(cString: strerror(errno)))")
  }
}
