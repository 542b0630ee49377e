#if canImport(Glibc)
  internal import Glibc
#else
  internal import Darwin
#endif
internal import JobrunModel

/// What stands at an output's path.
public enum OutputPlace {
  /// Whether rows written to `path` make a file, and not a stream: standard output, a device, a pipe.
  public static func isFile(_ path: String) -> Bool {
    if case .file = OutputTarget(path: path) { true } else { false }
  }
}

/// Where an output goes, decided once from its path.
enum OutputTarget: Equatable {
  case standardOutput
  /// A device or a pipe: written as it is, since nothing can be renamed onto it.
  case device(path: String)
  /// A file, written as `part` and renamed to `path` at the end.
  case file(path: String)

  /// Looks at what stands at `path`; symbolic links are followed, so that a link stays one.
  init(path: String) {
    if path == "-" {
      self = .standardOutput
      return
    }
    var status = stat()
    guard stat(path, &status) == 0, let resolved = realpath(path, nil) else {
      self = .file(path: path)
      return
    }
    defer { free(resolved) }
    let kind = status.st_mode & S_IFMT
    if kind == S_IFREG || kind == S_IFDIR {
      var link = stat()
      let isLink = lstat(path, &link) == 0 && link.st_mode & S_IFMT == S_IFLNK
      self = .file(path: isLink ? String(cString: resolved) : path)
    } else {
      self = .device(path: path)
    }
  }

  /// The file of the failed items beside an output: `out/x.jsonl` → `out/x.failed.jsonl`.
  static func failedPath(besides path: String) -> String {
    let path = FileCompression.removingEnding(of: path)
    let ending = [".jsonl", ".ndjson", ".json", ".csv", ".tsv", ".txt"].first {
      path.hasSuffix($0) && !path.hasSuffix("/" + $0)
    }
    return path.dropLast(ending?.utf8.count ?? 0) + ".failed.jsonl"
  }

  /// Whether a folder stands at `path`, so that no file can be put there.
  static func isFolder(_ path: String) -> Bool {
    var status = stat()
    return stat(path, &status) == 0 && status.st_mode & S_IFMT == S_IFDIR
  }

  /// The folder that `path` stands in.
  static func folder(of path: String) -> String {
    guard let slash = path.lastIndex(of: "/") else { return "." }
    return slash == path.startIndex ? "/" : String(path[..<slash])
  }
}
