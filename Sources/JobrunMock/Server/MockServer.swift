import NIOCore
import NIOHTTP1
import NIOPosix

/// An OpenAI-compatible server in this process, on threads of its own.
///
/// It knows the chat, responses, messages and embeddings APIs and the models (`MockAPI`), with or without `/v1`, and
/// the paths of Azure; what it does is its `MockBehavior`. Its counters may be read from anywhere while it runs.
public final class MockServer: Sendable {
  public let host: String
  public let port: Int
  private let group: MultiThreadedEventLoopGroup
  private let counters: MockCounters
  private let gate: AdmissionGate?

  private init(
    host: String, port: Int, group: MultiThreadedEventLoopGroup, counters: MockCounters, gate: AdmissionGate?
  ) {
    self.host = host
    self.port = port
    self.group = group
    self.counters = counters
    self.gate = gate
  }

  /// Starts a server; it accepts connections when this returns.
  ///
  /// - Parameters:
  ///   - port: 0 takes a free one.
  ///   - threads: Event loops; connections are spread over them in turn.
  public static func start(
    behavior: MockBehavior, host: String = "127.0.0.1", port: Int = 0, threads: Int = 1
  ) async throws(MockServerError) -> MockServer {
    let group = MultiThreadedEventLoopGroup(numberOfThreads: max(1, threads))
    let counters = MockCounters()
    let gate = AdmissionGate(behavior)
    let bootstrap = ServerBootstrap(group: group)
      .serverChannelOption(.backlog, value: 4096)
      .serverChannelOption(.socketOption(.so_reuseaddr), value: 1)
      .serverChannelOption(.maxMessagesPerRead, value: 64)
      .childChannelOption(.tcpOption(.tcp_nodelay), value: 1)
      .childChannelInitializer { channel in
        channel.eventLoop.makeCompletedFuture {
          try channel.pipeline.syncOperations.addHandlers([
            ByteToMessageHandler(HTTPRequestDecoder(leftOverBytesStrategy: .dropBytes)),
            Connection(behavior: behavior, counters: counters, gate: gate),
          ])
        }
      }
    do {
      let channel = try await bootstrap.bind(host: host, port: port).get()
      return MockServer(
        host: host, port: channel.localAddress?.port ?? port, group: group, counters: counters, gate: gate)
    } catch {
      try? await group.shutdownGracefully()
      throw MockServerError(message: "cannot listen on \(host):\(port): \(error)")
    }
  }

  /// Runs `body` with a server that is stopped afterwards, whatever happens.
  public static func run<Result>(
    _ behavior: MockBehavior = MockBehavior(), threads: Int = 1, _ body: (MockServer) async throws -> Result
  ) async throws -> Result {
    let server = try await start(behavior: behavior, threads: threads)
    do {
      let result = try await body(server)
      await server.stop()
      return result
    } catch {
      await server.stop()
      throw error
    }
  }

  /// Closes all connections and ends the threads. A second call does nothing.
  public func stop() async {
    counters.stop()
    try? await group.shutdownGracefully()
  }

  /// What goes before `/chat/completions`.
  public var baseURL: String { "http://\(host):\(port)/v1" }

  /// Complete requests, also those that got an error or no answer.
  public var requestsReceived: Int { counters.requestsReceived }
  /// Answers that were written to their end, errors and scripts included.
  public var responsesSent: Int { counters.responsesSent }
  /// Answers 429 and 503, by limits or by `MockBehavior.errors`; scripts and faults do not count.
  public var requestsRefused: Int { counters.requestsRefused }
  /// The tokens that accepted requests were charged, over all models; 0 where the behaviour enforces nothing.
  public var usedTokens: Int { gate?.usedTokens ?? 0 }
  /// The accepted requests in their order, where `MockBehavior.recordsAcceptances` is set.
  public var acceptances: [MockAcceptance] { gate?.acceptances ?? [] }
  public var connectionsAccepted: Int { counters.connectionsAccepted }
  public var connectionsOpen: Int { counters.connectionsOpen }
  /// Requests whose answer is not out yet.
  public var inFlight: Int { counters.inFlight }
  /// The most that `inFlight` has been.
  public var inFlightMaximum: Int { counters.inFlightMaximum }
  /// Every request in the order of its ordinal, where `MockBehavior.recordsRequests` is set.
  public var recordedRequests: [MockRequest] { counters.recordedRequests.sorted { $0.ordinal < $1.ordinal } }
  /// Requests by body or header, as `MockBehavior.counts` says.
  public var requestCounts: [String: Int] { counters.requestCounts }

  /// Waits until so many complete requests have been received; returns early when the server stops or the task is
  /// cancelled.
  public func requests(atLeast count: Int) async { await counters.requests(atLeast: count) }
}

/// The server could not be started.
public struct MockServerError: Error, Sendable, Equatable, CustomStringConvertible {
  public var message: String
  public var description: String { message }
}
