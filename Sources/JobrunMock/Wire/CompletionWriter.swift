import NIOCore

/// Writes chat completions as bytes. It owns a scratch buffer, so each connection needs one of its own.
struct CompletionWriter {
  private var body = ByteBuffer()

  /// Writes a whole response: the answer to `request`, whose body is `bytes`.
  ///
  /// Apart from ids, which count the server's requests, it depends on the body alone.
  ///
  /// - Parameter headers: Written beside the usual ones.
  mutating func write(
    answering request: ChatRequest, _ bytes: UnsafeRawBufferPointer, echo: Bool, ordinal: Int, closes: Bool,
    headers: MockHeaders = [:], into buffer: inout ByteBuffer
  ) {
    body.clear()
    body.writeStaticString(#"{"id":"chatcmpl-mock-"#)
    body.writeString(String(ordinal))
    body.writeStaticString(#"","object":"chat.completion","created":1700000000,"model":""#)
    if let model = request.model { body.writeBytes(bytes[model]) } else { body.writeStaticString("mock") }
    body.writeStaticString(#"","choices":[{"index":0,"message":{"role":"assistant","content":""#)
    let text = Text(for: request.prompt.map { JSONText(bytes, $0) }, echo: echo)
    body.writeStaticString(text.lead)
    if let words = text.words { body.writeBytes(words.bytes) }
    if text.isCut { body.writeStaticString(" …") }
    body.writeStaticString(#"","refusal":null},"logprobs":null,"finish_reason":"stop"}],"usage":{"prompt_tokens":"#)
    let (prompt, completion) = (
      Self.tokens(ofCharacters: request.characters), Self.tokens(ofCharacters: text.characters)
    )
    body.writeString(String(prompt))
    body.writeStaticString(#","completion_tokens":"#)
    body.writeString(String(completion))
    body.writeStaticString(#","total_tokens":"#)
    body.writeString(String(prompt + completion))
    body.writeStaticString(#"},"system_fingerprint":"fp_mock"}"#)

    buffer.reserveCapacity(body.readableBytes + 256)
    buffer.writeStaticString("HTTP/1.1 200 OK\r\ncontent-type: application/json\r\nopenai-version: 2020-10-01\r\n")
    buffer.writeStaticString("x-request-id: req_mock_")
    buffer.writeString(String(ordinal))
    for field in headers.fields { buffer.writeString("\r\n\(field.name): \(field.value)") }
    if closes { buffer.writeStaticString("\r\nconnection: close") }
    buffer.writeStaticString("\r\ncontent-length: ")
    buffer.writeString(String(body.readableBytes))
    buffer.writeStaticString("\r\n\r\n")
    buffer.writeImmutableBuffer(body)
  }

  /// What an answer says, in pieces.
  private struct Text {
    let lead: StaticString
    let words: JSONText?
    let isCut: Bool

    init(for prompt: JSONText?, echo: Bool) {
      lead = echo && prompt != nil ? "" : prompt == nil ? "[mock]" : "[mock] "
      words = echo ? prompt : prompt?.prefix(words: 12, characters: 120)
      isCut = words.map { $0.bytes.count } != prompt.map { $0.bytes.count }
    }

    var characters: Int { lead.utf8CodeUnitCount + (words?.count ?? 0) + (isCut ? 2 : 0) }
  }

  /// The completion tokens that the answer to `request` will have.
  static func completionTokens(answering request: ChatRequest, _ bytes: UnsafeRawBufferPointer, echo: Bool) -> Int {
    tokens(ofCharacters: Text(for: request.prompt.map { JSONText(bytes, $0) }, echo: echo).characters)
  }

  /// The usual estimate: four characters make a token.
  static func tokens(ofCharacters count: Int) -> Int { (count + 3) / 4 }
}
