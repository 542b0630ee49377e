internal import JobrunModel

/// Records that are lines: text, JSON lines, failed items. Blank lines are no records.
struct LineRecordParser: RecordParser {
  enum Kind {
    case text, json, failedJSON
  }

  private let kind: Kind
  private var lines: LineSplitter
  private var index = 0

  init(_ kind: Kind, cap: Int = InputLimits.record) {
    self.kind = kind
    lines = LineSplitter(cap: cap)
  }

  mutating func parse(_ chunk: UnsafeRawBufferPointer, into records: inout [ItemRecord]) throws(RunError) {
    var rest = chunk
    while let line = lines.next(&rest) { add(line, to: &records) }
  }

  mutating func finish(into records: inout [ItemRecord]) throws(RunError) {
    if let line = lines.finish() { add(line, to: &records) }
  }

  private mutating func add(_ line: LineSplitter.Line, to records: inout [ItemRecord]) {
    let content: ItemRecord.Content
    switch line.content {
    case .borrowed(let bytes):
      guard let found = self.content(of: bytes, line: line.number) else { return }
      content = found
    case .joined(let bytes):
      guard let found = bytes.withUnsafeBytes({ self.content(of: $0, line: line.number) }) else { return }
      content = found
    case .tooLong(let prefix):
      content = .malformed(reason: "line \(line.number): longer than \(byteCount: lines.cap)", raw: prefix)
    }
    index += 1
    records.append(ItemRecord(content: content, index: index, line: line.number))
  }

  private func content(of line: UnsafeRawBufferPointer, line number: Int) -> ItemRecord.Content? {
    let bytes = line.withoutCarriageReturn
    if bytes.isBlank { return nil }
    // A raw NUL makes JSON invalid anyway; its decoder says so.
    if let fault = TextFault.first(in: bytes, allowsNUL: kind != .text) {
      return .malformed(reason: fault.description(in: bytes, line: number), raw: bytes.rawPrefix)
    }
    return switch kind {
    case .text: .text(Array(bytes))
    case .json: .json(Array(bytes))
    case .failedJSON: .failedJSON(Array(bytes))
    }
  }
}

extension DefaultStringInterpolation {
  /// A size as people say it: `16 MiB`, `4 KiB`, `10 bytes`.
  mutating func appendInterpolation(byteCount: Int) {
    if byteCount > 0 && byteCount % (1 << 20) == 0 {
      appendInterpolation("\(byteCount >> 20) MiB")
    } else if byteCount > 0 && byteCount % (1 << 10) == 0 {
      appendInterpolation("\(byteCount >> 10) KiB")
    } else {
      appendInterpolation("\(byteCount) bytes")
    }
  }
}
