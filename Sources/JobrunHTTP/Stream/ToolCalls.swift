/// The calls of tools in a chat's message, which come in pieces.
struct ToolCalls {
  private struct Call {
    var id: [UInt8]?
    /// Its other members: `type`, `function` or `custom`, what a provider adds.
    var members: [(key: [UInt8], value: MergedJSON)] = []
  }

  private var calls: [Call] = []
  /// The call that has an index now.
  private var places: [Int: Int] = [:]

  /// Takes a call's next piece.
  mutating func take(_ call: Range<Int>, _ json: RawJSON) {
    var index: Int?
    var id: [UInt8]?
    var members: [(key: Range<Int>, value: Range<Int>)] = []
    _ = json.members(of: call) { key, value in
      if json.is(key, "index") {
        index = json.number(value)
      } else if json.is(key, "id") {
        if let text = json.text(value), !text.isEmpty { id = Array(json.bytes[text]) }
      } else if !json.isNull(value) {
        members.append((key, value))
      }
    }
    let place = place(of: index, id)
    if let id { calls[place].id = id }
    for (key, value) in members { calls[place].members.add(key, value, json, joinsTexts: true) }
  }

  /// Servers that leave the index out send each call whole; some give all the same, and only the ids tell them apart.
  private mutating func place(of index: Int?, _ id: [UInt8]?) -> Int {
    if let index, let place = places[index], id == nil || calls[place].id == nil || calls[place].id == id {
      return place
    }
    calls.append(Call())
    if let index { places[index] = calls.count - 1 }
    return calls.count - 1
  }

  /// Appends the member `tool_calls`, where there are some.
  func append(to body: inout [UInt8]) {
    if calls.isEmpty { return }
    body.append(#","tool_calls":["#)
    for (offset, call) in calls.enumerated() {
      body.append(offset == 0 ? #"{"id":""# : #",{"id":""#)
      body += call.id ?? []
      body.append("\"")
      var isFirst = false
      if !call.members.contains(where: { $0.key.elementsEqual("type".utf8) }) { body.append(#","type":"function""#) }
      for (key, value) in call.members { body.append(member: key, value.bytes, first: &isFirst) }
      body.append("}")
    }
    body.append("]")
  }
}
