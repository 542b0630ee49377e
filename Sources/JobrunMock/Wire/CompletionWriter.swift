import NIOCore

/// Writes chat completions as bytes. It owns a scratch buffer, so each connection needs one of its own.
struct CompletionWriter {
  private var body = ByteBuffer()

  /// Writes a whole response: the answer to `request`, whose body is `bytes`.
  ///
  /// Apart from ids, which count the server's requests, it depends on the body alone.
  mutating func write(
    answering request: ChatRequest, _ bytes: UnsafeRawBufferPointer, echo: Bool, ordinal: Int, closes: Bool,
    into buffer: inout ByteBuffer
  ) {
    body.clear()
    body.writeStaticString(#"{"id":"chatcmpl-mock-"#)
    body.writeString(String(ordinal))
    body.writeStaticString(#"","object":"chat.completion","created":1700000000,"model":""#)
    if let model = request.model { body.writeBytes(bytes[model]) } else { body.writeStaticString("mock") }
    body.writeStaticString(#"","choices":[{"index":0,"message":{"role":"assistant","content":""#)
    let characters = writeText(for: request.prompt.map { JSONText(bytes, $0) }, echo: echo)
    body.writeStaticString(#"","refusal":null},"logprobs":null,"finish_reason":"stop"}],"usage":{"prompt_tokens":"#)
    let (prompt, completion) = (Self.tokens(ofCharacters: request.characters), Self.tokens(ofCharacters: characters))
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
    if closes { buffer.writeStaticString("\r\nconnection: close") }
    buffer.writeStaticString("\r\ncontent-length: ")
    buffer.writeString(String(body.readableBytes))
    buffer.writeStaticString("\r\n\r\n")
    buffer.writeImmutableBuffer(body)
  }

  /// Writes the text, escaped, and gives its number of characters.
  private mutating func writeText(for prompt: JSONText?, echo: Bool) -> Int {
    guard let prompt else {
      body.writeStaticString("[mock]")
      return 6
    }
    if echo {
      body.writeBytes(prompt.bytes)
      return prompt.count
    }
    let words = prompt.prefix(words: 12, characters: 120)
    body.writeStaticString("[mock] ")
    body.writeBytes(words.bytes)
    let isCut = words.bytes.count < prompt.bytes.count
    if isCut { body.writeStaticString(" …") }
    return 7 + words.count + (isCut ? 2 : 0)
  }

  /// The usual estimate: four characters make a token.
  static func tokens(ofCharacters count: Int) -> Int { (count + 3) / 4 }
}
