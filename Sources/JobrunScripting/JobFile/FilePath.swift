import Glibc

/// What a path says by itself, and reading a whole file.
enum FilePath {
  /// The path up to the last `/`; `.` where there is none.
  static func directory(of path: String) -> String {
    guard let slash = path.utf8.lastIndex(of: UInt8(ascii: "/")) else { return "." }
    return slash == path.startIndex ? "/" : String(path[..<slash])
  }

  /// The file's name without its folder and its last ending.
  static func stem(of path: String) -> String {
    let name = path.utf8.lastIndex(of: UInt8(ascii: "/")).map { path[path.utf8.index(after: $0)...] } ?? path[...]
    guard let dot = name.lastIndex(of: "."), dot != name.startIndex else { return String(name) }
    return String(name[..<dot])
  }

  /// `path` itself where it is absolute, else inside `directory`.
  static func resolve(_ path: String, in directory: String) -> String {
    if path.utf8.first == UInt8(ascii: "/") { return path }
    var rest = path[...]
    while rest.hasPrefix("./") { rest = rest.dropFirst(2) }
    return directory.hasSuffix("/") ? directory + rest : "\(directory)/\(rest)"
  }

  /// The path from the root, by the current directory.
  static func absolute(_ path: String) -> String {
    if path.utf8.first == UInt8(ascii: "/") { return path }
    guard let current = getcwd(nil, 0) else { return path }
    defer { free(current) }
    return resolve(path, in: String(cString: current))
  }

  /// A file that could not be read.
  struct ReadError: Error {
    /// The system's words, such as `No such file or directory`.
    var reason: String
  }

  /// The whole contents of a file; a file above `limit` bytes is an error.
  static func contents(of path: String, limit: Int) throws(ReadError) -> [UInt8] {
    let descriptor = open(path, O_RDONLY | O_CLOEXEC)
    guard descriptor >= 0 else { throw ReadError(reason: String(cString: strerror(errno))) }
    defer { close(descriptor) }
    var bytes: [UInt8] = []
    var buffer = [UInt8](repeating: 0, count: 64 << 10)
    while true {
      let count = read(descriptor, &buffer, buffer.count)
      if count == 0 { return bytes }
      if count < 0 {
        if errno == EINTR { continue }
        throw ReadError(reason: String(cString: strerror(errno)))
      }
      bytes.append(contentsOf: buffer[..<count])
      if bytes.count > limit { throw ReadError(reason: "larger than \(limit >> 20) MiB") }
    }
  }
}
