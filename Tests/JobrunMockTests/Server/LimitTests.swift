import JobrunMock
import Testing

@Suite("The server enforces its limits over all connections")
struct LimitTests {
  private func value(_ name: String, _ response: RawClient.Response) -> String? {
    response.head.split(separator: "\r\n").first { $0.hasPrefix(name + ": ") }.map {
      String($0.dropFirst(name.count + 2))
    }
  }

  @Test func `answers carry the headers, and connections share the limit`() async throws {
    let limits = MockLimits(requestsPerMinute: 3, tokensPerMinute: 1000, window: .slidingMinute)
    try await MockServer.run(MockBehavior(limits: limits), threads: 2) { server in
      let clients = try (1...2).map { _ in try RawClient(port: server.port) }
      let answers = try (0..<5).map { try clients[$0 % 2].answer(to: chatBody("hi")) }
      #expect(answers.map(\.status) == [200, 200, 200, 429, 429])
      #expect(answers.map { value("x-ratelimit-limit-requests", $0) } == Array(repeating: "3", count: 5))
      #expect(answers.map { value("x-ratelimit-remaining-requests", $0) } == ["2", "1", "0", "0", "0"])
      // The prompt has 11 characters, the answer 9: 3 tokens each.
      #expect(answers.map { value("x-ratelimit-remaining-tokens", $0) } == ["994", "988", "982", "982", "982"])
      #expect(answers.map { value("retry-after", $0) != nil } == [false, false, false, true, true])
      #expect(answers[3].body.contains("Rate limit reached for gpt-4.1 in organization org-mock on requests per min"))
      #expect(try clients[0].answer(to: chatBody("hi", model: "other")).status == 200)
      #expect(server.requestsRefused == 2)
      #expect(server.usedTokens == 24)
      #expect(server.requestsReceived == 6 && server.responsesSent == 6)
    }
  }

  @Test func `an estimate charges what could be asked for`() async throws {
    let limits = MockLimits(tokensPerMinute: 1000, window: .slidingMinute, tokenCharge: .estimate, headers: .azure)
    try await MockServer.run(MockBehavior(limits: limits)) { server in
      let client = try RawClient(port: server.port)
      func body(_ member: String) -> String { "{\(member)," + chatBody("hi").dropFirst() }
      #expect(try value("x-ratelimit-remaining-tokens", client.answer(to: chatBody("hi"))) == "997")
      #expect(try value("x-ratelimit-remaining-tokens", client.answer(to: body(#""max_tokens": 500"#))) == "494")
      let refused = try client.answer(to: body(#""max_completion_tokens":600"#))
      #expect(refused.status == 429)
      #expect(value("retry-after-ms", refused) != nil && value("retry-after", refused) != nil)
      let tooLarge = try client.answer(to: body(#""max_tokens":1000"#))
      #expect(tooLarge.body.contains("Request too large for gpt-4.1"))
      #expect(value("retry-after", tooLarge) == nil)
      #expect(try client.answer(to: body(#""max_tokens":99999999999999999999"#)).status == 200)
      #expect(server.usedTokens == 509)
    }
  }

  @Test func `Anthropic's manner has its headers and its shape`() async throws {
    let limits = MockLimits(requestsPerMinute: 1, window: .slidingMinute, headers: .anthropic)
    try await MockServer.run(MockBehavior(limits: limits)) { server in
      let client = try RawClient(port: server.port)
      let first = try client.answer(to: chatBody("hi"))
      #expect(value("anthropic-ratelimit-requests-remaining", first) == "0")
      #expect(value("date", first)?.hasSuffix(" GMT") == true)
      let second = try client.answer(to: chatBody("hi"))
      #expect(second.status == 429)
      #expect(second.body.hasPrefix(#"{"type":"error","error":{"type":"rate_limit_error","message":""#))
    }
  }

  @Test func `errors, custom replies and scripted answers carry the headers too`() async throws {
    let limits = MockLimits(requestsPerMinute: 600)
    let behaviors = [
      MockBehavior(errors: [.server(share: 1)], limits: limits),
      MockBehavior(limits: limits, reply: .custom { _ in .completion("x") }),
      MockBehavior(limits: limits, script: .scripted([[.answer]])),
    ]
    for behavior in behaviors {
      try await MockServer.run(behavior) { server in
        let answer = try RawClient(port: server.port).answer(to: chatBody("hi"))
        #expect(value("x-ratelimit-limit-requests", answer) == "600")
      }
    }
  }

  @Test func `acceptances are kept when asked for`() async throws {
    let behavior = MockBehavior(
      limits: MockLimits(requestsPerMinute: 2, window: .slidingMinute), recordsAcceptances: true)
    try await MockServer.run(behavior) { server in
      let client = try RawClient(port: server.port)
      for _ in 1...4 { _ = try client.answer(to: chatBody("hi")) }
      #expect(server.acceptances.map(\.model) == ["gpt-4.1", "gpt-4.1"])
      #expect(server.acceptances.map(\.tokens) == [6, 6])
      #expect(server.acceptances[0].at < server.acceptances[1].at)
    }
  }

  @Test func `more at once than the limit get 503, until an answer is out or its client has left`() async throws {
    let behavior = MockBehavior(concurrencyLimit: 2, script: .scripted([[.answer, .stall], [.answer, .stall]]))
    try await MockServer.run(behavior) { server in
      var clients = try (1...2).map { _ in try RawClient(port: server.port) }
      for client in clients { #expect(try client.answer(to: chatBody("hi")).status == 200) }
      let third = try RawClient(port: server.port)
      let refused = try third.answer(to: chatBody("hi"))
      #expect(refused.status == 503)
      #expect(refused.body.contains(#""code":"server_is_overloaded""#))
      #expect(server.requestsRefused == 1)
      clients = []
      // The server sees the ends before the bytes of a connection that is newer.
      #expect(try RawClient(port: server.port).answer(to: chatBody("hi")).status == 200)
      for _ in 1...5 { #expect(try third.answer(to: chatBody("hi")).status == 200) }
    }
  }

  @Test func `a script that answers twice has been admitted once at a time`() async throws {
    let behavior = MockBehavior(concurrencyLimit: 1, script: .scripted([[.answer, .answer]]))
    try await MockServer.run(behavior) { server in
      let client = try RawClient(port: server.port)
      try client.chat(chatBody("hi"))
      #expect(try [client.response().status, client.response().status] == [200, 200])
      #expect(try client.answer(to: chatBody("hi")).status == 200)
    }
  }

  @Test func `in an outage everything gets 503`() async throws {
    let behavior = MockBehavior(outages: [MockOutage(from: .zero, for: .seconds(3600))])
    try await MockServer.run(behavior) { server in
      let client = try RawClient(port: server.port)
      #expect(try client.answer(to: chatBody("hi")).status == 503)
      #expect(server.usedTokens == 0)
    }
  }
}
