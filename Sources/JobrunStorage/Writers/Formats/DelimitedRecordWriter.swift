internal import JobrunModel

/// Writes rows as records of a CSV or TSV, below a header that names the columns.
///
/// The columns are those given, else the keys of the first row that has any. A missing key and null are an empty field,
/// numbers and booleans stand as in the row, objects and arrays as their JSON. A value without a column is left out,
/// which is told once.
///
/// Lines end at `\n`, not at the `\r\n` of RFC 4180: every spreadsheet reads both, but `cut`, `sort` or `awk` would take
/// the `\r` for a part of the last field.
struct DelimitedRecordWriter {
  private let fields: FieldWriter
  private var columns: [[UInt8]]
  /// Rows that came before there were columns.
  private var rowsWithoutKeys = 0
  private var hasWarned = false

  init(columns: [String], fields: FieldWriter) {
    self.columns = columns.map { Array($0.utf8) }
    self.fields = fields
  }

  /// The header's line; empty while the columns are not known.
  var header: [UInt8] {
    var line: [UInt8] = []
    if !columns.isEmpty {
      appendRecord(to: &line) { column, line in
        columns[column].withUnsafeBytes { fields.append($0, isText: true, to: &line) }
      }
    }
    return line
  }

  /// Appends the row's record, and before the first one the header, if its columns were not given.
  ///
  /// - Returns: The warning about values without a column; once.
  mutating func append(_ row: [UInt8], of item: ItemID, to lines: inout [UInt8]) -> String? {
    row.withUnsafeBytes { append($0, of: item, to: &lines) }
  }

  private mutating func append(_ row: UnsafeRawBufferPointer, of item: ItemID, to lines: inout [UInt8]) -> String? {
    if columns.isEmpty {
      columns = Self.keys(of: row)
      if columns.isEmpty {
        rowsWithoutKeys += 1
        return nil
      }
      lines.append(contentsOf: header)
      for _ in 0..<rowsWithoutKeys { appendRecord(to: &lines) { _, _ in } }
    }
    let (values, surplus) = locateValues(in: row)
    appendRecord(to: &lines) { column, lines in
      if let value = values[column] { append(UnsafeRawBufferPointer(rebasing: row[value]), to: &lines) }
    }
    if surplus.isEmpty || hasWarned { return nil }
    hasWarned = true
    return warning(of: surplus, item: item)
  }

  private static func keys(of row: UnsafeRawBufferPointer) -> [[UInt8]] {
    var keys: [[UInt8]] = []
    JSONScanner.members(of: row) { name, _ in keys.append(text(row[name])) }
    return keys
  }

  /// The text of a JSON string's inside.
  private static func text(_ literal: Slice<UnsafeRawBufferPointer>) -> [UInt8] {
    var text: [UInt8] = []
    text.reserveCapacity(literal.count)
    JSONString.append(decoded: UnsafeRawBufferPointer(rebasing: literal), to: &text)
    return text
  }

  /// Finds where the row has the values of the columns, and the keys of those that have none.
  private func locateValues(in row: UnsafeRawBufferPointer) -> (values: [Range<Int>?], surplus: [[UInt8]]) {
    var values = [Range<Int>?](repeating: nil, count: columns.count)
    var surplus: [[UInt8]] = []
    var next = 0
    let isObject = JSONScanner.members(of: row) { name, value in
      let key = Self.text(row[name])
      if let column = column(named: key, from: next) {
        values[column] = value
        next = column + 1
      } else if row[value.lowerBound] != UInt8(ascii: "n") {
        surplus.append(key)
      }
    }
    assert(isObject, "a row is a JSON object")
    return (values, surplus)
  }

  /// Looks from `start` on, where a key stands in a row that has the order of the columns.
  private func column(named key: [UInt8], from start: Int) -> Int? {
    columns[start...].firstIndex(of: key) ?? columns[..<start].firstIndex(of: key)
  }

  private func append(_ value: UnsafeRawBufferPointer, to lines: inout [UInt8]) {
    switch value.first {
    case UInt8(ascii: "n"): return
    case UInt8(ascii: "\""):
      Self.text(value[1..<(value.count - 1)]).withUnsafeBytes { fields.append($0, isText: true, to: &lines) }
    default: fields.append(value, isText: false, to: &lines)
    }
  }

  /// Appends a record whose fields `field` appends.
  private func appendRecord(to lines: inout [UInt8], _ field: (Int, inout [UInt8]) -> Void) {
    let start = lines.count
    for column in columns.indices {
      if column > 0 { lines.append(fields.separator) }
      field(column, &lines)
    }
    // Readers pass over an empty line.
    if lines.count == start { lines.append(contentsOf: [FieldWriter.quote, FieldWriter.quote]) }
    lines.append(0x0A)
  }

  private func warning(of surplus: [[UInt8]], item: ItemID) -> String {
    func list(_ names: [[UInt8]]) -> String {
      let shown = names.prefix(20).map { "\"\(String(decoding: $0, as: UTF8.self))\"" }
      return shown.joined(separator: ", ") + (names.count > shown.count ? ", …" : "")
    }
    return """
      item \(item): there is no column for \(list(surplus)); such values are left out, here and in later rows
        the columns are \(list(columns)); the job can name others: output = { path = …, columns = { … } }
      """
  }
}
