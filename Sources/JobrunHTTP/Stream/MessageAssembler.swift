/// Puts the events of Anthropic's Messages API together.
struct MessageAssembler: StreamAssembler {
  /// A block of the content, its strings with their escapes as they came.
  private struct Block {
    /// As it began.
    var members: [(key: [UInt8], value: [UInt8])] = []
    /// Strings that come in pieces: `text`, `thinking`, `signature`.
    var texts: [(key: [UInt8], text: [UInt8])] = []
    /// JSON that comes as text in pieces, `input` of a tool's call.
    var input: [UInt8]?
    /// `citations`, which come one at a time.
    var citations: [UInt8] = []

    mutating func add(_ piece: some Collection<UInt8>, to key: [UInt8]) {
      if key.elementsEqual("partial_json".utf8) {
        if input == nil { input = [] }
        input?.append(contentsOf: piece)
      } else if let place = texts.firstIndex(where: { $0.key == key }) {
        texts[place].text += piece
      } else {
        texts.append((key, Array(piece)))
      }
    }
  }

  /// The message as it began, and as `message_delta` changed it.
  private var members: [(key: [UInt8], value: [UInt8])] = []
  private var usage: [(key: [UInt8], value: [UInt8])] = []
  private var blocks: [Int: Block] = [:]
  private var isStopped = false
  /// The text that the last event added to.
  private var last = (block: 0, key: [UInt8]())

  var isComplete: Bool { isStopped }

  mutating func take(_ range: Range<Int>, of bytes: UnsafeRawBufferPointer) -> StreamVerdict {
    let json = RawJSON(bytes: bytes)
    var (type, index): (Range<Int>?, Int) = (nil, 0)
    var (message, block, delta, tokens): (Range<Int>?, Range<Int>?, Range<Int>?, Range<Int>?)
    var isError = false
    let isWhole = json.members(of: range) { key, value in
      if json.is(key, "type") {
        type = json.text(value)
      } else if json.is(key, "index") {
        index = json.number(value) ?? 0
      } else if json.is(key, "message") {
        message = value
      } else if json.is(key, "content_block") {
        block = value
      } else if json.is(key, "delta") {
        delta = value
      } else if json.is(key, "usage") {
        tokens = value
      } else if json.is(key, "error") {
        isError = !json.isNull(value)
      }
    }
    guard isWhole else { return .unreadable }
    // Proxies write errors without a type.
    guard let type else { return isError ? .failure(Array(bytes[range])) : .goesOn }
    if json.is(type, "content_block_delta"), let delta {
      if let piece = takePiece(delta, of: index, json) { return .piece(EventPiece(text: piece)) }
    } else if json.is(type, "message_start"), let message {
      _ = json.members(of: message) { key, value in
        if json.is(key, "usage") {
          Self.merge(value, json, into: &usage)
        } else if !json.is(key, "content") {
          Self.set(key, value, json, in: &members)
        }
      }
    } else if json.is(type, "content_block_start"), let block {
      blocks[index] = Self.block(block, json)
    } else if json.is(type, "message_delta") {
      if let delta { Self.merge(delta, json, into: &members) }
      if let tokens { Self.merge(tokens, json, into: &usage) }
    } else if json.is(type, "message_stop") {
      isStopped = true
      return .end
    } else if json.is(type, "error") {
      return .failure(Array(bytes[range]))
    }
    return .goesOn
  }

  mutating func add(_ pieces: [UInt8]) {
    // Taken out, so that its text has one owner and grows in its place.
    guard var block = blocks.removeValue(forKey: last.block) else { return }
    block.add(pieces, to: last.key)
    blocks[last.block] = block
  }

