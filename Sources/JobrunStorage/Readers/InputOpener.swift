public import JobrunModel

/// Opens the input of a job, or any other that a script names.
public enum InputOpener {
  /// Opens `input` for the items of a run.
  ///
  /// - Parameters:
  ///   - input: Its path `-` is standard input, JSON lines unless the format says otherwise.
  ///   - limit: The number of items to stop after; nil for all.
  /// - Throws: `.noInput` where there is no such file or it cannot be opened, `.badInput` where its format is unknown.
  @Loop
  public static func source(for input: InputSpec, limit: Int? = nil) throws(RunError) -> FileItemSource {
    try FileItemSource(reader: reader(for: input), limit: limit)
  }

  /// Opens `input` for reading where it is asked for; throws as `source(for:limit:)`.
  public static func rows(for input: InputSpec) throws(RunError) -> any RecordIterator {
    try FileRecordIterator(reader: reader(for: input))
  }

  static func reader(for input: InputSpec) throws(RunError) -> any BatchReader {
    switch input.origin {
    case .file:
      // That there is no such file is told before anything about its name.
      let file = try InputFile(path: input.path)
      let parser = try parser(for: input)
      let bytes: any InputBytes =
        switch FileCompression(endingOf: input.path) {
        case .gzip: CompressedBytes(file, try GzipUnpacker(for: file.name))
        case .zstd: CompressedBytes(file, try ZstdUnpacker(for: file.name))
        case nil: file
        }
      return RecordReader(file: bytes, parser: parser)
    case .count(let count): return CountReader(count)
    case .glob(let pattern, let folder): return try GlobReader(pattern: pattern, folder: folder)
    case .sqlite(let sql): return try SQLiteReader(path: input.path, sql: sql)
    case .command(let words, let folder):
      let command = CommandBytes(words, name: input.name, folder: folder)
      return RecordReader(file: command, parser: parser(of: input.format ?? .jsonLines))
    case .function: throw RunError(.internal, "the items of a function come from the script engine")
    }
  }

  /// The parser by the format given, else by the path's ending; a `*.failed.jsonl` is what it is in any case.
  static func parser(for input: InputSpec) throws(RunError) -> any RecordParser {
    if FileCompression.removingEnding(of: input.path).hasSuffix(".failed.jsonl") {
      return LineRecordParser(.failedJSON)
    }
    let format = if let format = input.format { format } else { try format(ofPath: input.path) }
    return parser(of: format)
  }

  private static func parser(of format: InputSpec.Format) -> any RecordParser {
    switch format {
    case .text: LineRecordParser(.text)
    case .jsonLines: LineRecordParser(.json)
    case .json: JSONArrayParser()
    case .csv: DelimitedRecordParser(separator: 0x2C)
    case .tsv: DelimitedRecordParser(separator: 0x09)
    }
  }

  private static func format(ofPath path: String) throws(RunError) -> InputSpec.Format {
    if path == "-" { return .jsonLines }
    if let format = InputSpec.Format(endingOf: path) { return format }
    throw RunError(
      .badInput, "the ending of \(path) does not tell its format",
      hint: """
        endings: .txt .jsonl .ndjson .csv .tsv .json, each also with .gz or .zst; or give `format`: txt, jsonl, csv, tsv, json
        """)
  }
}
