internal import CWireJSON

/// Reads JSON, one document at a time, with memory that is used again.
final class JSONReader {
  private let parser: OpaquePointer

  init() {
    guard let parser = jw_parser_new() else { fatalError("out of memory") }
    self.parser = parser
  }

  deinit { jw_parser_free(parser) }

  /// What is wrong with a text that is not JSON.
  struct Malformed: Error {
    var reason: String
  }

  /// Calls `body` with the document's root; the values are valid until it returns.
  func read<R>(_ bytes: [UInt8], _ body: (JSONView) throws -> R) throws -> R {
    var root = jw_value()
    let problem = bytes.withUnsafeBytes { jw_parse(parser, $0.baseAddress, $0.count, &root) }
    if let problem { throw Malformed(reason: String(cString: problem)) }
    return try body(JSONView(value: root))
  }
}

extension JSONReader {
  /// Whether a text is one JSON value.
  static func isValue(_ bytes: [UInt8]) -> Bool { (try? JSONReader().read(bytes) { _ in true }) ?? false }
}

/// A value inside a document that a `JSONReader` has open. A path that leads nowhere is nil all along.
struct JSONView {
  fileprivate var value: jw_value

  subscript(key: StaticString) -> JSONView? {
    var found = jw_value()
    let matched = key.withUTF8Buffer { utf8 in
      utf8.withMemoryRebound(to: CChar.self) { jw_member(value, $0.baseAddress, $0.count, &found) }
    }
    return matched == 1 ? JSONView(value: found) : nil
  }

  subscript(index: Int) -> JSONView? {
    var found = jw_value()
    return jw_element(value, index, &found) == 1 ? JSONView(value: found) : nil
  }

  var isObject: Bool { jw_type_of(value) == JW_OBJECT }
  var isArray: Bool { jw_type_of(value) == JW_ARRAY }
  var isNull: Bool { jw_type_of(value) == JW_NULL }

  /// Members or elements.
  var count: Int { jw_count(value) }

  var integer: Int? {
    var number: Int64 = 0
    return jw_integer(value, &number) == 1 ? Int(number) : nil
  }

  var bool: Bool? {
    var truth: Int32 = 0
    return jw_bool(value, &truth) == 1 ? truth != 0 : nil
  }

  var bytes: [UInt8]? {
    var start: UnsafePointer<CChar>?
    var count = 0
    guard jw_string(value, &start, &count) == 1 else { return nil }
    return [UInt8](UnsafeRawBufferPointer(start: start, count: count))
  }

  var string: String? {
    var start: UnsafePointer<CChar>?
    var count = 0
    guard jw_string(value, &start, &count) == 1 else { return nil }
    return String(decoding: UnsafeRawBufferPointer(start: start, count: count), as: UTF8.self)
  }

  /// A string, or a number as one: providers do not agree on what an error's code is.
  var label: String? { string ?? integer.map(String.init) }
}
