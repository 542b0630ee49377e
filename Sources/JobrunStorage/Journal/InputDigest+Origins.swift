internal import CDigest
public import JobrunModel

/// The digests of inputs that are no single file.
extension InputDigest {
  /// Whether a later run may get other items, as far as that can be told without reading.
  public static func isStream(_ input: InputSpec) -> Bool {
    !input.isRepeatable || input.origin == .file && size(of: input.path) == nil
  }

  /// The bytes that a digest reads; nil where the input is a stream, or cannot be read.
  public static func size(of input: InputSpec) -> Int? {
    switch input.origin {
    case .file, .sqlite: size(of: input.path)
    case .count: 0
    case .glob(let pattern, let folder):
      (try? PathPattern(pattern).paths(in: folder))?.reduce(0) { $0 + (size(of: Self.path($1, in: folder)) ?? 0) }
    case .command, .function: nil
    }
  }

  /// A file: of its bytes as they lie on the disk. `glob`: of the paths and contents. `sqlite`: of the query, the file and
  /// its write-ahead log. `count`: of the number.
  static func read(_ input: InputSpec, _ cancellation: Cancellation) -> InputDigest? {
    switch input.origin {
    case .file:
      guard var digest = read(input.path, cancellation) else { return nil }
      let format = input.format ?? InputSpec.Format(endingOf: input.path)
      if FileCompression(endingOf: input.path) != nil || format == .json { digest.lines = nil }
      if format == .csv || format == .tsv { digest.lines = digest.lines.map { max(0, $0 - 1) } }
      return digest
    case .count(let count): return digest(of: ["count=\(count)"], items: count)
    case .sqlite(let sql):
      guard let file = read(input.path, cancellation) else { return nil }
      let log = read(input.path + "-wal", cancellation)
      return digest(of: [sql, file.sha256, log?.sha256 ?? ""], items: nil)
    case .glob(let pattern, let folder):
      guard let paths = try? PathPattern(pattern).paths(in: folder) else { return nil }
      var parts: [String] = []
      for path in paths {
        guard let file = read(Self.path(path, in: folder), cancellation) else { return nil }
        parts += [String(decoding: path, as: UTF8.self), file.sha256]
      }
      return digest(of: parts, items: paths.count)
    case .command, .function: return nil
    }
  }

  private static func path(_ path: [UInt8], in folder: String) -> String {
    String(decoding: PathPattern.join(folder, path), as: UTF8.self)
  }

  private static func digest(of parts: [String], items: Int?) -> InputDigest {
    InputDigest(sha256: JournalHash.hexadecimal(Array(parts.joined(separator: "\0").utf8)), lines: items)
  }
}
