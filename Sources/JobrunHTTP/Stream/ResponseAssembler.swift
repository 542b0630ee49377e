/// Takes the response out of the events of OpenAI's Responses API: the last event has it whole.
struct ResponseAssembler: StreamAssembler {
  private var response: [UInt8]?
  /// The text that came in pieces, its escapes as they came: what there is where the stream breaks off.
  private var text: [UInt8] = []

  var isComplete: Bool { response != nil }

  mutating func take(_ range: Range<Int>, of bytes: UnsafeRawBufferPointer) -> StreamVerdict {
    let json = RawJSON(bytes: bytes)
    if json.is(range, "[DONE]") { return .goesOn }
    var varying: [Range<Int>] = []
    var (type, delta, whole, error): (Range<Int>?, Range<Int>?, Range<Int>?, Range<Int>?)
    let isWhole = json.members(of: range) { key, value in
      if json.is(key, "type") {
        type = json.text(value)
      } else if json.is(key, "delta") {
        delta = json.text(value)
      } else if json.is(key, "sequence_number"), json.number(value) != nil {
        varying.append(value)
      } else if json.is(key, "obfuscation"), let text = json.text(value) {
        varying.append(text)
      } else if json.is(key, "response") {
        whole = value
      } else if json.is(key, "error"), !json.isNull(value) {
        error = value
      }
    }
    guard isWhole else { return .unreadable }
    guard let type else { return error == nil ? .goesOn : .failure(Array(bytes[range])) }
    if json.is(type, "response.output_text.delta") {
      guard let delta else { return .goesOn }
      text += bytes[delta]
      return .piece(EventPiece(text: delta, varying: varying))
    }
    if json.is(type, "response.completed") || json.is(type, "response.incomplete") || json.is(type, "response.failed") {
      guard let whole else { return .goesOn }
      response = Array(bytes[whole])
      return .end
    }
    if json.is(type, "error") {
      return .failure(error == nil ? StreamedReply.errorBody(bytes[range]) : Array(bytes[range]))
    }
    return .goesOn
  }

  mutating func add(_ pieces: [UInt8]) { text += pieces }

  var body: [UInt8] {
    if let response { return response }
    var body = Array(
      #"{"status":"in_progress","output":[{"type":"message","content":[{"type":"output_text","text":""#.utf8)
    body += text
    body.append("\"}]}]}")
    return body
  }
}
