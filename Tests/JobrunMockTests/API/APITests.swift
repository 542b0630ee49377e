import Testing

@testable import JobrunMock

@Suite("The mock speaks every API")
struct APITests {
  static let streamed = [
    ("/v1/chat/completions", #"{"stream":true,"messages":[{"role":"user","content":"a b"}]}"#, "data: [DONE]\n\n"),
    ("/v1/responses", #"{"stream":true,"input":"a b"}"#, #""type":"response.completed""#),
    (
      "/v1/messages", #"{"stream":true,"max_tokens":9,"messages":[{"role":"user","content":"a b"}]}"#,
      #"{"type":"message_stop"}"#
    ),
  ]

  private func rest(_ behavior: MockBehavior, path: String, body: String) async throws -> String {
    try await MockServer.run(behavior) { server in
      let client = try RawClient(port: server.port)
      try client.chat(body, path: path, headers: "connection: close\r\n")
      return String(decoding: try client.rest().bytes, as: UTF8.self)
    }
  }

  @Test(arguments: streamed)
  func `a stream has a delta for each word and ends as its API says`(path: String, body: String, end: String)
    async throws
  {
    let text = try await rest(MockBehavior(), path: path, body: body)
    #expect(text.contains("\r\ntransfer-encoding: chunked\r\n"))
    #expect(text.contains(end))
    #expect(text.contains(#""[mock] ""#) && text.contains(#""a ""#) && text.contains(#""b""#))
    #expect(text.hasSuffix("\r\n0\r\n\r\n"))
  }

  @Test(arguments: streamed)
  func `a fault cuts a stream in its middle`(path: String, body: String, end: String) async throws {
    let behavior = MockBehavior(faults: [MockFault(.cutCloseDelimitedBody, share: 1)])
    let text = try await rest(behavior, path: path, body: body)
    #expect(text.contains("text/event-stream") && text.contains(#""[mock] ""#))
    #expect(!text.contains(end) && !text.hasSuffix("\r\n0\r\n\r\n"))
  }

  @Test(arguments: streamed)
  func `an error can come as an event`(path: String, body: String, end: String) async throws {
    let behavior = MockBehavior(faults: [MockFault(.errorWith200, share: 1)])
    let text = try await rest(behavior, path: path, body: body)
    #expect(text.contains(#""[mock] ""#) && text.contains("error") && !text.contains(end))
  }

  @Test func `a stream has as many deltas as the behaviour says`() async throws {
    let text = try await rest(MockBehavior(chunks: 200), path: Self.streamed[0].0, body: Self.streamed[0].1)
    #expect(text.components(of: #""delta":{"content":"#) == 200)
  }

  @Test func `the waits of a stream take the time that is left, and deltas due at once leave together`() {
    let stream = EventStream(opening: "o", deltas: ["1", "2", "3"], closing: "c")
    let slow = stream.steps(over: .milliseconds(10))
    let waits = slow.compactMap { if case .wait(let time) = $0 { time } else { nil } }
    #expect(waits == [.milliseconds(5), .milliseconds(5)])
    #expect(stream.steps(over: .zero).count == 1)
  }

  @Test func `Anthropic's errors have their shape and status`() async throws {
    try await MockServer.run(MockBehavior(errors: [.overloaded(share: 1)])) { server in
      let answer = try RawClient(port: server.port).answer(to: Self.streamed[2].1, path: "/v1/messages")
      #expect(answer.status == 529)
      #expect(answer.head.contains("\r\nrequest-id: req_mock_1\r\n"))
      #expect(answer.body.hasPrefix(#"{"type":"error","error":{"type":"overloaded_error","#))
    }
  }

  @Test func `an embedding is a function of its text, in both forms the same`() throws {
    let vector = Embeddings.vector(of: "text", dimensions: 1536)
    #expect(vector == Embeddings.vector(of: "text", dimensions: 1536))
    #expect(vector != Embeddings.vector(of: "texts", dimensions: 1536))
    #expect(abs(vector.reduce(0) { $0 + Double($1) * Double($1) } - 1) < 1e-6)
    #expect(vector.allSatisfy { Double("\(Double($0))") == Double($0) })
    #expect(Embeddings.base64([1, -2]) == "AACAPwAAAMA=")
  }

  @Test func `no bytes trap`() async throws {
    var generator = SystemRandomNumberGenerator()
    let bodies =
      Self.streamed.map(\.1) + [
        #"{"input":["a",[1]],"dimensions":1e99,"encoding_format":1}"#,
        ##"{"messages":[{"role":"user","content":"x"}],"tools":[{"function":{"name":"f","parameters":{"$ref":"#"}}}]}"##,
      ]
    try await MockServer.run { server in
      let client = try RawClient(port: server.port)
      for turn in 0..<400 {
        var bytes = Array(bodies[turn % bodies.count].utf8)
        for _ in 0..<Int.random(in: 1...3, using: &generator) {
          bytes[Int.random(in: bytes.indices, using: &generator)] = UInt8.random(in: 0x20..<0x7F, using: &generator)
        }
        // As no stream, so that the client can read each response.
        let body = String(decoding: bytes, as: UTF8.self).replacing(#""stream":true"#, with: #""stream":null"#)
        if body.contains("true") { continue }
        let path = ["/v1/chat/completions", "/v1/responses", "/v1/messages", "/v1/embeddings"][turn % 4]
        let status = try client.answer(to: body, path: path).status
        #expect(status == 200 || status == 400, "\(body)")
      }
    }
  }
}

extension String {
  fileprivate func components(of part: String) -> Int { ranges(of: part).count }
}
