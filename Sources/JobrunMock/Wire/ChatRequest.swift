/// What the server needs to know of a chat request's body, as ranges of its bytes.
struct ChatRequest {
  /// The inside of the model's name, escapes as written.
  private(set) var model: Range<Int>?
  /// The inside of the last user message's text; of several parts, the last text.
  private(set) var prompt: Range<Int>?
  /// The characters of all messages together.
  private(set) var characters = 0
  /// The most completion tokens that are asked for: `max_tokens` or `max_completion_tokens`, where a whole number.
  private(set) var maximumTokens: Int?
  /// Whether the body asks for more than a plain answer: for a stream, a tool or JSON.
  private(set) var asksForMore = false
  private var messages = Messages.absent

  private enum Messages {
    case absent
    case notAList
    case list(count: Int)
  }

  /// Why the body is no chat request.
  enum Refusal: Error, Equatable {
    case notJSON(offset: Int)
    case noMessages
    case messagesNotAList
    case emptyMessages
  }

  /// Reads what must be understood, and checks all of it.
  init(scanning bytes: UnsafeRawBufferPointer) throws(Refusal) {
    do throws(JSONScanner.Malformed) {
      var scanner = JSONScanner(bytes)
      try readBody(&scanner, bytes)
      try scanner.expectEnd()
      if scanner.hasNonASCII, String(validating: bytes, as: UTF8.self) == nil { throw JSONScanner.Malformed(offset: 0) }
    } catch {
      throw .notJSON(offset: error.offset)
    }
    switch messages {
    case .absent: throw .noMessages
    case .notAList: throw .messagesNotAList
    case .list(count: 0): throw .emptyMessages
    case .list: break
    }
  }

  private mutating func readBody(
    _ scanner: inout JSONScanner, _ bytes: UnsafeRawBufferPointer
  ) throws(JSONScanner.Malformed) {
    guard scanner.peek() == UInt8(ascii: "{") else { return try scanner.skipValue() }
    try scanner.expect("{")
    var first = true
    while let key = try scanner.nextKey(first: &first) {
      if bytes[key].elementsEqual("messages".utf8) {
        try readMessages(&scanner, bytes)
      } else if bytes[key].elementsEqual("model".utf8), scanner.peek() == UInt8(ascii: "\"") {
        model = try scanner.string()
      } else if bytes[key].elementsEqual("max_tokens".utf8) || bytes[key].elementsEqual("max_completion_tokens".utf8) {
        _ = scanner.peek()
        let start = scanner.position
        try scanner.skipValue(depth: 1)
        maximumTokens = Int(String(decoding: bytes[start..<scanner.position], as: UTF8.self)) ?? maximumTokens
      } else {
        asksForMore = asksForMore || Self.asksForMore(bytes[key])
        try scanner.skipValue(depth: 1)
      }
    }
  }

  /// Whether this key may ask for more than a plain answer; a look at its length spares most a comparison.
  private static func asksForMore(_ key: Slice<UnsafeRawBufferPointer>) -> Bool {
    switch key.count {
    case 5: key.elementsEqual("tools".utf8)
    case 6: key.elementsEqual("stream".utf8)
    case 15: key.elementsEqual("response_format".utf8)
    default: false
    }
  }

  private mutating func readMessages(
    _ scanner: inout JSONScanner, _ bytes: UnsafeRawBufferPointer
  ) throws(JSONScanner.Malformed) {
    guard scanner.peek() == UInt8(ascii: "[") else {
      messages = .notAList
      return try scanner.skipValue(depth: 1)
    }
    try scanner.expect("[")
    (prompt, characters) = (nil, 0)
    var (first, count) = (true, 0)
    while try scanner.nextElement(first: &first) {
      count += 1
      if scanner.peek() == UInt8(ascii: "{") {
        try readMessage(&scanner, bytes)
      } else {
        try scanner.skipValue(depth: 2)
      }
    }
    messages = .list(count: count)
  }

  private mutating func readMessage(
    _ scanner: inout JSONScanner, _ bytes: UnsafeRawBufferPointer
  ) throws(JSONScanner.Malformed) {
    try scanner.expect("{")
    var (first, isUser) = (true, false)
    var text: Range<Int>?
    while let key = try scanner.nextKey(first: &first) {
      if bytes[key].elementsEqual("role".utf8), scanner.peek() == UInt8(ascii: "\"") {
        let role = bytes[try scanner.string()]
        isUser = role.elementsEqual("user".utf8)
        if !isUser, role.elementsEqual("tool".utf8) { asksForMore = true }
      } else if bytes[key].elementsEqual("content".utf8) {
        text = try readContent(&scanner, bytes)
      } else {
        try scanner.skipValue(depth: 3)
      }
    }
    if isUser, let text { prompt = text }
  }

  /// Reads a message's content, a string or a list of parts, and gives the last text.
  private mutating func readContent(
    _ scanner: inout JSONScanner, _ bytes: UnsafeRawBufferPointer
  ) throws(JSONScanner.Malformed) -> Range<Int>? {
    var last: Range<Int>?
    switch scanner.peek() {
    case UInt8(ascii: "\""):
      let text = try scanner.string()
      characters += JSONText(bytes, text).count
      return text
    case UInt8(ascii: "["):
      try scanner.expect("[")
      var first = true
      while try scanner.nextElement(first: &first) {
        if let text = try readPart(&scanner, bytes) { last = text }
      }
    default: try scanner.skipValue(depth: 3)
    }
    return last
  }

  /// Reads one part of a content and gives its text, if it has one.
  private mutating func readPart(
    _ scanner: inout JSONScanner, _ bytes: UnsafeRawBufferPointer
  ) throws(JSONScanner.Malformed) -> Range<Int>? {
    var text: Range<Int>?
    var first = true
    guard scanner.peek() == UInt8(ascii: "{") else {
      try scanner.skipValue(depth: 4)
      return nil
    }
    try scanner.expect("{")
    while let key = try scanner.nextKey(first: &first) {
      if bytes[key].elementsEqual("text".utf8), scanner.peek() == UInt8(ascii: "\"") {
        let range = try scanner.string()
        characters += JSONText(bytes, range).count
        text = range
      } else {
        try scanner.skipValue(depth: 5)
      }
    }
    return text
  }
}

extension MockResponse {
  /// What the provider says to a body that is no chat request.
  init(_ refusal: ChatRequest.Refusal) {
    self =
      switch refusal {
      case .notJSON(let offset):
        .error(
          status: 400,
          message: "We could not parse the JSON body of your request: it is not valid JSON (at byte \(offset)).")
      case .noMessages:
        .error(
          status: 400, message: "Missing required parameter: 'messages'.", param: "messages",
          code: "missing_required_parameter")
      case .messagesNotAList:
        .error(
          status: 400, message: "Invalid type for 'messages': expected an array of objects.", param: "messages",
          code: "invalid_type")
      case .emptyMessages:
        .error(
          status: 400, message: "Invalid 'messages': empty array. Expected an array with minimum length 1.",
          param: "messages", code: "empty_array")
      }
  }
}
