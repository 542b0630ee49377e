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
  /// The text that the last event added to.
  private var last = (choice: 0, key: [UInt8]())

  var isComplete: Bool { !choices.isEmpty && choices.values.allSatisfy { $0.finishReason != nil } }

  mutating func take(_ range: Range<Int>, of bytes: UnsafeRawBufferPointer) -> StreamVerdict {
    let json = RawJSON(bytes: bytes)
    if json.is(range, "[DONE]") { return .end }
    var error = false
    var list: Range<Int>?
    var varying: [Range<Int>] = []
    let isWhole = json.members(of: range) { key, value in
      if json.is(key, "choices") {
        list = value
      } else if json.is(key, "error") {
        error = error || !json.isNull(value)
      } else if json.is(key, "usage") {
        if !json.isNull(value) { usage = Array(bytes[value]) }
      } else if json.is(key, "obfuscation") {
        if let text = json.text(value) { varying.append(text) }
      } else if !hasHead, !json.is(key, "object") {
        others.append((Array(bytes[key]), Array(bytes[value])))
      }
    }
    guard isWhole else { return .unreadable }
    if error { return .failure(Array(bytes[range])) }
    hasHead = true
    let elements = list.flatMap { json.elements(of: $0) } ?? []
    var piece: Range<Int>?
    for element in elements { piece = takeChoice(element, json) }
    guard elements.count == 1, let piece else { return .goesOn }
    return .piece(EventPiece(text: piece, varying: varying))
  }

  mutating func add(_ pieces: [UInt8]) {
    guard var choice = choices[last.choice] else { return }
    Self.add(pieces, to: last.key, of: &choice)
    choices[last.choice] = choice
  }

  /// - Returns: The piece of text that it brings, where it brings nothing else.
  private mutating func takeChoice(_ element: Range<Int>, _ json: RawJSON) -> Range<Int>? {
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
    var pieces: [Range<Int>] = []
    var hasCalls = false
    if let delta {
      _ = json.members(of: delta) { key, value in
        if json.is(key, "role") {
          if choice.role == nil, !json.isNull(value) { choice.role = Array(json.bytes[value]) }
        } else if json.is(key, "tool_calls") {
          hasCalls = !json.isNull(value)
          for call in json.elements(of: value) ?? [] { Self.take(call, json, &choice.calls) }
        } else if let text = json.text(value) {
          last = (index, Array(json.bytes[key]))
          pieces.append(text)
          Self.add(json.bytes[text], to: last.key, of: &choice)
        } else if !json.isNull(value) {
          choice.others.removeAll { $0.key.elementsEqual(json.bytes[key]) }
          choice.others.append((Array(json.bytes[key]), Array(json.bytes[value])))
        }
      }
    }
    choice.finishReason = finishReason ?? choice.finishReason
    choices[index] = choice
    return pieces.count == 1 && !hasCalls ? pieces[0] : nil
  }

  private static func add(_ piece: some Collection<UInt8>, to key: [UInt8], of choice: inout Choice) {
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
