import JobrunHTTP
import JobrunMock
import JobrunModel
import JobrunTestSupport
import Testing

@Suite(.serialized) struct HTTPTransportTests {
  @Test func `an answer brings text, usage, headers and a latency`() async throws {
    try await MockServer.run(MockBehavior(reply: .echo)) { server in
      let answer = try await server.send("hello")
      #expect(String(decoding: answer.reply.text, as: UTF8.self) == "hello")
      #expect(answer.reply.finishReason == "stop")
      #expect(try #require(answer.reply.usage).input > 0)
      #expect(answer.status == 200)
      #expect(answer.latency > .zero)
      let headers = String(decoding: answer.headers, as: UTF8.self).lowercased()
      #expect(headers.contains("content-type: application/json\r\n"))
      #expect(!headers.contains("http/1.1"))
    }
  }

  @Test func `the request carries the key, the user agent and the body as it is`() async throws {
    try await MockServer.run(MockBehavior(recordsRequests: true)) { server in
      let key = try #require(Secret("  sk-test-1234\n"))
      _ = try await server.send("x", endpoint: Endpoint(name: "mock", baseURL: server.baseURL, key: key))
      let request = try #require(server.recordedRequests.first)
      #expect(request.headers["authorization"] == "Bearer sk-test-1234")
      #expect(request.headers["user-agent"] == "jobrun/0.0.0")
      #expect(request.headers["expect"] == nil)
      #expect(request.method == "POST")
      #expect(request.uri == "/v1/chat/completions")
      #expect(request.text == String(decoding: JobrunHTTPTests.request("x"), as: UTF8.self))
    }
  }

  @Test func `a user agent of the endpoint's replaces ours`() async throws {
    try await MockServer.run(MockBehavior(recordsRequests: true)) { server in
      let endpoint = Endpoint(name: "mock", baseURL: server.baseURL, headers: ["user-agent": "gateway/2"])
      _ = try await server.send("x", endpoint: endpoint)
      let request = try #require(server.recordedRequests.first)
      #expect(request.headers.fields.filter { $0.name.lowercased() == "user-agent" }.map(\.value) == ["gateway/2"])
    }
  }

  @Test(arguments: [
    ("close before the head", [MockStep].closeBeforeHead, ErrorClass.network, 0),
    ("reset before the head", .resetBeforeHead, .network, 0),
    ("reset in the head", .resetInHead, .network, 0),
    ("reset in the body", .resetInBody, .network, 0),
    ("reset between chunks", .resetInChunks, .network, 0),
    ("content length too long", .contentLengthTooLong, .network, 0),
    ("a status line that is none", .garbageStatusLine, .network, 0),
    ("a body cut at its close", .cutCloseDelimitedBody, .badResponse, 200),
    ("truncated JSON", .truncatedJSON, .badResponse, 200),
    ("content length too short", .contentLengthTooShort, .badResponse, 200),
    ("HTML with 200", .htmlWith200, .badResponse, 200),
    ("no choices", .noChoices, .badResponse, 200),
    ("an error with 200", .errorWith200, .overloaded, 200),
    ("a JSON too deep", .deepJSON(5_000), .tooLarge, 200),
    ("a redirect", .redirect(to: "http://127.0.0.1:1/"), .badRequest, 307),
  ])
  func `each fault costs one request and has its class`(
    name: String, steps: [MockStep], errorClass: ErrorClass, status: Int
  ) async throws {
    try await MockServer.run(MockBehavior(script: .perRequest { _ in steps })) { server in
      let error = try await server.failure("x")
      #expect(error.errorClass == errorClass, "\(name): \(error)")
      let isExpectedStatus = error.status == status || (name == "a redirect" && (300..<400).contains(error.status))
      #expect(isExpectedStatus, "\(name): \(error)")
      #expect(error.dispatched != .no, "\(name)")
      #expect(server.requestsReceived == 1, "\(name)")
    }
  }

