import JobrunMock
import Testing

@Suite("Profiles have names")
struct MockProfileTests {
  @Test func `the known ones are found`() throws {
    #expect(try MockProfile(named: "plain").behavior().latency == .logNormal(median: .milliseconds(120), sigma: 0.4))
    #expect(try MockProfile(named: "fast").behavior(seed: 3).latency == .zero)
    #expect(try MockProfile(named: "fast").behavior(seed: 3).seed == 3)
  }

  @Test func `an unknown one is an error that lists the known ones`() {
    let error = #expect(throws: UnknownMockProfile.self) { try MockProfile(named: "flakey") }
    #expect(
      error.map { "\($0)" } == #"no mock profile "flakey": the known ones are plain, fast, strict, flaky, overloaded"#)
  }

  @Test(arguments: MockProfile.allCases) func `each is told in one line`(profile: MockProfile) {
    #expect(!profile.summary.isEmpty && profile.summary.count < 100 && !profile.summary.contains("\n"))
  }

  @Test func `strict enforces requests by the second and tokens by a bucket`() throws {
    let behavior = MockProfile.strict.behavior()
    #expect(behavior.latency == .logNormal(median: .milliseconds(400), sigma: 0.4))
    let limits = try #require(behavior.limits)
    #expect(limits.requestsPerMinute == 600 && limits.tokensPerMinute == 100_000 && limits.countsRejected)
    #expect(limits.window == .perSecond && limits.tokenWindow == .tokenBucket() && limits.headers == .openAI)
  }

  @Test func `strict, its second drawn out to a minute, lets ten in and refuses the rest of a burst`() async throws {
    var behavior = MockProfile.strict.behavior()
    behavior.latency = .zero
    behavior.limits?.window = .slidingMinute
    behavior.limits?.requestsPerMinute = 10
    try await MockServer.run(behavior) { server in
      let client = try RawClient(port: server.port)
      let statuses = try (1...25).map { _ in try client.answer(to: chatBody("hi")).status }
      #expect(statuses == Array(repeating: 200, count: 10) + Array(repeating: 429, count: 15))
    }
  }

  @Test func `flaky fails in its shares, the same for the same seed`() async throws {
    let outcomes = try await outcomes(count: 2000, seed: 5)
    let shares = Dictionary(grouping: outcomes, by: \.self).mapValues(\.count)
    #expect(Set(shares.keys) == ["200", "429", "500", "503", "reset", "cut"])
    for (outcome, share) in [("500", 0.05), ("503", 0.02), ("429", 0.01), ("reset", 0.02), ("cut", 0.01)] {
      let expected = share * 2000
      #expect(abs(Double(shares[outcome] ?? 0) - expected) < 4 * expected.squareRoot(), "\(outcome)")
    }
    #expect(try await self.outcomes(count: 300, seed: 5) == Array(outcomes.prefix(300)))
  }

  private func outcomes(count: Int, seed: UInt64) async throws -> [String] {
    var behavior = MockProfile.flaky.behavior(seed: seed)
    behavior.latency = .zero
    return try await MockServer.run(behavior) { server in
      var client = try RawClient(port: server.port)
      return try (1...count).map { _ in
        do {
          let answer = try client.answer(to: chatBody("hi"))
          return answer.status == 200 && !answer.body.hasSuffix("}") ? "cut" : "\(answer.status)"
        } catch let failure as RawClient.Failure where failure.call == "response: reset" {
          client = try RawClient(port: server.port)
          return "reset"
        }
      }
    }
  }

  @Test func `overloaded has eight at once and refuses the ninth`() async throws {
    var behavior = MockProfile.overloaded.behavior()
    #expect(behavior.latency == .logNormal(median: .milliseconds(300), sigma: 0.4))
    behavior.latency = .fixed(.seconds(3600))
    try await MockServer.run(behavior) { server in
      let clients = try (1...8).map { _ in try RawClient(port: server.port) }
      for client in clients { try client.chat(chatBody("hi")) }
      await server.requests(atLeast: 8)
      let ninth = try RawClient(port: server.port)
      for _ in 1...3 { #expect(try ninth.answer(to: chatBody("hi")).status == 503) }
      #expect(server.requestsRefused == 3 && server.inFlight == clients.count)
    }
  }
}
