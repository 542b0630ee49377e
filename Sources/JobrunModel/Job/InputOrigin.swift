/// What an input is.
public enum InputOrigin: Sendable, Equatable {
  /// A file, a named pipe or standard input.
  case file
  /// So many items without any field.
  case count(Int)
  /// The files whose paths fit `pattern`, which begins at `folder` unless it is absolute.
  case glob(pattern: String, folder: String)
  /// The rows of a `SELECT` over the SQLite file at the input's path.
  case sqlite(sql: String)
  /// The standard output of a process: a program with its arguments, run in `folder`.
  case command([String], folder: String)
  /// The items that the job's function `input` gives.
  case function
}

extension InputSpec {
  /// The field of an item that is its id.
  public var idKey: String {
    if let id { return id }
    if case .glob = origin { return "path" }
    return "id"
  }

  /// What messages and the journal call the input: its path, where it has one.
  public var name: String {
    switch origin {
    case .file, .sqlite: return path
    case .count(let count): return count == 1 ? "1 empty item" : "\(count) empty items"
    case .glob(let pattern, _): return pattern
    case .function: return "the function `input`"
    case .command(let words, _):
      let line = String(words.joined(separator: " ").map { $0.isNewline ? " " : $0 })
      return "`\(line.count > 80 ? line.prefix(79) + "…" : line[...])`"
    }
  }

  /// Whether it can be read a second time, and gives the same items then unless somebody changed them.
  public var isRepeatable: Bool {
    switch origin {
    case .file: path != "-"
    case .count, .glob, .sqlite: true
    case .command, .function: false
    }
  }
}

/// How the bytes of a file are compressed, by its ending.
public enum FileCompression: String, Sendable, CaseIterable {
  case gzip = ".gz"
  case zstd = ".zst"

  /// Nil where the ending is that of no compression.
  public init?(endingOf path: String) {
    guard let found = Self.allCases.first(where: { path.lowercased().hasSuffix($0.rawValue) }) else { return nil }
    self = found
  }

  /// `x.csv.gz` → `x.csv`
  public static func removingEnding(of path: String) -> String {
    guard let compression = FileCompression(endingOf: path) else { return path }
    return String(path.dropLast(compression.rawValue.count))
  }
}