  @Test(arguments: [(2, 300, 300), (2, 5, 5), (2, 300, 7)])
  func `connections grow when more requests are let go, up to the most there may be`(
    start: Int, wanted: Int, most: Int
  ) async throws {
    try await MockServer.run(MockBehavior(latency: .fixed(.milliseconds(100)))) { server in
      try await onLoop {
        var options = TransportOptions.test(concurrency: start)
        options.mostConnections = most
        let transport = HTTPTransport(endpoint: Endpoint(name: "mock", baseURL: server.baseURL), options: options)
        transport.makeRoom(for: wanted)
        transport.makeRoom(for: 1)
        await withDiscardingTaskGroup { group in
          for _ in 0..<min(2 * most, 400) {
            group.addImmediateTask { @Loop in
              await #expect(throws: Never.self) { try await transport.send(request("x"), limits: .standard) }
            }
          }
        }
        #expect(transport.connectionsOpened <= min(wanted, most))
      }
      #expect(server.inFlightMaximum <= min(wanted, most))
      #expect(server.inFlightMaximum > start)
    }
  }

  @Test func `blank lines before the JSON are no harm`() async throws {
    try await MockServer.run(MockBehavior(script: .perRequest { _ in .blankLines(5, every: .milliseconds(2)) })) {
      server in
      let answer = try await server.send("x")
      #expect(answer.status == 200)
    }
  }

  @Test func `a server that never answers is a time-out of ours`() async throws {
    try await MockServer.run(MockBehavior(script: .perRequest { _ in .stalled })) { server in
      var timeouts = Timeouts()
      timeouts.total = .fixed(.milliseconds(50))
      let error = try await server.failure("x", timeouts: timeouts)
      #expect(error.errorClass == .timeout)
      #expect(error.status == 408)
      #expect(error.code == "total_timeout")
      #expect(error.dispatched == .maybe)
    }
  }

  @Test func `a connection that never comes is a connect time-out, also where the total is shorter`() async throws {
    // A listening socket whose queue is full answers no SYN.
    let listener = try LocalListener.full()
    defer { listener.close() }
    var timeouts = Timeouts()
    timeouts.connect = .milliseconds(80)
    timeouts.total = .fixed(.milliseconds(40))
    let endpoint = Endpoint(name: "full", baseURL: "http://127.0.0.1:\(listener.port)/v1")
    let error = try await failure(of: "x", at: endpoint, timeouts: timeouts)
    #expect(error.code == "connect_timeout")
    #expect(error.status == 408)
    #expect(error.dispatched == .no)
    #expect(error.message == "no connection after 0.08 s")
  }

  @Test func `a reply that drips without end is ended by the total time-out`() async throws {
    let drip = MockBehavior(script: .perRequest { _ in .endlessChunks(every: .milliseconds(1)) })
    try await MockServer.run(drip) { server in
      var timeouts = Timeouts()
      timeouts.total = .fixed(.milliseconds(80))
      let error = try await server.failure("x", timeouts: timeouts)
      #expect(error.errorClass == .timeout)
    }
  }

  @Test func `a reply beyond the cap is dropped, not collected`() async throws {
    try await MockServer.run(MockBehavior(script: .perRequest { _ in .hugeBody(bytes: 256 << 20) })) { server in
      let error = try await server.failure("x")
      #expect(error.errorClass == .tooLarge)
      #expect(error.message == "the reply is longer than 32 MiB")
    }
  }

  @Test func `a refused connection never reached the provider`() async throws {
    let port = try await MockServer.run { $0.port }  // free again when the server is gone
    let error = try await failure(of: "x", at: Endpoint(name: "none", baseURL: "http://127.0.0.1:\(port)/v1"))
    #expect(error.errorClass == .network)
    #expect(error.status == 0)
    #expect(error.code == "connect")
    #expect(error.dispatched == .no)
  }

  @Test func `a name that does not exist is a network failure`() async throws {
    let error = try await failure(of: "x", at: Endpoint(name: "none", baseURL: "http://does-not-exist.invalid/v1"))
    #expect(error.errorClass == .network)
    #expect(error.dispatched == .no)
  }

  @Test func `a request on a kept connection that dies is not sent a second time behind our back`() async throws {
    // The server reads the second request of a connection and closes without a byte: libcurl would send it again.
    let behavior = MockBehavior(dropsRequestAfterResponses: 1)
    try await MockServer.run(behavior) { server in
      let baseURL = server.baseURL
      let errors = try await onLoop {
        let transport = HTTPTransport(
          endpoint: Endpoint(name: "mock", baseURL: baseURL), options: .test(concurrency: 1))
        var errors: [AttemptError?] = []
        for number in 0..<6 {
          do throws(AttemptError) {
            _ = try await transport.send(request("\(number)"), limits: .standard)
            errors.append(nil)
          } catch {
            errors.append(error)
          }
        }
        return errors
      }
      #expect(errors.map { $0?.code } == [nil, "stale_connection", nil, "stale_connection", nil, "stale_connection"])
      #expect(errors.compactMap { $0?.dispatched } == [.maybe, .maybe, .maybe])
      #expect(server.requestsReceived == 6)  // one each: none was sent twice
    }
  }

