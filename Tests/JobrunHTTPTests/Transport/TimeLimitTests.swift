import JobrunHTTP
import JobrunMock
import JobrunModel
import JobrunTestSupport
import Testing

/// The time limits on real connections: which of them ends a transfer, never how long it took.
@Suite(.serialized) struct TimeLimitTests {
  /// Limits of which only one is short; the total ends a test that fails.
  private func short(_ limit: WritableKeyPath<Timeouts, Duration>, _ duration: Duration) -> Timeouts {
    var timeouts = Timeouts()
    timeouts.total = .fixed(.seconds(120))
    timeouts[keyPath: limit] = duration
    return timeouts
  }

  @Test func `a server that never answers is over at the first byte's limit`() async throws {
    try await MockServer.run(MockBehavior(script: .perRequest { _ in .stalled })) { server in
      let error = try await server.failure("x", timeouts: short(\.firstByte, .milliseconds(60)))
      #expect(error.errorClass == .timeout)
      #expect(error.code == "first_byte_timeout")
      #expect(error.status == 408)
      #expect(error.dispatched == .maybe)
      #expect(error.message == "no byte of the reply after 0.06 s")
      #expect(server.requestsReceived == 1)
    }
  }

  @Test func `an answer that stops in its middle is over at the idle limit`() async throws {
    try await MockServer.run(MockBehavior(script: .perRequest { _ in .stalledInBody })) { server in
      let error = try await server.failure("x", timeouts: short(\.idle, .milliseconds(60)))
      #expect(error.errorClass == .timeout)
      #expect(error.code == "idle_timeout")
      #expect(error.dispatched == .maybe)
      #expect(error.message == "the reply did not go on for 0.06 s")
    }
  }

  @Test(arguments: [Duration.milliseconds(5), .milliseconds(150)])
  func `blank lines are no progress, however often they come`(pause: Duration) async throws {
    let behavior = MockBehavior(script: .perRequest { _ in .blankLines(10_000, every: pause) })
    try await MockServer.run(behavior) { server in
      let error = try await server.failure("x", timeouts: short(\.idle, .milliseconds(80)))
      #expect(error.code == "idle_timeout")
    }
  }

  @Test func `blank lines for less than the idle limit are no harm`() async throws {
    let behavior = MockBehavior(script: .perRequest { _ in .blankLines(10, every: .milliseconds(2)) })
    try await MockServer.run(behavior) { server in
      let answer = try await server.send("x", timeouts: short(\.idle, .seconds(20)))
      #expect(String(decoding: answer.reply.text, as: UTF8.self) == "[mock] fault")
    }
  }

  @Test func `an answer that drips is progress, though it takes longer than the idle limit`() async throws {
    // Some 230 bytes, 3 ms each.
    let behavior = MockBehavior(script: .perRequest { _ in .slowDrip(every: .milliseconds(3)) })
    try await MockServer.run(behavior) { server in
      let limit = Duration.milliseconds(400)
      let answer = try await server.send("x", timeouts: short(\.idle, limit))
      #expect(answer.status == 200)
      #expect(answer.latency > limit)  // else the test shows nothing
    }
  }

  @Test func `a dripping answer is over at the total limit`() async throws {
    let behavior = MockBehavior(script: .perRequest { _ in .slowDrip(every: .milliseconds(2)) })
    try await MockServer.run(behavior) { server in
      var timeouts = Timeouts()
      timeouts.total = .fixed(.milliseconds(80))
      let error = try await server.failure("x", timeouts: timeouts)
      #expect(error.code == "total_timeout")
      #expect(error.message == "no complete reply after 0.08 s")
    }
  }

  @Test func `a request that nobody reads is over at the limit of sending`() async throws {
    let listener = try LocalListener.deaf()
    defer { listener.close() }
    let endpoint = Endpoint(name: "deaf", baseURL: "http://127.0.0.1:\(listener.port)/v1")
    let text = String(repeating: "x", count: 32 << 20)
    let error = try await failure(of: text, at: endpoint, timeouts: short(\.send, .milliseconds(80)))
    #expect(error.errorClass == .timeout)
    #expect(error.code == "send_timeout")
    #expect(error.dispatched == .maybe)
    #expect(error.message == "the request could not be sent on for 0.08 s")
  }

  @Test func `a small request that nobody reads is over at the first byte's limit`() async throws {
    let listener = try LocalListener.deaf()
    defer { listener.close() }
    let endpoint = Endpoint(name: "deaf", baseURL: "http://127.0.0.1:\(listener.port)/v1")
    var timeouts = short(\.firstByte, .milliseconds(80))
    timeouts.send = .milliseconds(40)
    #expect(try await failure(of: "x", at: endpoint, timeouts: timeouts).code == "first_byte_timeout")
  }

  @Test func `each request on a kept connection has its limits from its own send`() async throws {
    let behavior = MockBehavior(
      script: .perRequest { $0.text.contains("stall") ? .stalled : .blankLines(0, every: .zero) })
    try await MockServer.run(behavior) { server in
      let baseURL = server.baseURL
      let limits = TimeLimits(short(\.firstByte, .milliseconds(400)))
      let codes = try await onLoop {
        let transport = HTTPTransport(
          endpoint: Endpoint(name: "mock", baseURL: baseURL), options: .test(concurrency: 1))
        var codes: [String?] = []
        for text in ["a", "b", "stall", "c"] {
          do throws(AttemptError) {
            _ = try await transport.send(request(text), limits: limits)
            codes.append(nil)
          } catch {
            codes.append(error.code)
          }
        }
        return codes
      }
      #expect(codes == [nil, nil, "first_byte_timeout", nil])
    }
  }

  @Test func `failAll ends the transfers in flight as suspended, and later ones go on`() async throws {
    let behavior = MockBehavior(
      script: .perRequest { $0.text.contains("stall") ? .stalled : .blankLines(0, every: .zero) })
    try await MockServer.run(behavior) { server in
      let baseURL = server.baseURL
      let (errors, status) = try await onLoop {
        let transport = HTTPTransport(
          endpoint: Endpoint(name: "mock", baseURL: baseURL), options: .test(concurrency: 3))
        let errors = await withTaskGroup(of: AttemptError?.self) { group in
          for _ in 0..<3 {
            group.addImmediateTask { @Loop in
              do throws(AttemptError) {
                _ = try await transport.send(request("stall"), limits: .standard)
                return nil
              } catch {
                return error
              }
            }
          }
          await server.requests(atLeast: 3)
          transport.failAll()
          var errors: [AttemptError?] = []
          while let error = await group.next() { errors.append(error) }
          return errors
        }
        return (errors, try await transport.send(request("x"), limits: .standard).status)
      }
      #expect(errors.map { $0?.code } == ["suspended", "suspended", "suspended"])
      #expect(errors.compactMap { $0?.errorClass } == [.network, .network, .network])
      #expect(errors.compactMap { $0?.dispatched } == [.maybe, .maybe, .maybe])
      #expect(status == 200)
    }
  }
}
