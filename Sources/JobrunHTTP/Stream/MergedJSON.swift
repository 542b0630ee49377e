/// A JSON value that comes in parts: lists grow, members of objects are merged, and what else there is comes anew.
struct MergedJSON {
  private enum Form {
    /// The elements, without the brackets.
    case list([UInt8])
    /// The inside of a string, its escapes as they came.
    case text([UInt8])
    case object([(key: [UInt8], value: MergedJSON)])
    case other([UInt8])
  }

  /// Strings that come whole each time, and are not joined.
  private static let whole = ["id", "type", "format", "role", "status"].map { Array($0.utf8) }

  private var form: Form

  /// - Parameter value: The range of a value.
  init(_ value: Range<Int>, _ json: RawJSON) {
    form = .other([])
    add(value, json, joinsTexts: false)
  }

  /// Adds what stands here to what stood here before; `null` adds nothing.
  ///
  /// - Parameter joinsTexts: Strings are pieces of one, but for those that come whole.
  mutating func add(_ value: Range<Int>, _ json: RawJSON, joinsTexts: Bool) {
    switch form {
    case .object(var members) where json.isObject(value):
      form = .other([])  // its one owner is `members`
      _ = json.members(of: value) { key, value in
        let name = Array(json.bytes[key])
        if let place = members.firstIndex(where: { $0.key == name }) {
          members[place].value.add(value, json, joinsTexts: joinsTexts && !Self.whole.contains(name))
        } else {
          members.append((name, MergedJSON(value, json)))
        }
      }
      form = .object(members)
    case .list(var elements):
      guard let inside = json.inside(ofList: value) else { return replace(by: value, json) }
      form = .other([])
      if !elements.isEmpty, !inside.isEmpty { elements.append(UInt8(ascii: ",")) }
      elements += json.bytes[inside]
      form = .list(elements)
    case .text(var text) where joinsTexts:
      guard let piece = json.text(value) else { return replace(by: value, json) }
      form = .other([])
      text += json.bytes[piece]
      form = .text(text)
    default: replace(by: value, json)
    }
  }

  private mutating func replace(by value: Range<Int>, _ json: RawJSON) {
    if let text = json.text(value) {
      if case .text = form, text.isEmpty { return }
      form = .text(Array(json.bytes[text]))
    } else if let inside = json.inside(ofList: value) {
      form = .list(Array(json.bytes[inside]))
    } else if json.isObject(value) {
      var members: [(key: [UInt8], value: MergedJSON)] = []
      _ = json.members(of: value) { members.append((Array(json.bytes[$0]), MergedJSON($1, json))) }
      form = .object(members)
    } else if case .other(let bytes) = form, bytes.isEmpty || !json.isNull(value) {
      form = .other(Array(json.bytes[value]))
    }
  }

  /// The elements of a list, as they are written; nil where it is none.
  var elements: [UInt8]? { if case .list(let elements) = form { elements } else { nil } }

  var bytes: [UInt8] {
    switch form {
    case .list(let elements): return [UInt8(ascii: "[")] + elements + [UInt8(ascii: "]")]
    case .text(let text): return [UInt8(ascii: "\"")] + text + [UInt8(ascii: "\"")]
    case .other(let bytes): return bytes
    case .object(let members):
      var bytes: [UInt8] = [UInt8(ascii: "{")]
      var isFirst = true
      for (key, value) in members { bytes.append(member: key, value.bytes, first: &isFirst) }
      return bytes + [UInt8(ascii: "}")]
    }
  }
}

extension [(key: [UInt8], value: MergedJSON)] {
  /// Adds a member's part to the parts before.
  mutating func add(_ key: Range<Int>, _ value: Range<Int>, _ json: RawJSON, joinsTexts: Bool = false) {
    let name = Array<UInt8>(json.bytes[key])
    if let place = firstIndex(where: { $0.key == name }) {
      self[place].value.add(value, json, joinsTexts: joinsTexts)
    } else {
      append((name, MergedJSON(value, json)))
    }
  }
}
