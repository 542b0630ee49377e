import JobrunModel
import Testing

@testable import JobrunStorage

/// Parses `input` as a whole, one byte at a time and in two pieces split at every position; all must give the same.
///
/// - Returns: The records in words, or the error's message.
func parse(
  _ input: [UInt8], with parser: any RecordParser, sourceLocation: SourceLocation = #_sourceLocation
) -> [String] {
  let whole = parse([input], with: parser)
  #expect(parse(input.map { [$0] }, with: parser) == whole, "one byte at a time", sourceLocation: sourceLocation)
  for position in input.indices {
    let pieces = [Array(input[..<position]), Array(input[position...])]
    #expect(parse(pieces, with: parser) == whole, "split at \(position)", sourceLocation: sourceLocation)
  }
  return whole
}

func parse(
  _ input: String, with parser: any RecordParser, sourceLocation: SourceLocation = #_sourceLocation
) -> [String] {
  parse(Array(input.utf8), with: parser, sourceLocation: sourceLocation)
}

private func parse(_ pieces: [[UInt8]], with parser: any RecordParser) -> [String] {
  var parser = parser
  var records: [ItemRecord] = []
  do throws(RunError) {
    for piece in pieces {
      try piece.withUnsafeBufferPointer { (bytes) throws(RunError) in
        try parser.parse(UnsafeRawBufferPointer(bytes), into: &records)
      }
    }
    try parser.finish(into: &records)
  } catch {
    return ["\(error.code): \(error.message)"]
  }
  return records.map(describe)
}

/// `index@line content`, fields separated by `|`.
func describe(_ record: ItemRecord) -> String {
  let content =
    switch record.content {
    case .text(let bytes), .json(let bytes), .failedJSON(let bytes): text(bytes)
    case .columns(let columns, let fields):
      zip(columns.names, fields).map { "\($0)=\(text($1))" }.joined(separator: "|")
    case .malformed(let reason, let raw): "! \(reason) <\(text(raw))>"
    }
  return "\(record.index)@\(record.line) \(content)"
}

func text(_ bytes: [UInt8]) -> String { String(decoding: bytes, as: UTF8.self) }
