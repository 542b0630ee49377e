import JobrunMock
import Testing

@Suite("The mock answers as the provider would")
struct AnswerTests {
  @Test func `a chat request gets a completion with its model, its words and its usage`() async throws {
    try await MockServer.run { server in
      let response = try RawClient(port: server.port).answer(to: chatBody("What is the capital of France?"))
      #expect(response.head.hasPrefix("HTTP/1.1 200 OK\r\ncontent-type: application/json\r\n"))
      #expect(response.head.contains("\r\nx-request-id: req_mock_1\r\n"))
      #expect(
        response.body == #"{"id":"chatcmpl-mock-1","object":"chat.completion","created":1700000000,"model":"gpt-4.1","#
          + #""choices":[{"index":0,"message":{"role":"assistant","content":"[mock] What is the capital of France?","#
          + #""refusal":null},"logprobs":null,"finish_reason":"stop"}],"#
          + #""usage":{"prompt_tokens":10,"completion_tokens":10,"total_tokens":20},"system_fingerprint":"fp_mock"}"#)
    }
  }

  @Test(arguments: ["/v1/chat/completions", "/chat/completions", "/v1/chat/completions?api-version=1"])
  func `the path may lack the version or have a query`(path: String) async throws {
    try await MockServer.run { server in
      let response = try RawClient(port: server.port).answer(to: chatBody("hi"), path: path)
      #expect(response.status == 200)
    }
  }

  @Test(arguments: [
    (#"say \"hi\"\n\\ now"#, #"[mock] say \"hi\"\n\\ now"#),
    (#"caf\u00e9 \ud83d\ude00"#, #"[mock] caf\u00e9 \ud83d\ude00"#),
    ("Grüße aus Köln 😀", "[mock] Grüße aus Köln 😀"),
    ("1 2 3 4 5 6 7 8 9 10 11 12 13 14", "[mock] 1 2 3 4 5 6 7 8 9 10 11 12 …"),
    (String(repeating: "字", count: 130), "[mock] " + String(repeating: "字", count: 120) + " …"),
    (
      String(repeating: #"\ud83d\ude00"#, count: 121),
      "[mock] " + String(repeating: #"\ud83d\ude00"#, count: 120) + " …"
    ),
    ("", "[mock] "),
  ])
  func `the text keeps the prompt's escapes whole`(prompt: String, text: String) async throws {
    try await MockServer.run { server in
      let response = try RawClient(port: server.port).answer(to: chatBody(prompt))
      #expect(response.body.contains(#""content":"\#(text)""#))
    }
  }

  @Test func `the last user message counts, and of its parts the last text`() async throws {
    let body =
      #"{"messages":[{"role":"user","content":"first"},{"role":"assistant","content":null},"#
      + #"{"content":[{"type":"text","text":"a"},{"type":"image_url","image_url":{"url":"x"}},"#
      + #"{"type":"text","text":"second"}],"role":"user"},{"role":"assistant","content":"third"}]}"#
    try await MockServer.run { server in
      let response = try RawClient(port: server.port).answer(to: body)
      #expect(response.body.contains(#""model":"mock""#))
      #expect(response.body.contains(#""content":"[mock] second""#))
      #expect(response.body.contains(#""prompt_tokens":5,"#))
    }
  }

  @Test func `echo gives the whole prompt back`() async throws {
    let prompt = String(repeating: #"word \u00e9 "#, count: 200)
    try await MockServer.run(MockBehavior(reply: .echo)) { server in
      let response = try RawClient(port: server.port).answer(to: chatBody(prompt))
      #expect(response.body.contains(#""content":"\#(prompt)""#))
    }
  }

  @Test func `a custom reply sees the request`() async throws {
    let behavior = MockBehavior(
      reply: .custom { request in
        .completion("\(request.prompt ?? "-")|\(request.model ?? "-")|\(request.headers["X-Item"] ?? "-")")
      })
    try await MockServer.run(behavior) { server in
      let response = try RawClient(port: server.port)
        .answer(to: chatBody(#"a\"\u00e9\ud83d\ude00\n"#), headers: "x-item: 7\r\n")
      #expect(response.body.contains(#""content":"a\"é😀\n|gpt-4.1|7""#))
    }
  }

  @Test(arguments: [
    ("", "We could not parse"), ("{", "We could not parse"), (#"{"model":"m"}"#, "Missing required parameter"),
    (#"{"messages":"hi"}"#, "Invalid type for 'messages'"), (#"{"messages":[]}"#, "Invalid 'messages': empty array"),
    ("[1]", "Missing required parameter"),
    (#"{"messages":[{"role":"user","content":"\ud83d"}]}"#, "We could not parse"),
  ])
  func `a body that is no chat request gets 400`(body: String, message: String) async throws {
    try await MockServer.run { server in
      let client = try RawClient(port: server.port)
      let response = try client.answer(to: body)
      #expect(response.status == 400)
      #expect(response.body.hasPrefix(#"{"error":{"message":""# + message))
      #expect(response.body.contains(#""type":"invalid_request_error","param":"#))
      #expect(try client.answer(to: chatBody("hi")).status == 200)
    }
  }

  @Test func `other paths get 404, other methods 405, the list of models 200`() async throws {
    try await MockServer.run { server in
      let client = try RawClient(port: server.port)
      #expect(try client.answer(to: "{}", path: "/v1/audio/speech").status == 404)
      try client.send("GET /v1/chat/completions HTTP/1.1\r\nhost: mock\r\n\r\n")
      let refused = try client.response()
      #expect(refused.status == 405)
      #expect(
        refused.body
          == #"{"error":{"message":"Not allowed to GET on /v1/chat/completions. (HINT: Perhaps you meant to POST?)","#
          + #""type":"invalid_request_error","param":null,"code":"method_not_supported"}}"#)
      try client.send("GET /v1/models HTTP/1.1\r\nhost: mock\r\n\r\n")
      #expect(try client.response().body.hasPrefix(#"{"object":"list","data":[{"id":"mock","#))
    }
  }

  @Test func `a key is asked for only where one is required`() async throws {
    try await MockServer.run(MockBehavior(requiredKey: "sk-right")) { server in
      let client = try RawClient(port: server.port)
      let refused = try client.answer(to: chatBody("hi"), headers: "authorization: Bearer sk-wrong\r\n")
      #expect(refused.status == 401)
      #expect(refused.body.hasPrefix(#"{"error":{"message":"Incorrect API key provided: sk-"#))
      #expect(refused.body.contains(#""code":"invalid_api_key""#))
      #expect(try client.answer(to: chatBody("hi")).status == 401)
      #expect(try client.answer(to: chatBody("hi"), headers: "Authorization: Bearer sk-right\r\n").status == 200)
    }
  }

  @Test func `a body of several megabytes is read whole`() async throws {
    let prompt = String(repeating: "x", count: 5_000_000)
    try await MockServer.run { server in
      let client = try RawClient(port: server.port)
      let body = chatBody(prompt)
      try client.send(
        "POST /v1/chat/completions HTTP/1.1\r\nexpect: 100-continue\r\ncontent-length: \(body.utf8.count)\r\n\r\n")
      #expect(try client.response().head == "HTTP/1.1 100 Continue\r\n\r\n")
      try client.send(body)
      #expect(try client.response().body.contains(#""prompt_tokens":1250003,"#))
    }
  }
}
