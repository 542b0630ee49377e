import JobrunMock
import Testing

@Suite("Errors come by their share, the same for the same seed")
struct MockErrorTests {
  private func statuses(_ errors: [MockError], seed: UInt64, count: Int) async throws -> [Int] {
    try await MockServer.run(MockBehavior(errors: errors, seed: seed)) { server in
      let client = try RawClient(port: server.port)
      return try (1...count).map { _ in try client.answer(to: chatBody("hi")).status }
    }
  }

  @Test func `the count is exact for a seed and near the share`() async throws {
    let errors: [MockError] = [.rateLimit(share: 0.1), .server(share: 0.05)]
    let statuses = try await statuses(errors, seed: 7, count: 2000)
    #expect(statuses.count { $0 == 429 } == 202)
    #expect(statuses.count { $0 == 500 } == 114)
    #expect(statuses.count { $0 == 200 } == 1684)
    #expect(try await self.statuses(errors, seed: 7, count: 2000) == statuses)
    #expect(try await self.statuses(errors, seed: 8, count: 2000) != statuses)
  }

  @Test func `a share of 1 spares nobody, a share of 0 everybody`() async throws {
    #expect(try await statuses([.overloaded(share: 1)], seed: 1, count: 50) == Array(repeating: 503, count: 50))
    #expect(try await statuses([.quota(share: 0)], seed: 1, count: 50) == Array(repeating: 200, count: 50))
  }

  @Test func `the body and the headers are the provider's`() async throws {
    try await MockServer.run(MockBehavior(errors: [.rateLimit(share: 1, retryAfter: "1.5")])) { server in
      let response = try RawClient(port: server.port).answer(to: chatBody("hi"))
      #expect(
        response.head.contains(
          "HTTP/1.1 429 Too Many Requests\r\ncontent-type: application/json\r\nretry-after: 1.5\r\n"))
      #expect(response.body.contains(#""type":"requests","param":null,"code":"rate_limit_exceeded"}}"#))
    }
  }
}
