import JobrunMock
import Testing

@Suite("Connections live and die as the behaviour says")
struct ConnectionTests {
  @Test func `a connection carries many requests`() async throws {
    try await MockServer.run { server in
      let client = try RawClient(port: server.port)
      for _ in 1...50 { #expect(try client.answer(to: chatBody("hi")).status == 200) }
      #expect(server.requestsReceived == 50)
      #expect(server.responsesSent == 50)
      #expect(server.connectionsAccepted == 1)
      #expect(server.inFlightMaximum == 1)
    }
  }

  @Test func `requests sent at once are answered in their order`() async throws {
    let behavior = MockBehavior(latency: .fixed(.milliseconds(1)), reply: .echo)
    try await MockServer.run(behavior) { server in
      let client = try RawClient(port: server.port)
      for number in 1...20 { try client.chat(chatBody("number \(number).")) }
      for number in 1...20 { #expect(try client.response().body.contains("number \(number).")) }
    }
  }

  @Test func `a client that asks for the end gets it`() async throws {
    try await MockServer.run { server in
      let client = try RawClient(port: server.port)
      try client.chat(chatBody("hi"), headers: "connection: close\r\n")
      let (bytes, ending) = try client.rest()
      #expect(String(decoding: bytes, as: UTF8.self).contains("\r\nconnection: close\r\n"))
      #expect(ending == .closed)
    }
  }

  @Test func `after so many responses the connection closes unannounced`() async throws {
    try await MockServer.run(MockBehavior(closeAfterResponses: 2)) { server in
      let client = try RawClient(port: server.port)
      _ = try client.answer(to: chatBody("hi"))
      let last = try client.answer(to: chatBody("hi"))
      #expect(!last.head.contains("connection:"))
      #expect(try client.rest() == ([], .closed))
      #expect(server.requestsReceived == 2)
    }
  }

  @Test func `a request on a used connection can be read and dropped`() async throws {
    try await MockServer.run(MockBehavior(dropsRequestAfterResponses: 1, counts: .body)) { server in
      let client = try RawClient(port: server.port)
      _ = try client.answer(to: chatBody("kept"))
      try client.chat(chatBody("dropped"))
      #expect(try client.rest() == ([], .closed))
      #expect(server.requestCounts == [chatBody("kept"): 1, chatBody("dropped"): 1])
      #expect(server.responsesSent == 1)
    }
  }

  @Test func `an idle connection is closed, whether used or not`() async throws {
    try await MockServer.run(MockBehavior(closeWhenIdle: .milliseconds(20))) { server in
      #expect(try RawClient(port: server.port).rest() == ([], .closed))
      let client = try RawClient(port: server.port)
      _ = try client.answer(to: chatBody("hi"))
      #expect(try client.rest() == ([], .closed))
    }
  }

  @Test func `requests in flight are counted, also when their client leaves`() async throws {
    try await MockServer.run(MockBehavior(script: .perRequest { _ in .stalled })) { server in
      var clients = try (1...5).map { _ in try RawClient(port: server.port) }
      for client in clients { try client.chat(chatBody("hi")) }
      await server.requests(atLeast: 5)
      #expect(server.inFlightMaximum == 5)
      #expect(server.connectionsAccepted == 5)
      clients = []
      // The server sees the ends in the order of its loop: a last connection shows that it has seen them all.
      try RawClient(port: server.port).chat(chatBody("hi"))
      await server.requests(atLeast: 6)
      #expect(server.inFlight <= 1)
      #expect(server.responsesSent == 0)
    }
  }

  @Test func `requests are recorded and counted when asked for`() async throws {
    let behavior = MockBehavior(recordsRequests: true, counts: .header("X-Item"))
    try await MockServer.run(behavior) { server in
      let client = try RawClient(port: server.port)
      for item in ["a", "b", "a"] { _ = try client.answer(to: chatBody(item), headers: "x-item: \(item)\r\n") }
      _ = try client.answer(to: chatBody("none"))
      #expect(server.requestCounts == ["a": 2, "b": 1, "": 1])
      #expect(server.recordedRequests.map(\.ordinal) == [1, 2, 3, 4])
      #expect(server.recordedRequests.map(\.responsesBefore) == [0, 1, 2, 3])
      let second = try #require(server.recordedRequests.dropFirst().first)
      #expect(second.method == "POST" && second.uri == "/v1/chat/completions" && second.connection == 1)
      #expect(second.text == chatBody("b"))
      #expect(second.headers["X-ITEM"] == "b")
    }
  }

  @Test func `what is no HTTP gets 400 and the end`() async throws {
    try await MockServer.run { server in
      let client = try RawClient(port: server.port)
      try client.send("\u{16}\u{3}\u{1} hello\r\n\r\n")
      let (bytes, ending) = try client.rest()
      #expect(String(decoding: bytes, as: UTF8.self).hasPrefix("HTTP/1.1 400 Bad Request\r\n"))
      #expect(ending == .closed)
    }
  }

  @Test func `a stopped server ends its connections and its waiters`() async throws {
    let server = try await MockServer.start(behavior: MockBehavior(script: .perRequest { _ in .stalled }))
    let client = try RawClient(port: server.port)
    try client.chat(chatBody("hi"))
    await server.requests(atLeast: 1)
    await server.stop()
    await server.requests(atLeast: 2)
    #expect(try client.rest().bytes == [])
    #expect(throws: RawClient.Failure.self) { try RawClient(port: server.port) }
    await server.stop()
  }

  @Test func `a wait for requests ends with its task`() async throws {
    try await MockServer.run { server in
      let waiter = Task { await server.requests(atLeast: 1) }
      waiter.cancel()
      await waiter.value
      #expect(server.requestsReceived == 0)
    }
  }

  @Test func `a port in use is an error that names it`() async throws {
    try await MockServer.run { server in
      let error = await #expect(throws: MockServerError.self) {
        try await MockServer.start(behavior: MockBehavior(), port: server.port)
      }
      #expect(error?.message.hasPrefix("cannot listen on 127.0.0.1:\(server.port): ") == true)
    }
  }

  @Test func `several threads share the connections`() async throws {
    try await MockServer.run(threads: 2) { server in
      let clients = try (1...4).map { _ in try RawClient(port: server.port) }
      for _ in 1...10 { for client in clients { #expect(try client.answer(to: chatBody("hi")).status == 200) } }
      #expect(server.requestsReceived == 40)
      #expect(server.baseURL == "http://127.0.0.1:\(server.port)/v1")
    }
  }
}
