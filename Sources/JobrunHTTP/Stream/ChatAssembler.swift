/// Puts the chunks of a chat completion together.
struct ChatAssembler: StreamAssembler {
  /// A choice, its strings with their escapes as they came.
  private struct Choice {
    var role: [UInt8]?
    /// Strings that come in pieces: `content`, `refusal`, `reasoning_content`, …, in the order of their first piece.
    var texts: [(key: [UInt8], text: [UInt8])] = []
    var calls = ToolCalls()
    var finishReason: [UInt8]?
    /// Other members of the message, and of the choice.
    var others: [(key: [UInt8], value: MergedJSON)] = []
    var beside: [(key: [UInt8], value: MergedJSON)] = []
  }

  /// What stands beside `choices`, as it came last.
  private var others: [(key: [UInt8], value: [UInt8])] = []
  private var usage: [UInt8]?
  private var choices: [Int: Choice] = [:]
  /// The text that the last event added to.
  private var last = (choice: 0, key: [UInt8]())

  var isComplete: Bool { !choices.isEmpty && choices.values.allSatisfy { $0.finishReason != nil } }

  mutating func take(_ range: Range<Int>, of bytes: UnsafeRawBufferPointer) -> StreamVerdict {
    let json = RawJSON(bytes: bytes)
    if bytes[range].starts(with: "[DONE]".utf8) { return .end }
    var (error, isFlatError) = (false, false)
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
      } else if json.is(key, "object") {
        isFlatError = json.is(value, #""error""#)
      } else {
        take(key, value, json)
      }
    }
    guard isWhole else { return .unreadable }
    if error || isFlatError && list == nil { return .failure(Array(bytes[range])) }
    let elements = list.flatMap { json.elements(of: $0) } ?? []
    var piece: Range<Int>?
    for element in elements { piece = takeChoice(element, json) }
    guard elements.count == 1, let piece else { return .goesOn }
    return .piece(EventPiece(text: piece, varying: varying))
  }

  mutating func add(_ pieces: [UInt8]) {
    // Taken out, so that its text has one owner and grows in its place.
    guard var choice = choices.removeValue(forKey: last.choice) else { return }
    Self.add(pieces, to: last.key, of: &choice)
    choices[last.choice] = choice
  }

  /// A member beside `choices`: each chunk has it again, the first often empty, some only the last.
  private mutating func take(_ key: Range<Int>, _ value: Range<Int>, _ json: RawJSON) {
    let isEmpty = json.isNull(value) || json.is(value, #""""#) || json.is(value, "0") || json.is(value, "[]")
    guard let place = others.firstIndex(where: { json.bytes[key].elementsEqual($0.key) }) else {
      return others.append((Array(json.bytes[key]), Array(json.bytes[value])))
    }
    if !isEmpty, !json.bytes[value].elementsEqual(others[place].value) {
      others[place].value = Array(json.bytes[value])
    }
  }

  /// - Returns: The piece of text that it brings, where it brings nothing else.
  private mutating func takeChoice(_ element: Range<Int>, _ json: RawJSON) -> Range<Int>? {
    var index = 0
    var delta: Range<Int>?
    var finishReason: [UInt8]?
    var beside: [(key: Range<Int>, value: Range<Int>)] = []
    _ = json.members(of: element) { key, value in
      if json.is(key, "index") {
        index = json.number(value) ?? 0
      } else if json.is(key, "delta") || json.is(key, "message") {
        delta = value
      } else if json.is(key, "finish_reason") {
        // Some servers write "" or "null" until there is one.
        if let text = json.text(value), !text.isEmpty, !json.is(text, "null") {
          finishReason = Array(json.bytes[value])
        }
      } else if !json.isNull(value) {
        beside.append((key, value))
      }
    }
    var choice = choices.removeValue(forKey: index) ?? Choice()
    for (key, value) in beside { choice.beside.add(key, value, json) }
    var pieces: [Range<Int>] = []
    // What may grow is more than a piece of text; what is the same in each event, such as Azure's filter results, is not.
    var hasMore = beside.contains { json.bytes[$0.value].contains(UInt8(ascii: "[")) }
    if let delta {
      _ = json.members(of: delta) { key, value in
        if json.is(key, "role") {
          if choice.role == nil, !json.isNull(value) { choice.role = Array(json.bytes[value]) }
        } else if json.is(key, "tool_calls") {
          hasMore = hasMore || !json.isNull(value)
          for call in json.elements(of: value) ?? [] { choice.calls.take(call, json) }
        } else if let text = json.text(value) {
          last = (index, Array(json.bytes[key]))
          pieces.append(text)
          Self.add(json.bytes[text], to: last.key, of: &choice)
        } else if !json.isNull(value) {
          hasMore = true
          choice.others.add(key, value, json, joinsTexts: true)
        }
      }
    }
    choice.finishReason = finishReason ?? choice.finishReason
    choices[index] = choice
    return pieces.count == 1 && !hasMore ? pieces[0] : nil
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
      Self.append(choice, to: &body)
      body.append(#"},"finish_reason":"#)
      body += choice.finishReason ?? Array("null".utf8)
      var isFirst = false
      for (key, value) in choice.beside { body.append(member: key, value.bytes, first: &isFirst) }
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

  /// The members of a message behind its role.
  private static func append(_ choice: Choice, to body: inout [UInt8]) {
    let content = Array("content".utf8)
    let text = choice.texts.first { $0.key == content }?.text
    var isFirst = false
    if var parts = choice.others.first(where: { $0.key == content })?.value.elements {
      // Some parts came as a list, of thoughts for example, and the others as text.
      if let text, !text.isEmpty {
        parts +=
          Array((parts.isEmpty ? "" : ",").utf8) + Array(#"{"type":"text","text":""#.utf8) + text + Array("\"}".utf8)
      }
      body.append(member: content, [UInt8(ascii: "[")] + parts + [UInt8(ascii: "]")], first: &isFirst)
    } else if let text {
      body.append(member: content, [UInt8(ascii: "\"")] + text + [UInt8(ascii: "\"")], first: &isFirst)
    } else if !choice.others.contains(where: { $0.key == content }) {
      body.append(#","content":null"#)
    }
    for (key, text) in choice.texts where key != content {
      body.append(member: key, [UInt8(ascii: "\"")] + text + [UInt8(ascii: "\"")], first: &isFirst)
    }
    for (key, value) in choice.others where key != content || value.elements == nil && text == nil {
      body.append(member: key, value.bytes, first: &isFirst)
    }
    choice.calls.append(to: &body)
  }
}
