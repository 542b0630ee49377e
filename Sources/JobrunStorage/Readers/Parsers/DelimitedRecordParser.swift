internal import JobrunModel

/// Records of a CSV or TSV by RFC 4180. The first record names the columns and is no item; empty lines are no records.
struct DelimitedRecordParser: RecordParser {
  /// A record whose quoted field goes on behind its first line.
  private struct OpenRecord {
    /// The lines so far with their line breaks; only the beginning once `isTooLong`.
    var bytes: [UInt8]
    var line: Int
    /// The line on which the field that is open was quoted.
    var quoteLine: Int
    var isTooLong = false
  }

  private let splitter: FieldSplitter
  private var lines: LineSplitter
  private var columns: ColumnNames?
  private var open: OpenRecord?
  private var index = 0

  init(separator: UInt8, cap: Int = InputLimits.record) {
    splitter = FieldSplitter(separator: separator)
    lines = LineSplitter(cap: cap)
  }

  mutating func parse(_ chunk: UnsafeRawBufferPointer, into records: inout [ItemRecord]) throws(RunError) {
    var rest = chunk
    while let line = lines.next(&rest) { try take(line, into: &records) }
  }

  mutating func finish(into records: inout [ItemRecord]) throws(RunError) {
    if let line = lines.finish() { try take(line, into: &records) }
    guard let open else { return }
    self.open = nil
    try refuse(
      open.bytes, line: open.line, into: &records,
      reason: "line \(open.quoteLine): the quote that opens a field here is not closed before the end of the input")
  }

  private mutating func take(_ line: LineSplitter.Line, into records: inout [ItemRecord]) throws(RunError) {
    switch line.content {
    case .borrowed(let bytes):
      try take(bytes, line: line.number, into: &records)
    case .joined(let bytes):
      try bytes.withUnsafeBufferPointer { (bytes) throws(RunError) in
        try take(UnsafeRawBufferPointer(bytes), line: line.number, into: &records)
      }
    case .tooLong(let prefix):
      // Whether a quote is open behind such a line is unknown: the next line begins a record.
      let first = open
      open = nil
      try refuse(
        first?.bytes ?? prefix, line: first?.line ?? line.number, into: &records,
        reason: "line \(line.number): longer than \(byteCount: lines.cap)")
    }
  }

  private mutating func take(
    _ line: UnsafeRawBufferPointer, line number: Int, into records: inout [ItemRecord]
  ) throws(RunError) {
    let bytes = line.withoutCarriageReturn
    if bytes.isEmpty && open == nil { return }
    switch splitter.ending(of: bytes, insideQuotes: open != nil) {
    case .open(let quote):
      hold(line, line: number, opensQuote: quote != nil)
    case .closed:
      guard let whole = close(with: bytes) else { return try add(bytes, line: number, into: &records) }
      if whole.isTooLong {
        return try refuse(
          whole.bytes, line: whole.line, into: &records,
          reason: "line \(whole.line): a record longer than \(byteCount: lines.cap)")
      }
      try whole.bytes.withUnsafeBufferPointer { (bytes) throws(RunError) in
        try add(UnsafeRawBufferPointer(bytes), line: whole.line, into: &records)
      }
    case .textAfterQuote(let offset):
      let whole = close(with: bytes)
      try refuse(
        whole?.bytes ?? bytes.rawPrefix, line: whole?.line ?? number, into: &records,
        reason: "line \(number): text behind a closing quote, at byte \(offset + 1)")
    }
  }

  /// Keeps a line whose record goes on.
  private mutating func hold(_ line: UnsafeRawBufferPointer, line number: Int, opensQuote: Bool) {
    var record = open ?? OpenRecord(bytes: [], line: number, quoteLine: number)
    open = nil
    if opensQuote { record.quoteLine = number }
    append(line, to: &record)
    record.bytes.append(0x0A)
    open = record
  }

  /// Ends the open record, if there is one, with its last line.
  private mutating func close(with line: UnsafeRawBufferPointer) -> OpenRecord? {
    guard var record = open else { return nil }
    open = nil
    append(line, to: &record)
    return record
  }

  private func append(_ line: UnsafeRawBufferPointer, to record: inout OpenRecord) {
    if !record.isTooLong && record.bytes.count + line.count > lines.cap {
      record.isTooLong = true
      record.bytes = Array(record.bytes.prefix(InputLimits.rawPrefix))
    }
    if record.isTooLong {
      record.bytes.append(contentsOf: line.prefix(max(0, InputLimits.rawPrefix - record.bytes.count)))
    } else {
      record.bytes.append(contentsOf: line)
    }
  }

  /// Takes a whole record: the header, or an item.
  private mutating func add(
    _ bytes: UnsafeRawBufferPointer, line: Int, into records: inout [ItemRecord]
  ) throws(RunError) {
    if let fault = TextFault.first(in: bytes, allowsNUL: false) {
      let reason = fault.description(in: bytes, line: line)
      return try refuse(bytes.rawPrefix, line: line, into: &records, reason: reason)
    }
    guard let columns else {
      columns = try Self.columns(splitter.fields(of: bytes, count: 8), line: line)
      return
    }
    let fields = splitter.fields(of: bytes, count: columns.names.count)
    guard fields.count == columns.names.count else {
      let found = fields.count == 1 ? "1 field" : "\(fields.count) fields"
      let expected = columns.names.count == 1 ? "1 column" : "\(columns.names.count) columns"
      return try refuse(
        bytes.rawPrefix, line: line, into: &records, reason: "line \(line): \(found), \(expected) expected")
    }
    index += 1
    records.append(ItemRecord(content: .columns(columns, fields), index: index, line: line))
  }

  /// Gives a record that cannot be read an index of its own; a header that cannot be read ends the run.
  private mutating func refuse(
    _ raw: [UInt8], line: Int, into records: inout [ItemRecord], reason: String
  ) throws(RunError) {
    guard columns != nil else { throw RunError(.badInput, reason, hint: "the first line names the columns") }
    index += 1
    let prefix = raw.count > InputLimits.rawPrefix ? Array(raw.prefix(InputLimits.rawPrefix)) : raw
    records.append(ItemRecord(content: .malformed(reason: reason, raw: prefix), index: index, line: line))
  }

  private static func columns(_ fields: [[UInt8]], line: Int) throws(RunError) -> ColumnNames {
    var positions: [String: Int] = [:]
    var names: [String] = []
    for (position, field) in fields.enumerated() {
      let name = String(decoding: field, as: UTF8.self)
      if name.isEmpty {
        throw RunError(
          .badInput, "line \(line): column \(position + 1) has no name", hint: "the first line names the columns")
      }
      if field.indices.contains(where: { field[$0] == 0x0D && ($0 + 1 == field.count || field[$0 + 1] != 0x0A) }) {
        throw RunError(
          .badInput, "line \(line): a carriage return in the name of column \(position + 1)",
          hint: #"lines must end with \n or \r\n; where they end with \r:  tr '\r' '\n' < OLD > NEW"#)
      }
      if let other = positions.updateValue(position, forKey: name) {
        throw RunError(.badInput, "line \(line): columns \(other + 1) and \(position + 1) are both named \"\(name)\"")
      }
      names.append(name)
    }
    return ColumnNames(names)
  }
}
