internal import Glibc
internal import JobrunModel

/// Paths as text: only what names of outputs need.
enum FilePaths {
  /// `a/b/c.jsonl` → `a/b`; `c` → `.`
  static func folder(of path: String) -> String {
    guard let slash = path.lastIndex(of: "/") else { return "." }
    return slash == path.startIndex ? "/" : String(path[..<slash])
  }

  /// `a/b/c.tar.gz` → `c.tar.gz`
  static func name(of path: String) -> String {
    path.lastIndex(of: "/").map { String(path[path.index(after: $0)...]) } ?? path
  }

  /// `a/b/c.jsonl`, `a/b/c.jsonl.gz` → `c`; `-` → `stdin`
  static func stem(of path: String) -> String {
    if path == "-" { return "stdin" }
    let name = FileCompression.removingEnding(of: name(of: path))
    guard let dot = name.lastIndex(of: "."), dot != name.startIndex else { return name }
    return String(name[..<dot])
  }

  /// `out/x.jsonl`, `mock` → `out/x.mock.jsonl`; `out/x.jsonl.gz` → `out/x.mock.jsonl.gz`
  static func inserting(_ word: String, into path: String) -> String {
    if let compression = FileCompression(endingOf: path) {
      return inserting(word, into: FileCompression.removingEnding(of: path)) + compression.rawValue
    }
    guard let dot = path.lastIndex(of: "."), !path[dot...].contains("/") else { return "\(path).\(word)" }
    return "\(path[..<dot]).\(word)\(path[dot...])"
  }

  static func join(_ folder: String, _ path: String) -> String {
    if path.hasPrefix("/") || folder == "." { return path }
    return folder.hasSuffix("/") ? folder + path : "\(folder)/\(path)"
  }

  /// The path as a person would type it: from the current folder where it lies below.
  static func shown(_ path: String) -> String {
    guard let buffer = getcwd(nil, 0) else { return path }
    defer { free(buffer) }
    let folder = String(cString: buffer) + "/"
    return path.hasPrefix(folder) ? String(path.dropFirst(folder.count)) : path
  }

  /// Whether both are the same regular file, under whatever names.
  static func areOneFile(_ a: String, _ b: String) -> Bool {
    var (first, second) = (stat(), stat())
    guard stat(a, &first) == 0, stat(b, &second) == 0, first.st_mode & S_IFMT == S_IFREG else { return false }
    return first.st_dev == second.st_dev && first.st_ino == second.st_ino
  }
}
