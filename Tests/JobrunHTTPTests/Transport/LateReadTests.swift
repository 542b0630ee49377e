import Foundation
import JobrunHTTP
import JobrunMock
import JobrunModel
import JobrunTestSupport
import Testing

/// What has come before a limit counts, and nothing before the answer counts as its beginning.
@Suite(.serialized) struct LateReadTests {
  /// Limits of which only these are short; the total ends a test that fails.
  private func limits(_ change: (inout Timeouts) -> Void) -> TimeLimits {
    var timeouts = Timeouts()
    timeouts.total = .fixed(.seconds(20))
    change(&timeouts)
    return TimeLimits(timeouts)
  }

  @Test(arguments: [false, true])
  func `an answer that came while the loop was busy counts, though its time is over`(streams: Bool) async throws {
    try await MockServer.run(MockBehavior(latency: .fixed(.milliseconds(120)), reply: .echo, chunks: 3)) { server in
      let limits = limits { $0.total = .fixed(.milliseconds(300)) }
      let text = try await onLoop {
        let endpoint = Endpoint(name: "mock", baseURL: server.baseURL)
        let transport = HTTPTransport(endpoint: endpoint, streams: streams, options: .test(concurrency: 1))
        // libcurl's own timers for a new connection are over then.
        _ = try await transport.send(request("first"), limits: limits)
        try await Task.sleep(for: .milliseconds(300))
        async let answer = transport.send(request("hello"), limits: limits)
        try await Task.sleep(for: .milliseconds(40))
        usleep(500_000)  // the loop is busy
        return String(decoding: try await answer.reply.text, as: UTF8.self)
      }
      #expect(text == "hello")
      #expect(server.requestsReceived == 2)
    }
  }

  @Test func `a connection that died while the machine slept is no failure of its own`() async throws {
    let steps = [MockStep.wait(.milliseconds(100))] + .resetBeforeHead
    try await MockServer.run(MockBehavior(script: .perRequest { _ in steps })) { server in
      let error = try await failure(at: server.baseURL, limits { _ in }) { transport in
        try? await Task.sleep(for: .milliseconds(40))
        usleep(300_000)  // nothing is read meanwhile
        transport.failAll()
      }
      #expect(error?.code == "suspended", "\(String(describing: error))")
      #expect(error?.dispatched == .maybe)
    }
  }

  /// How a request fails during which `act` happens; nil: it does not.
  private func failure(
    at baseURL: String, _ limits: TimeLimits, meanwhile act: @escaping @Loop @Sendable (HTTPTransport) async -> Void
  ) async throws -> AttemptError? {
    try await onLoop { () async throws -> AttemptError? in
      let endpoint = Endpoint(name: "mock", baseURL: baseURL)
      let transport = HTTPTransport(endpoint: endpoint, options: .test(concurrency: 1))
      return await withTaskGroup(of: AttemptError?.self) { group in
        group.addImmediateTask { @Loop in
          do throws(AttemptError) {
            _ = try await transport.send(request("x"), limits: limits)
            return nil
          } catch {
            return error
          }
        }
        await act(transport)
        return await group.next() ?? nil
      }
    }
  }

  /// Sends a request to a server that is written by hand.
  private func answer(
    from endpoint: @escaping @Sendable (_ port: Int) -> Endpoint, _ limits: TimeLimits,
    _ write: (HandServer) async throws -> Void
  ) async throws -> Result<Answer, AttemptError> {
    var task: Task<Result<Answer, AttemptError>, any Error>?
    let server = try await HandServer { port in
      task = Task {
        try await onLoop { () async -> Result<Answer, AttemptError> in
          do throws(AttemptError) {
            let transport = HTTPTransport(endpoint: endpoint(port), options: .test(concurrency: 1))
            return .success(try await transport.send(request("x"), limits: limits))
          } catch {
            return .failure(error)
          }
        }
      }
    }
    try await write(server)
    return try await #require(task).value
  }

  @Test func `an interim response is no beginning of the answer`() async throws {
    let body = #"{"choices":[{"message":{"content":"late"},"finish_reason":"stop"}]}"#
    let result = try await answer(
      from: { Endpoint(name: "hand", baseURL: "http://127.0.0.1:\($0)/v1") }, limits { $0.idle = .milliseconds(100) }
    ) { server in
      server.write("HTTP/1.1 103 Early Hints\r\nlink: </x>\r\n\r\n")
      try await Task.sleep(for: .milliseconds(400))
      server.write(
        "HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: \(body.utf8.count)\r\n\r\n\(body)")
    }
    #expect(String(decoding: try result.get().reply.text, as: UTF8.self) == "late")
  }

  @Test(arguments: [false, true]) func `what had no connection yet was not sent, whatever ends it`(sleeps: Bool)
    async throws
  {
    let listener = try LocalListener.full()
    defer { listener.close() }
    let limits = limits { $0.connect = .seconds(10) }
    let error = try await failure(at: "http://127.0.0.1:\(listener.port)/v1", limits) { transport in
      try? await Task.sleep(for: .milliseconds(50))
      if sleeps { transport.failAll() } else { transport.cancelAll() }
    }
    #expect(error?.code == (sleeps ? "suspended" : "cancelled"))
    #expect(error?.dispatched == .no)
  }

  @Test func `a proxy that refuses says so, and nothing was sent`() async throws {
    let result = try await answer(
      from: { Endpoint(name: "far", baseURL: "https://far.invalid/v1", proxy: "http://127.0.0.1:\($0)") },
      limits { _ in }
    ) { $0.write("HTTP/1.1 407 Proxy Authentication Required\r\ncontent-length: 0\r\n\r\n") }
    guard case .failure(let error) = result else {
      Issue.record("an answer")
      return
    }
    #expect(error.code == "proxy", "\(error)")
    #expect(error.dispatched == .no)
  }
}
