import JobrunMock
import Testing

/// A fault, the bytes that it must send, and how the connection must end; nil: it stays open.
struct FaultCase: Sendable, CustomTestStringConvertible {
  var testDescription: String
  var steps: [MockStep]
  var bytes: [UInt8]
  var ending: RawClient.Ending?

  init(_ name: String, _ steps: [MockStep], _ text: String, _ ending: RawClient.Ending? = nil) {
    self.init(name, steps, Array(text.utf8), ending)
  }

  init(_ name: String, _ steps: [MockStep], _ bytes: [UInt8], _ ending: RawClient.Ending? = nil) {
    (testDescription, self.steps, self.bytes, self.ending) = (name, steps, bytes, ending)
  }

  private static let json = "content-type: application/json\r\n"
  private static let ok = "HTTP/1.1 200 OK\r\n"
  private static let chunked = ok + json + "transfer-encoding: chunked\r\n\r\n"
  static let body =
    #"{"id":"chatcmpl-mock","object":"chat.completion","created":1700000000,"model":"mock","choices":[{"index":0,"#
    + #""message":{"role":"assistant","content":"[mock] fault"},"finish_reason":"stop"}],"#
    + #""usage":{"prompt_tokens":3,"completion_tokens":3,"total_tokens":6}}"#
  private static let half = String(body.prefix(body.count / 2))
  private static func with(length: Int) -> String { ok + json + "content-length: \(length)\r\n\r\n" }
  private static func hex(_ text: String) -> String { String(text.utf8.count, radix: 16) }
  private static let spaces = String(repeating: " ", count: 100_000)

  static let all: [Self] = [
    Self("close before the head", .closeBeforeHead, "", .closed),
    Self("reset before the head", .resetBeforeHead, "", .reset),
    Self("reset in the head", .resetInHead, ok + "content-ty", .reset),
    Self("reset in the body", .resetInBody, with(length: body.count) + half, .reset),
    Self("reset between chunks", .resetInChunks, chunked + hex(half) + "\r\n\(half)\r\n", .reset),
    Self("a cut body without length", .cutCloseDelimitedBody, ok + json + "\r\n" + half, .closed),
    Self("Content-Length too long", .contentLengthTooLong, with(length: body.count + 10) + body, .closed),
    Self("Content-Length too short", .contentLengthTooShort, with(length: body.count - 10) + body),
    Self("a slow drip", .slowDrip(every: .microseconds(100)), with(length: body.count) + body),
    Self("a body that stalls", .stalledInBody, with(length: body.count) + half),
    Self(
      "blank lines before the answer", .blankLines(2, every: .milliseconds(1)),
      chunked + "1\r\n\n\r\n1\r\n\n\r\n" + hex(body) + "\r\n\(body)\r\n0\r\n\r\n"),
    Self(
      "an error with status 200", .errorWith200,
      with(length: 94)
        + #"{"error":{"message":"Overloaded","type":"service_unavailable_error","param":null,"code":null}}"#
    ),
    Self("no choices", .noChoices, with(length: 50) + #"{"id":"1","object":"chat.completion","choices":[]}"#),
    Self("truncated JSON", .truncatedJSON, with(length: half.count) + half),
    Self(
      "deep JSON", .deepJSON(1000),
      with(length: 2012) + #"{"choices":"# + String(repeating: "[", count: 1000) + String(repeating: "]", count: 1000)
        + "}"),
    Self("a huge body", .hugeBody(bytes: 100_000), with(length: 100_000) + spaces),
    Self(
      "a redirect", .redirect(to: "http://x/"),
      "HTTP/1.1 307 Temporary Redirect\r\nlocation: http://x/\r\ncontent-length: 0\r\n\r\n"),
    Self("a garbage status line", .garbageStatusLine, "SSH-2.0-OpenSSH_9.2p1 Debian-2\r\n\r\n", .closed),
    Self(
      "a fill of 3", [.fill(UInt8(ascii: "x"), count: 3), .bytes([0, 255]), .close], Array("xxx".utf8) + [0, 255],
      .closed),
  ]
}

@Suite("Scripts play faults byte for byte")
struct FaultTests {
  @Test(arguments: FaultCase.all)
  func `the fault's bytes and end are as written`(fault: FaultCase) async throws {
    try await MockServer.run(MockBehavior(script: .scripted([fault.steps]))) { server in
      let client = try RawClient(port: server.port)
      try client.chat(chatBody("hi"))
      if let ending = fault.ending {
        let rest = try client.rest()
        #expect(String(decoding: rest.bytes, as: UTF8.self) == String(decoding: fault.bytes, as: UTF8.self))
        #expect(rest.bytes == fault.bytes)
        #expect(rest.ending == ending)
      } else {
        let bytes = try client.bytes(atLeast: fault.bytes.count)
        #expect(String(decoding: bytes, as: UTF8.self) == String(decoding: fault.bytes, as: UTF8.self))
      }
      #expect(server.requestsReceived == 1)
    }
  }
}