  /// - Returns: The piece that it brings, where it brings nothing else.
  private mutating func takePiece(_ delta: Range<Int>, of index: Int, _ json: RawJSON) -> Range<Int>? {
    var block = blocks.removeValue(forKey: index) ?? Block()
    var pieces: [Range<Int>] = []
    _ = json.members(of: delta) { key, value in
      if json.is(key, "citation"), json.isObject(value) {
        if !block.citations.isEmpty { block.citations.append(UInt8(ascii: ",")) }
        block.citations += json.bytes[value]
      }
      guard let text = json.text(value), !json.is(key, "type") else { return }
      pieces.append(text)
      last = (index, Array(json.bytes[key]))
      block.add(json.bytes[text], to: last.key)
    }
    blocks[index] = block
    return pieces.count == 1 ? pieces[0] : nil
  }

  private static func block(_ range: Range<Int>, _ json: RawJSON) -> Block {
    var block = Block()
    _ = json.members(of: range) { key, value in
      if json.is(key, "text") || json.is(key, "thinking") || json.is(key, "signature"), let text = json.text(value) {
        block.texts.append((Array(json.bytes[key]), Array(json.bytes[text])))
      } else {
        block.members.append((Array(json.bytes[key]), Array(json.bytes[value])))
      }
    }
    return block
  }

  private static func merge(_ object: Range<Int>, _ json: RawJSON, into members: inout [(key: [UInt8], value: [UInt8])])
  {
    _ = json.members(of: object) { key, value in set(key, value, json, in: &members) }
  }

  private static func set(
    _ key: Range<Int>, _ value: Range<Int>, _ json: RawJSON, in members: inout [(key: [UInt8], value: [UInt8])]
  ) {
    let (name, new) = (Array(json.bytes[key]), Array(json.bytes[value]))
    if let place = members.firstIndex(where: { $0.key == name }) {
      members[place].value = new
    } else {
      members.append((name, new))
    }
  }

  var body: [UInt8] {
    var body: [UInt8] = []
    body.append("{")
    var isFirst = true
    for (key, value) in members { body.append(member: key, value, first: &isFirst) }
    body.append(isFirst ? #""content":["# : #","content":["#)
    for (offset, index) in blocks.keys.sorted().enumerated() {
      guard let block = blocks[index] else { continue }
      body.append(offset == 0 ? "{" : ",{")
      var isFirst = true
      for (key, value) in block.members {
        if block.input != nil, key.elementsEqual("input".utf8) { continue }
        if !block.citations.isEmpty, key.elementsEqual("citations".utf8) { continue }
        body.append(member: key, value, first: &isFirst)
      }
      if !block.citations.isEmpty {
        body.append(member: Array("citations".utf8), [0x5B] + block.citations + [0x5D], first: &isFirst)
      }
      for (key, text) in block.texts { body.append(member: key, [0x22] + text + [0x22], first: &isFirst) }
      if let input = block.input {
        let none = Array("{}".utf8)
        let json = input.isEmpty ? none : JSONUnescape.bytes(input).flatMap { JSONReader.isValue($0) ? $0 : nil }
        body.append(member: Array("input".utf8), json ?? none, first: &isFirst)
        // Cut by max_tokens, it is no JSON; what came is kept beside it, as the provider wrote it.
        if json == nil { body.append(member: Array("partial_json".utf8), [0x22] + input + [0x22], first: &isFirst) }
      }
      body.append("}")
    }
    body.append("]")
    if !usage.isEmpty {
      body.append(#","usage":{"#)
      var isFirst = true
      for (key, value) in usage { body.append(member: key, value, first: &isFirst) }
      body.append("}")
    }
    body.append("}")
    return body
  }
}

/// The text that the inside of a JSON string stands for.
enum JSONUnescape {
  /// - Returns: nil where it is no Unicode, also when it is mended.
  static func bytes(_ escaped: [UInt8]) -> [UInt8]? {
    guard escaped.contains(UInt8(ascii: "\\")) else { return escaped }
    // One string as a document.
    let document = [0x5B, 0x22] + escaped + [0x22, 0x5D]
    func text(_ document: [UInt8]) -> [UInt8]? { (try? JSONReader().read(document) { $0[0]?.bytes }) ?? nil }
    return text(document) ?? JSONRepair.repaired(document).flatMap(text)
  }
}
