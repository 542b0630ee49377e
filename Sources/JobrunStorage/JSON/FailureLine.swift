internal import JobrunModel

/// A failed item as a line of `*.failed.jsonl`: the input record and why it failed, fit to be an input again.
enum FailureLine {
  /// The line, without its line break. Keys that have no value are left out.
  static func encode(id: ItemID, record: ItemRecord, failure: ItemFailure) -> [UInt8] {
    var json: [UInt8] = []
    JSONText.append("{\"id\":", to: &json)
    switch id {
    case .integer(let number): JSONText.append(number, to: &json)
    case .string(let text): JSONText.append(string: text, to: &json)
    }
    JSONText.append(",\"index\":", to: &json)
    JSONText.append(record.index, to: &json)
    JSONText.append(",\"item\":", to: &json)
    append(item: record.content, to: &json)
    JSONText.append(",\"error\":", to: &json)
    append(error: failure, to: &json)
    JSONText.append("}", to: &json)
    return json
  }

  /// The input record as JSON; what is no JSON, though it should be, as a string.
  static func append(item content: ItemRecord.Content, to json: inout [UInt8]) {
    switch content {
    case .text(let text):
      JSONText.append("{\"text\":", to: &json)
      JSONText.append(string: text, to: &json)
      JSONText.append("}", to: &json)
    case .json(let value):
      append(value: value, to: &json)
    case .failedJSON(let line):
      if isUTF8(line), let item = JSONScanner.range(of: "item", in: line) {
        JSONText.append(valid: line, range: item, to: &json)
      } else {
        append(value: line, to: &json)
      }
    case .columns(let columns, let fields):
      var separator: StaticString = "{"
      for (name, field) in zip(columns.names, fields) {
        JSONText.append(separator, to: &json)
        JSONText.append(string: name, to: &json)
        JSONText.append(":", to: &json)
        JSONText.append(string: field, to: &json)
        separator = ","
      }
      JSONText.append(fields.isEmpty ? "{}" : "}", to: &json)
    case .malformed(_, let raw):
      JSONText.append(string: Array(raw.prefix(InputLimits.rawPrefix)), to: &json)
    }
  }

  private static func append(value: [UInt8], to json: inout [UInt8]) {
    if isUTF8(value) && JSONScanner.isValid(value) {
      JSONText.append(valid: value, range: 0..<value.count, to: &json)
    } else {
      JSONText.append(string: value, to: &json)
    }
  }

  private static func isUTF8(_ bytes: [UInt8]) -> Bool {
    bytes.withUnsafeBytes { UTF8Validity.firstInvalidOffset(in: $0) == nil }
  }

  private static func append(error failure: ItemFailure, to json: inout [UInt8]) {
    JSONText.append("{\"class\":", to: &json)
    JSONText.append(string: failure.errorClass.rawValue, to: &json)
    JSONText.append(",\"status\":", to: &json)
    JSONText.append(failure.status, to: &json)
    append(",\"code\":", failure.code, to: &json)
    append(",\"message\":", failure.message, to: &json)
    JSONText.append(",\"attempts\":", to: &json)
    JSONText.append(failure.attempts, to: &json)
    append(",\"dispatched\":", failure.dispatched.rawValue, to: &json)
    append(",\"hook\":", failure.hook, to: &json)
    append(",\"traceback\":", failure.traceback, to: &json)
    if let cause = failure.cause {
      JSONText.append(",\"cause\":{\"class\":", to: &json)
      JSONText.append(string: cause.errorClass.rawValue, to: &json)
      append(",\"message\":", cause.message, to: &json)
      append(",\"hook\":", cause.hook, to: &json)
      JSONText.append("}", to: &json)
    }
    JSONText.append("}", to: &json)
  }

  private static func append(_ key: StaticString, _ value: String?, to json: inout [UInt8]) {
    guard let value else { return }
    JSONText.append(key, to: &json)
    JSONText.append(string: value, to: &json)
  }
}