  @Test func `connections are kept, and there are never more than there may be`() async throws {
    try await MockServer.run(MockBehavior(latency: .fixed(.milliseconds(2)))) { server in
      let baseURL = server.baseURL
      try await onLoop {
        var options = TransportOptions.test(concurrency: 40)
        options.connectionsPerHost = 8
        let transport = HTTPTransport(endpoint: Endpoint(name: "mock", baseURL: baseURL), options: options)
        await withDiscardingTaskGroup { group in
          for number in 0..<400 {
            group.addImmediateTask { @Loop in _ = try? await transport.send(request("\(number)"), limits: .standard) }
          }
        }
      }
      #expect(server.requestsReceived == 400)
      #expect(server.connectionsAccepted == 8)
      #expect(server.inFlightMaximum <= 8)
    }
  }

  @Test func `a transfer's way enqueues nothing from another thread`() async throws {
    try await MockServer.run { server in
      let baseURL = server.baseURL
      let crossings = try await onLoop {
        let transport = HTTPTransport(
          endpoint: Endpoint(name: "mock", baseURL: baseURL), options: .test(concurrency: 4))
        _ = try? await transport.send(request("warm"), limits: .standard)
        return await leastThreadCrossings(enough: 19) {
          await withDiscardingTaskGroup { group in
            for number in 0..<200 {
              group.addImmediateTask { @Loop in _ = try? await transport.send(request("\(number)"), limits: .standard) }
            }
          }
        }
      }
      #expect(crossings < 20)
    }
  }

  @Test func `cancelAll ends every transfer at once`() async throws {
    try await MockServer.run(MockBehavior(script: .perRequest { _ in .stalled })) { server in
      let baseURL = server.baseURL
      let codes = try await onLoop {
        let transport = HTTPTransport(
          endpoint: Endpoint(name: "mock", baseURL: baseURL), options: .test(concurrency: 4))
        return await withTaskGroup(of: String?.self) { group in
          for number in 0..<6 {
            group.addImmediateTask { @Loop in
              do throws(AttemptError) {
                _ = try await transport.send(request("\(number)"), limits: .standard)
                return nil
              } catch {
                return error.code
              }
            }
          }
          await server.requests(atLeast: 4)
          transport.cancelAll()
          var codes: [String?] = []
          while let code = await group.next() { codes.append(code) }
          return codes
        }
      }
      #expect(codes == Array(repeating: "cancelled", count: 6))
    }
  }

  @Test func `an answer and a refusal bring what their headers say of the limits`() async throws {
    let headers: MockHeaders = [
      "X-RateLimit-Limit-Requests": "60", "x-ratelimit-remaining-requests": "0", "x-ratelimit-reset-requests": "1s",
    ]
    let behavior = MockBehavior(
      script: .perRequest { request in
        [
          .respond(
            status: request.text.contains("good") ? 200 : 429, headers: headers,
            body: #"{"choices":[{"message":{"content":"hi"}}]}"#)
        ]
      })
    try await MockServer.run(behavior) { server in
      let answer = try await server.send("good")
      #expect(answer.limits?.requests == .init(limit: 60, remaining: 0))  // the reset matters to refusals alone
      let error = try await server.failure("bad")
      #expect(error.limits?.requests == .init(limit: 60, remaining: 0, reset: .seconds(1)))
      #expect(error.errorClass == .rateLimit)
      #expect(error.retryAfter == .seconds(1))
    }
    try await MockServer.run { server in
      let answer = try await server.send("good")
      #expect(answer.limits == nil)
    }
  }

  @Test func `a key that the provider repeats in its refusal is blotted out`() async throws {
    let echo = MockBehavior(
      reply: .custom { request in
        .error(status: 401, message: "Incorrect API key: \(request.headers["authorization"] ?? "")", type: "x")
      })
    try await MockServer.run(echo) { server in
      let endpoint = Endpoint(name: "mock", baseURL: server.baseURL, key: Secret("sk-CANARY-12345"))
      let error = try await failure(of: "x", at: endpoint)
      #expect(error.errorClass == .auth)
      #expect(error.message == "Incorrect API key: Bearer ***")
    }
  }
}
