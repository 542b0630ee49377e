import JobrunMock
import JobrunModel
import JobrunTestSupport
import Testing

@testable import JobrunHTTP

@Suite struct StreamingTransportTests {
  private static let head = MockStep.head(
    status: 200, headers: ["content-type": "text/event-stream; charset=utf-8", "transfer-encoding": "chunked"])

  private func send(
    _ steps: [MockStep], timeouts: Timeouts = Timeouts()
  ) async throws -> (Result<Answer, AttemptError>, sent: String?) {
    let server = try await MockServer.start(behavior: MockBehavior(script: .scripted([steps]), recordsRequests: true))
    let endpoint = Endpoint(name: "mock", baseURL: server.baseURL)
    let result = try await onLoop { () async -> Result<Answer, AttemptError> in
      let transport = HTTPTransport(endpoint: endpoint, streams: true, options: .test(concurrency: 1))
      do throws(AttemptError) {
        return .success(try await transport.send(request("x"), limits: TimeLimits(timeouts)))
      } catch {
        return .failure(error)
      }
    }
    let sent = server.recordedRequests.first?.text
    await server.stop()
    return (result, sent)
  }

  @Test func `a streamed answer is as an unstreamed one, and its first token is timed`() async throws {
    let (result, sent) = try await send(
      [Self.head] + StreamedReplyTests.chat.split(separator: "\n\n").map { .chunk($0 + "\n\n") } + [.chunk("")])
    let answer = try result.get()
    #expect(String(decoding: answer.reply.text, as: UTF8.self) == "Bonjour \"x\" \u{1F600}!")
    #expect(answer.usage == TokenUsage(input: 3, output: 4, total: 7))
    #expect(answer.reply.finishReason == "stop")
    let first = try #require(answer.firstToken)
    #expect(first <= answer.latency)
    #expect(answer.body.starts(with: Array("{\"id\":\"c1\"".utf8)))
    #expect(
      sent
        == #"{"messages":[{"content":"x","role":"user"}],"model":"m","stream":true,"stream_options":{"include_usage":true}}"#
    )
  }

  @Test func `a stream without its end is a failure that keeps the text`() async throws {
    let (result, _) = try await send([Self.head, .chunk(String(StreamedReplyTests.chat.prefix(700))), .chunk("")])
    let error = #expect(throws: AttemptError.self) { try result.get() }
    #expect(error?.errorClass == .network)
    #expect(error?.code == "stream_cut")
    #expect(error?.dispatched == .yes)
    #expect(error?.body.map { String(decoding: $0, as: UTF8.self) }?.contains("Bon") == true)
  }

  @Test func `a connection that is cut behind the stream's end costs nothing`() async throws {
    let (result, _) = try await send([Self.head, .chunk(StreamedReplyTests.chat), .reset])
    #expect(try result.get().reply.finishReason == "stop")
  }

  @Test func `a connection that is not ended behind the stream's end costs no answer`() async throws {
    var timeouts = Timeouts()
    timeouts.idle = .milliseconds(100)
    let (result, _) = try await send([Self.head, .chunk(StreamedReplyTests.chat), .stall], timeouts: timeouts)
    #expect(try result.get().reply.finishReason == "stop")
  }

  @Test func `a stream with an event that is no JSON is no answer: text may be missing`() async throws {
    let damaged = StreamedReplyTests.chat.replacing(#"{"content":"Bon"},"#, with: #"{"content":"Bon},"#)
    let (result, _) = try await send([Self.head, .chunk(damaged), .chunk("")])
    let error = #expect(throws: AttemptError.self) { try result.get() }
    #expect(error?.errorClass == .badResponse)
    #expect(error?.code == "stream_damaged")
    #expect(error?.body.map { String(decoding: $0, as: UTF8.self) }?.contains("jour") == true)
  }

  @Test func `a server that does not stream is read all the same`() async throws {
    let (result, _) = try await send([.respond(.completion("hi"))])
    let answer = try result.get()
    #expect(String(decoding: answer.reply.text, as: UTF8.self) == "hi")
    #expect(answer.firstToken == nil)
  }

  @Test func `comments are no progress`() async throws {
    var timeouts = Timeouts()
    timeouts.idle = .milliseconds(200)
    let (result, _) = try await send(
      [
        Self.head, .chunk("data: {\"choices\":[]}\n\n"),
        .endless([.chunk(": keep-alive\n\n"), .wait(.milliseconds(20))]),
      ],
      timeouts: timeouts)
    let error = #expect(throws: AttemptError.self) { try result.get() }
    #expect(error?.code == "idle_timeout")
  }
}
