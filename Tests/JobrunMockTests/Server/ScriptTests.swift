import JobrunMock
import Testing

@Suite("Scripts decide by request")
struct ScriptTests {
  @Test func `the first request plays the first list, those beyond the last are answered`() async throws {
    let script = MockScript.scripted([
      [.respond(status: 500, body: "a")], [.wait(.milliseconds(1)), .answer], [.respond(status: 503, body: "")],
    ])
    try await MockServer.run(MockBehavior(script: script)) { server in
      let client = try RawClient(port: server.port)
      let statuses = try (1...5).map { _ in try client.answer(to: chatBody("hi")).status }
      #expect(statuses == [500, 200, 503, 200, 200])
      #expect(server.responsesSent == 5)
    }
  }

  @Test func `a script by request sees its ordinal, connection and body`() async throws {
    let script = MockScript.perRequest { request in
      [
        .respond(
          status: 200,
          body: "\(request.ordinal) \(request.connection) \(request.responsesBefore) \(request.prompt ?? "-")")
      ]
    }
    try await MockServer.run(MockBehavior(script: script)) { server in
      let (first, second) = (try RawClient(port: server.port), try RawClient(port: server.port))
      #expect(try first.answer(to: chatBody("a")).body == "1 1 0 a")
      #expect(try second.answer(to: chatBody("b")).body == "2 2 0 b")
      #expect(try first.answer(to: "no JSON").body == "3 1 1 -")
    }
  }

  @Test func `a stall sends nothing and keeps the connection`() async throws {
    try await MockServer.run(MockBehavior(script: .scripted([.stalled]))) { server in
      let client = try RawClient(port: server.port)
      try client.chat(chatBody("hi"))
      await server.requests(atLeast: 1)
      #expect(!client.hearsSomething())
      #expect(server.inFlight == 1 && server.connectionsOpen == 1)
    }
  }

  @Test func `endless chunks go on, and do not keep others waiting`() async throws {
    let script = MockScript.scripted([.endlessChunks(every: .zero)])
    try await MockServer.run(MockBehavior(script: script)) { server in
      let endless = try RawClient(port: server.port)
      try endless.chat(chatBody("hi"))
      #expect(try endless.bytes(atLeast: 10_000).suffix(3).count == 3)
      #expect(try RawClient(port: server.port).answer(to: chatBody("hi")).status == 200)
    }
  }

  @Test func `a huge body keeps the server's pace to the client's`() async throws {
    let size = 64 << 20
    try await MockServer.run(MockBehavior(script: .scripted([.hugeBody(bytes: size) + [.close]]))) { server in
      let client = try RawClient(port: server.port)
      try client.chat(chatBody("hi"))
      #expect(try client.rest().bytes.count > size)
    }
  }

  @Test(arguments: [
    ("HTML with 200", [MockStep].htmlWith200, "content-type: text/html", "<!DOCTYPE html>"),
    ("half a pair", .loneSurrogate, "HTTP/1.1 200 OK", #""content":"a\ud83db""#),
    ("no UTF-8", .invalidUTF8, "HTTP/1.1 200 OK", "\"content\":\"\u{FFFD}\u{FFFD}\""),
    ("a huge header", .hugeHeader(bytes: 90_000), "x-padding: xxxx", FaultCase.body),
  ])
  func `spoilt answers are whole responses`(name: String, steps: [MockStep], head: String, body: String) async throws {
    try await MockServer.run(MockBehavior(script: .scripted([steps]))) { server in
      let response = try RawClient(port: server.port).answer(to: chatBody("hi"))
      #expect(response.head.contains(head))
      #expect(response.body.contains(body))
    }
  }
}
