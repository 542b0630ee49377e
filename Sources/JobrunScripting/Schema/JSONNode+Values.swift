import LuaBridge

extension JSONNode {
  /// A hash of the value that is another in every process: equal values have equal hashes, and others do not, as far as
  /// 64 bits go. The order of keys does not count, and 1 is 1.0.
  ///
  /// - Parameter emptiesAlike: An empty list is an empty object.
  func valueHash(emptiesAlike: Bool = false) -> Int {
    var hasher = Hasher()
    switch kind {
    case .null: hasher.combine(0)
    case .boolean: hasher.combine(boolean)
    case .integer, .unsigned, .float: hasher.combine(SchemaNumber(self))
    case .string: hasher.combine(bytes: utf8)
    case .array where !emptiesAlike || count > 0:
      hasher.combine(1)
      for element in elements { hasher.combine(element.valueHash(emptiesAlike: emptiesAlike)) }
    case .array, .object:
      hasher.combine(2)
      var sum = 0
      for (key, value) in members {
        var member = Hasher()
        member.combine(bytes: key.utf8)
        member.combine(value.valueHash(emptiesAlike: emptiesAlike))
        sum &+= member.finalize()
      }
      hasher.combine(sum)
    }
    hasher.combine(kind.tag)
    return hasher.finalize()
  }

  /// In words, for messages: `string "12"`, `number 12`, `an empty array`.
  var described: String {
    switch kind {
    case .string: return "string \(quoted)"
    case .integer, .unsigned, .float: return "number \(SchemaNumber(self)?.description ?? "")"
    case .boolean: return boolean == true ? "true" : "false"
    case .null: return "null"
    case .array: return count == 0 ? "an empty array" : "an array"
    case .object: return isUnmarkedEmpty ? "an empty table" : count == 0 ? "an empty object" : "an object"
    }
  }

  /// As JSON has it; strings cut at 40 characters, containers only in words.
  var literal: String {
    switch kind {
    case .string: quoted
    case .integer, .unsigned, .float: SchemaNumber(self)?.description ?? ""
    case .array where count == 0: "[]"
    case .object where count == 0: "{}"
    default: described
    }
  }

  /// A string in quotes, cut at 40 characters.
  var quoted: String {
    let text = String(decoding: utf8.prefix(200), as: UTF8.self)
    return text.count > 40 ? "\"\(text.prefix(40))…\"" : "\"\(text)\""
  }
}

extension JSONNode.Kind {
  /// Equal for kinds whose values can be equal.
  fileprivate var tag: Int {
    switch self {
    case .null: 0
    case .boolean: 1
    case .integer, .unsigned, .float: 2
    case .string: 3
    case .array, .object: 4
    }
  }
}

extension UnsafeRawBufferPointer {
  /// Below zero: these bytes come before the others.
  func order(to other: UnsafeRawBufferPointer) -> Int {
    for (a, b) in zip(self, other) where a != b { return Int(a) - Int(b) }
    return count - other.count
  }
}
