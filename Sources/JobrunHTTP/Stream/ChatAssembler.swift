/// Puts the chunks of a chat completion together.
struct ChatAssembler: StreamAssembler {
  /// A choice, its strings with their escapes as they came.
  private struct Choice {
    var role: [UInt8]?
    /// Strings that come in pieces: `content`, `refusal`, `reasoning_content`, …, in the order of their first piece.
    var texts: [(key: [UInt8], text: [UInt8])] = []
    var calls: [Int: ToolCall] = [:]
    var finishReason: [UInt8]?
    /// Other members of the message, as they came last.
    var others: [(key: [UInt8], value: [UInt8])] = []
  }

  private struct ToolCall {
    var id: [UInt8] = Array("\"\"".utf8)
    var name: [UInt8] = []
    var arguments: [UInt8] = []
  }

  /// What stands beside `choices`, as the first chunk has it; `usage` as the last.
  private var others: [(key: [UInt8], value: [UInt8])] = []
  private var usage: [UInt8]?
  private var choices: [Int: Choice] = [:]
  private var hasHead = false
  private var template: PieceTemplate?
  private var templateChoice = 0

  var isComplete: Bool { !choices.isEmpty && choices.values.allSatisfy { $0.finishReason != nil } }

  mutating func take(_ range: Range<Int>, of bytes: UnsafeRawBufferPointer) -> StreamVerdict {
    if let piece = template?.piece(of: range, bytes) {
      choices[templateChoice]?.texts[0].text += bytes[piece]
      return .goesOn
    }
    let json = RawJSON(bytes: bytes)
    if json.is(range, "[DONE]") { return .end }
    var error = false
    var list: Range<Int>?
    let isWhole = json.members(of: range) { key, value in
      if json.is(key, "choices") {
        list = value
      } else if json.is(key, "error") {
        error = error || !json.isNull(value)
      } else if json.is(key, "usage") {
        if !json.isNull(value) { usage = Array(bytes[value]) }
      } else if !hasHead, !json.is(key, "object") {
        others.append((Array(bytes[key]), Array(bytes[value])))
      }
    }
    guard isWhole else { return .unreadable }
    if error { return .failure(Array(bytes[range])) }
    hasHead = true
    let elements = list.flatMap { json.elements(of: $0) } ?? []
    for element in elements { takeChoice(element, json, event: range, isOnly: elements.count == 1) }
    return .goesOn
  }

  private mutating func takeChoice(_ element: Range<Int>, _ json: RawJSON, event: Range<Int>, isOnly: Bool) {
    var index = 0
    var delta: Range<Int>?
    var finishReason: [UInt8]?
    _ = json.members(of: element) { key, value in
      if json.is(key, "index") {
        index = json.number(value) ?? 0
      } else if json.is(key, "delta") || json.is(key, "message") {
        delta = value
      } else if json.is(key, "finish_reason"), !json.isNull(value) {
        finishReason = Array(json.bytes[value])
      }
    }
    var choice = choices[index] ?? Choice()
    var piece: Range<Int>?
    var members = 0
    if let delta {
      _ = json.members(of: delta) { key, value in
        members += 1
        if json.is(key, "role") {
          if choice.role == nil, !json.isNull(value) { choice.role = Array(json.bytes[value]) }
        } else if json.is(key, "tool_calls") {
          for call in json.elements(of: value) ?? [] { Self.take(call, json, &choice.calls) }
        } else if let text = json.text(value) {
          if json.is(key, "content") { piece = text }
          Self.add(json.bytes[text], to: Array(json.bytes[key]), of: &choice)
        } else if !json.isNull(value) {
          choice.others.removeAll { $0.key.elementsEqual(json.bytes[key]) }
          choice.others.append((Array(json.bytes[key]), Array(json.bytes[value])))
        }
      }
    }
    let isPlain = isOnly && members == 1 && finishReason == nil
    choice.finishReason = finishReason ?? choice.finishReason
    choices[index] = choice
    template = nil
    if isPlain, let piece, choice.texts.first?.key.elementsEqual("content".utf8) == true {
      template = PieceTemplate(event, piece: piece, json.bytes)
      templateChoice = index
    }
  }

  private static func add(_ piece: Slice<UnsafeRawBufferPointer>, to key: [UInt8], of choice: inout Choice) {
    if let place = choice.texts.firstIndex(where: { $0.key == key }) {
      choice.texts[place].text += piece
    } else if key.elementsEqual("content".utf8) {
      choice.texts.insert((key, Array(piece)), at: 0)
    } else {
      choice.texts.append((key, Array(piece)))
    }
  }

  private static func take(_ call: Range<Int>, _ json: RawJSON, _ calls: inout [Int: ToolCall]) {
    var index: Int?
    var id: [UInt8]?
    var (name, arguments): ([UInt8], [UInt8]) = ([], [])
    _ = json.members(of: call) { key, value in
      if json.is(key, "index") {
        index = json.number(value)
      } else if json.is(key, "id"), json.text(value) != nil {
        id = Array(json.bytes[value])
      } else if json.is(key, "function") {
        _ = json.members(of: value) { key, value in
          guard let text = json.text(value) else { return }
          if json.is(key, "name") {
            name += json.bytes[text]
          } else if json.is(key, "arguments") {
            arguments += json.bytes[text]
          }
        }
      }
    }
    // Servers that leave the index out send each call whole.
    let place = index ?? calls.count
    var known = calls[place] ?? ToolCall()
    known.id = id ?? known.id
    known.name += name
    known.arguments += arguments
    calls[place] = known
  }

  var body: [UInt8] {
    var body: [UInt8] = []
    body.append("{")
    var isFirst = true
    for (key, value) in others { body.append(member: key, value, first: &isFirst) }
    body.append(isFirst ? #""object":"chat.completion","choices":["# : #","object":"chat.completion","choices":["#)
    for (offset, index) in choices.keys.sorted().enumerated() {
      guard let choice = choices[index] else { continue }
      if offset > 0 { body.append(",") }
      body.append(#"{"index":"#)
      body += Array(String(index).utf8)
      body.append(#","message":{"role":"#)
      body += choice.role ?? Array(#""assistant""#.utf8)
      if choice.texts.first?.key.elementsEqual("content".utf8) != true { body.append(#","content":null"#) }
      for (key, text) in choice.texts {
        body.append(",\"")
        body += key
        body.append("\":\"")
        body += text
        body.append("\"")
      }
      var isFirst = false
      for (key, value) in choice.others { body.append(member: key, value, first: &isFirst) }
      Self.append(choice.calls, to: &body)
      body.append(#"},"finish_reason":"#)
      body += choice.finishReason ?? Array("null".utf8)
      body.append("}")
    }
    body.append("]")
    if let usage {
      body.append(#","usage":"#)
      body += usage
    }
    body.append("}")
    return body
  }

  private static func append(_ calls: [Int: ToolCall], to body: inout [UInt8]) {
    if calls.isEmpty { return }
    body.append(#","tool_calls":["#)
    for (offset, call) in calls.sorted(by: { $0.key < $1.key }).map(\.value).enumerated() {
      body.append(offset == 0 ? #"{"id":"# : #",{"id":"#)
      body += call.id
      body.append(#","type":"function","function":{"name":""#)
      body += call.name
      body.append(#"","arguments":""#)
      body += call.arguments
      body.append("\"}}")
    }
    body.append("]")
  }
}
