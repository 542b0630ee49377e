#if canImport(Glibc)
  internal import Glibc
#else
  internal import Darwin
#endif
internal import JobrunModel

/// A pattern of paths: `*`, `?` and `[...]` inside a name, `**` for any number of folders. Names that begin with a `.` fit
/// only where the pattern has the `.`.
struct PathPattern {
  private enum Part {
    /// A name without any special character.
    case name([UInt8])
    /// As `fnmatch(3)` takes it.
    case pattern(String)
    case folders
  }

  private let text: String
  private let parts: [Part]

  init(_ pattern: String) {
    text = pattern
    var parts: [Part] = []
    var last: Substring?
    for part in pattern.split(separator: "/") where part != "." {
      defer { last = part }
      switch part {
      // A second one in a row says the same, at many times the work.
      case "**": if last != "**" { parts.append(.folders) }
      case _ where part.contains { "*?[\\".contains($0) }: parts.append(.pattern(String(part)))
      default: parts.append(.name(Array(part.utf8)))
      }
    }
    self.parts = parts
  }

  /// The files that fit, sorted by the bytes of their paths, each once.
  ///
  /// - Throws: `.noInput` where a folder that may fit cannot be read.
  func paths(in folder: String) throws(RunError) -> [[UInt8]] {
    var found: [[UInt8]] = []
    try walk(parts[...], at: text.hasPrefix("/") ? [UInt8(ascii: "/")] : [], below: folder, into: &found)
    found.sort { $0.lexicographicallyPrecedes($1) }
    var last: [UInt8]?
    return found.filter { path in
      defer { last = path }
      return path != last
    }
  }

  /// A path in a folder, or itself where it is absolute.
  static func join(_ folder: String, _ path: [UInt8]) -> [UInt8] {
    if path.first == UInt8(ascii: "/") { return path }
    return Array((folder.hasSuffix("/") ? folder : folder + "/").utf8) + path
  }

  private func walk(
    _ rest: ArraySlice<Part>, at path: [UInt8], below root: String, into found: inout [[UInt8]]
  ) throws(RunError) {
    guard let part = rest.first else { return }
    switch part {
    case .name(let name): try visit(path + name, rest.dropFirst(), root, &found)
    case .pattern(let pattern):
      for name in try names(in: path, root)
      where fnmatch(pattern, Self.cString(name), FNM_PERIOD) == 0 {
        try visit(path + name, rest.dropFirst(), root, &found)
      }
    case .folders:
      // `a/**` alone means all files below `a`.
      try walk(rest.count == 1 ? [.pattern("*")] : rest.dropFirst(), at: path, below: root, into: &found)
      for name in try names(in: path, root) where name.first != UInt8(ascii: ".") {
        // Links are not followed here: they may lead back.
        if kind(of: path + name, root, followsLink: false) == S_IFDIR {
          try walk(rest, at: path + name + [UInt8(ascii: "/")], below: root, into: &found)
        }
      }
    }
  }

  /// Takes a path that fits so far: a file at the pattern's end, a folder before.
  private func visit(
    _ path: [UInt8], _ rest: ArraySlice<Part>, _ root: String, _ found: inout [[UInt8]]
  ) throws(RunError) {
    let kind = kind(of: path, root, followsLink: true)
    if rest.isEmpty {
      // What is there and cannot be read is said when it is read.
      let leadsNowhere = kind == nil && self.kind(of: path, root, followsLink: false) == S_IFLNK
      if kind == S_IFREG || kind == Self.unknown || leadsNowhere { found.append(path) }
    } else if kind == S_IFDIR || kind == Self.unknown {
      try walk(rest, at: path + [UInt8(ascii: "/")], below: root, into: &found)
    }
  }

  /// Of what nobody may look at.
  private static let unknown: mode_t = 0

  /// - Returns: nil where there is nothing.
  private func kind(of path: [UInt8], _ root: String, followsLink: Bool) -> mode_t? {
    var status = stat()
    let path = Self.cString(Self.join(root, path))
    let result = followsLink ? stat(path, &status) : lstat(path, &status)
    if result == 0 { return status.st_mode & S_IFMT }
    return errno == ENOENT || errno == ENOTDIR || errno == ELOOP ? nil : Self.unknown
  }

  /// A path's bytes as the system takes them, UTF-8 or not.
  private static func cString(_ path: [UInt8]) -> [CChar] { path.map { CChar(bitPattern: $0) } + [0] }

  /// The names in a folder; none where there is no such folder.
  private func names(in path: [UInt8], _ root: String) throws(RunError) -> [[UInt8]] {
    let bytes = Self.join(root, path)
    guard let stream = opendir(Self.cString(bytes)) else {
      let error = SystemError.last
      let folder = String(decoding: bytes, as: UTF8.self)
      if error.number == ENOENT || error.number == ENOTDIR { return [] }
      throw RunError(.noInput, "cannot read the folder \(folder): \(error.text)", cause: error.text)
    }
    defer { closedir(stream) }
    var names: [[UInt8]] = []
    while let entry = readdir(stream) {
      let name = withUnsafeBytes(of: &entry.pointee.d_name) { Array($0.prefix { $0 != 0 }) }
      if name != Array(".".utf8), name != Array("..".utf8) { names.append(name) }
    }
    return names
  }
}
