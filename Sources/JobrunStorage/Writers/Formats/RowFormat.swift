internal import JobrunModel

/// How rows, one JSON object each, become lines of the output.
struct RowFormat {
  /// A row as it is.
  static let jsonLines = RowFormat(records: nil)

  /// Nil: JSON lines.
  private var records: DelimitedRecordWriter?

  private init(records: DelimitedRecordWriter?) { self.records = records }

  init(_ output: OutputSpec) {
    func delimited(by separator: UInt8) -> DelimitedRecordWriter {
      let fields = FieldWriter(separator: separator, guardsFormulas: output.guardsFormulas)
      return DelimitedRecordWriter(columns: output.columns, fields: fields)
    }
    switch output.format {
    case .jsonLines: records = nil
    case .csv: records = delimited(by: 0x2C)
    case .tsv: records = delimited(by: 0x09)
    }
  }

  /// What stands before the first row.
  var header: [UInt8] { records?.header ?? [] }

  /// Appends the row with its line break.
  ///
  /// - Parameter item: The item that the row is of.
  /// - Returns: What the user must be told of it.
  mutating func append(_ row: [UInt8], of item: ItemID, to lines: inout [UInt8]) -> String? {
    if records == nil {
      lines.append(contentsOf: row)
      lines.append(0x0A)
      return nil
    }
    return records?.append(row, of: item, to: &lines)
  }
}
