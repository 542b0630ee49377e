/// The faults that a client must survive, ready to be played.
extension [MockStep] {
  /// A completion as a server would send it, for the faults that spoil one.
  static let completionBody =
    #"{"id":"chatcmpl-mock","object":"chat.completion","created":1700000000,"model":"mock","choices":[{"index":0,"#
    + #""message":{"role":"assistant","content":"[mock] fault"},"finish_reason":"stop"}],"#
    + #""usage":{"prompt_tokens":3,"completion_tokens":3,"total_tokens":6}}"#
  private static let json: MockHeaders = ["content-type": "application/json"]
  private static let chunked: MockHeaders = ["content-type": "application/json", "transfer-encoding": "chunked"]

  private static func head(length: Int) -> MockStep {
    .head(status: 200, headers: ["content-type": "application/json", "content-length": "\(length)"])
  }

  /// The whole request is read, then FIN.
  public static var closeBeforeHead: Self { [.close] }
  /// The whole request is read, then RST.
  public static var resetBeforeHead: Self { [.reset] }
  /// RST in the middle of the headers.
  public static var resetInHead: Self { [.text("HTTP/1.1 200 OK\r\ncontent-ty"), .reset] }
  /// RST after half of a body with its length.
  public static var resetInBody: Self {
    [head(length: completionBody.utf8.count), .text(firstHalf), .reset]
  }
  /// RST between two chunks.
  public static var resetInChunks: Self { [.head(status: 200, headers: chunked), .chunk(firstHalf), .reset] }
  /// A body without length or chunks, cut by FIN in the middle.
  public static var cutCloseDelimitedBody: Self { [.head(status: 200, headers: json), .text(firstHalf), .close] }
  /// FIN before the promised length.
  public static var contentLengthTooLong: Self {
    [head(length: completionBody.utf8.count + 10), .text(completionBody), .close]
  }
  /// More bytes than promised: the promised ones are no whole JSON.
  public static var contentLengthTooShort: Self {
    [head(length: completionBody.utf8.count - 10), .text(completionBody)]
  }
  /// Chunks of white space that never end.
  public static func endlessChunks(every pause: Duration) -> Self {
    [.head(status: 200, headers: chunked), .endless([.chunk("        "), .wait(pause)])]
  }
  /// A good answer, one byte at a time.
  public static func slowDrip(every pause: Duration) -> Self {
    [head(length: completionBody.utf8.count), .drip(Array<UInt8>(completionBody.utf8), every: pause)]
  }
  /// No byte ever comes.
  public static var stalled: Self { [.stall] }
  /// The head and half of the body, then nothing.
  public static var stalledInBody: Self {
    [head(length: completionBody.utf8.count), .text(firstHalf), .stall]
  }
  /// The head at once, then blank lines as from a provider that queues, then the answer.
  public static func blankLines(_ count: Int, every pause: Duration) -> Self {
    let lines = [[MockStep]](repeating: [.chunk("\n"), .wait(pause)], count: count).flatMap { $0 }
    return [.head(status: 200, headers: chunked)] + lines + [.chunk(completionBody), .chunk("")]
  }
  /// Status 200 with an error as its body.
  public static var errorWith200: Self {
    let error = MockResponse.error(status: 503, message: "Overloaded", type: "service_unavailable_error")
    return [.respond(MockResponse(status: 200, headers: error.headers, body: error.body))]
  }
  /// Status 200 with `choices: []`.
  public static var noChoices: Self {
    [.respond(status: 200, headers: json, body: #"{"id":"1","object":"chat.completion","choices":[]}"#)]
  }
  /// Status 200 with a web page, as from a captive portal.
  public static var htmlWith200: Self {
    let page = "<!DOCTYPE html><html><head><title>Sign in</title></head><body>Sign in to the network</body></html>"
    return [.respond(status: 200, headers: ["content-type": "text/html"], body: page)]
  }
  /// Status 200, correct length, JSON that ends in the middle.
  public static var truncatedJSON: Self { [.respond(status: 200, headers: json, body: firstHalf)] }
  /// An answer whose text holds half of a surrogate pair.
  public static var loneSurrogate: Self { [.respond(status: 200, headers: json, body: body(content: #"a\ud83db"#))] }
  /// An answer whose text holds bytes that are no UTF-8.
  public static var invalidUTF8: Self {
    let parts = body(content: "|").utf8.split(separator: UInt8(ascii: "|"))
    let bytes: [UInt8] = parts[0] + [0xFF, 0xFE] + parts[1]
    return [.respond(MockResponse(status: 200, headers: json, body: bytes))]
  }
  /// An answer with an array nested so deep.
  public static func deepJSON(_ depth: Int) -> Self {
    let body = String(repeating: "[", count: depth) + String(repeating: "]", count: depth)
    return [.respond(status: 200, headers: json, body: #"{"choices":\#(body)}"#)]
  }
  /// A body of so many bytes, with its length.
  public static func hugeBody(bytes count: Int) -> Self {
    [head(length: count), .fill(UInt8(ascii: " "), count: count)]
  }
  /// A redirect that a client with a key must not follow.
  public static func redirect(to location: String) -> Self {
    [.respond(status: 307, headers: ["location": location], body: "")]
  }
  /// Something that is not HTTP, then FIN.
  public static var garbageStatusLine: Self { [.text("SSH-2.0-OpenSSH_9.2p1 Debian-2\r\n\r\n"), .close] }
  /// A good answer behind a header of so many bytes.
  public static func hugeHeader(bytes count: Int) -> Self {
    [
      .text("HTTP/1.1 200 OK\r\nx-padding: "), .fill(UInt8(ascii: "x"), count: count),
      .text("\r\ncontent-length: \(completionBody.utf8.count)\r\n\r\n" + completionBody),
    ]
  }

  private static var firstHalf: String { String(completionBody.prefix(completionBody.count / 2)) }

  /// A completion whose text is `content`, escapes as written.
  private static func body(content: String) -> String {
    let parts = completionBody.split(separator: "[mock] fault")
    return parts[0] + content + parts[1]
  }
}
