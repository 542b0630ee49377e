import CLua
import CLuaShims

extension LuaThread {
  /// JSON text -> one pushed value; nothing is pushed when it throws.
  ///
  /// Integers of 64 bits stay integers, larger ones become floats, null becomes `jobrun.null`, lists are marked.
  /// Of equal keys the last wins. Nesting is at most 128.
  public func pushJSON(_ bytes: UnsafeRawBufferPointer) throws(LuaJSONError) {
    var failure = jr_json_failure()
    if !jr_json_decode(pointer, bytes.baseAddress, bytes.count, &failure) { throw LuaJSONError(failure) }
  }

  public func pushJSON(_ bytes: [UInt8]) throws(LuaJSONError) {
    var failure = jr_json_failure()
    let pushed = bytes.withUnsafeBytes { jr_json_decode(pointer, $0.baseAddress, $0.count, &failure) }
    if !pushed { throw LuaJSONError(failure) }
  }

  /// Value -> JSON text, the same for equal values: keys are sorted by bytes, after `firstKeys` in the outermost object.
  ///
  /// Refused, with the path: nesting beyond 128, cycles, NaN and infinity, lists with holes, tables with both kinds of
  /// keys, functions, userdata, threads, strings that are not UTF-8. An empty table is `{}` unless it is marked.
  /// Metatables other than the two marks do not count.
  public func encodeJSON(at index: Int32, firstKeys: [String] = []) throws(LuaJSONError) -> [UInt8] {
    try withJSON(at: index, firstKeys: firstKeys) { [UInt8]($0) }
  }

  /// As `encodeJSON`, without an allocation: the bytes are valid until `body` returns, which must not encode.
  public func withJSON<R>(
    at index: Int32, firstKeys: [String] = [], _ body: (UnsafeRawBufferPointer) -> R
  ) throws(LuaJSONError) -> R {
    var failure = jr_json_failure()
    var count = 0
    let text: UnsafePointer<CChar>?
    if firstKeys.isEmpty {
      text = jr_json_encode(pointer, index, nil, 0, &count, &failure)
    } else {
      var names = firstKeys.joined(separator: "\0")
      text = names.withUTF8 { names in
        let start = UnsafeRawPointer(names.baseAddress)?.assumingMemoryBound(to: CChar.self)
        return jr_json_encode(pointer, index, start, names.count, &count, &failure)
      }
    }
    guard let text else { throw LuaJSONError(failure) }
    return body(UnsafeRawBufferPointer(start: text, count: count))
  }
}

extension LuaJSONError {
  /// Copies the failure's texts, which are valid until the next conversion.
  init(_ failure: jr_json_failure) {
    func text(_ start: UnsafePointer<CChar>?, _ count: Int) -> String {
      String(decoding: UnsafeRawBufferPointer(start: start, count: count), as: UTF8.self)
    }
    path = text(failure.path, failure.path_count)
    message = text(failure.message, failure.message_count)
    offset = failure.offset < 0 ? nil : Int(failure.offset)
  }
}
