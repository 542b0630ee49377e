import JobrunModel
import JobrunTestSupport
import Testing

@testable import JobrunHTTP

@Suite struct StreamPaceTests {
  private static let millisecond: Int64 = 1_000_000

  @Test(
    arguments: [(0, 0), (3, 3), (10, 10), (100, 10), (320, 10), (640, 20), (3_200, 100), (60_000, 100)]
      as [(Int64, Int64)])
  func `a pause is as long as the answer took so far, then 10 ms, then a 32nd of it`(elapsed: Int64, pause: Int64) {
    let idle: Int64 = 60_000 * Self.millisecond
    #expect(StreamPace.pause(after: elapsed * Self.millisecond, idle: idle) == pause * Self.millisecond)
  }

  @Test func `a pause is short beside the limit of silence`() {
    #expect(StreamPace.pause(after: 60_000 * Self.millisecond, idle: 80 * Self.millisecond) == 10 * Self.millisecond)
  }

  @Test func `pauses that begin a little apart end together, at most a half early and never late`() {
    let pause = 10 * Self.millisecond
    var ends: Set<Int64> = []
    for start in stride(from: Int64(77_000_000_000), to: 77_010_000_000, by: 100_000) {
      let end = StreamPace.end(of: pause, from: MonotonicInstant(nanoseconds: start)).nanoseconds
      #expect(end > start + pause / 2 && end <= start + pause)
      ends.insert(end)
    }
    #expect(ends.count <= 4)
    #expect(StreamPace.end(of: 0, from: MonotonicInstant(nanoseconds: 77)).nanoseconds <= 77)
  }

  /// A stream of which some is read after a while, and the rest comes in the pause behind that.
  ///
  /// - Parameter act: What happens then.
  private func pausedStream(
    after milliseconds: Int, timeouts: Timeouts = Timeouts(), _ act: @escaping @Loop @Sendable (HTTPTransport) -> Void
  ) async throws -> (Result<Answer, AttemptError>, took: Duration) {
    let transports = AsyncStream.makeStream(of: HTTPTransport.self)
    var task: Task<Result<Answer, AttemptError>, any Error>?
    let start = ContinuousClock.now
    let server = try await HandServer { port in
      task = Task {
        try await onLoop { () async -> Result<Answer, AttemptError> in
          let endpoint = Endpoint(name: "hand", baseURL: "http://127.0.0.1:\(port)/v1")
          let transport = HTTPTransport(endpoint: endpoint, streams: true, options: .test(concurrency: 1))
          transports.continuation.yield(transport)
          do throws(AttemptError) {
            return .success(try await transport.send(request("x"), limits: TimeLimits(timeouts)))
          } catch {
            return .failure(error)
          }
        }
      }
    }
    var transport: HTTPTransport?
    for await made in transports.stream {
      transport = made
      break
    }
    let events = StreamedReplyTests.chat.split(separator: "\n\n").map { $0 + "\n\n" }
    server.write("HTTP/1.1 200 OK\r\ncontent-type: text/event-stream\r\nconnection: keep-alive\r\n")
    server.write("content-length: \(StreamedReplyTests.chat.utf8.count)\r\n\r\n" + events[..<3].joined())
    try await Task.sleep(for: .milliseconds(milliseconds))
    server.write(String(events[3]))
    try await Task.sleep(for: .milliseconds(5))
    server.write(events[4...].joined())
    let took = ContinuousClock.now - start
    let made = try #require(transport)
    try await onLoop { act(made) }
    return try await (#require(task).value, took)
  }

  @Test func `what came in a pause counts when the run is cancelled`() async throws {
    let (result, _) = try await pausedStream(after: 800) { $0.cancelAll() }
    #expect(try result.get().reply.finishReason == "stop")
  }

  @Test func `what came in a pause counts when a time limit is over`() async throws {
    var timeouts = Timeouts()
    timeouts.total = .fixed(.milliseconds(2_412))
    for _ in 0..<5 {
      let (result, took) = try await pausedStream(after: 2_380, timeouts: timeouts) { _ in }
      // On a busy machine the rest may really have come too late.
      if took > .milliseconds(2_395) { continue }
      #expect(try result.get().reply.finishReason == "stop")
      return
    }
  }
}
