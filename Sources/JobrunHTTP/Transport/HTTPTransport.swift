internal import CCurl
public import JobrunModel
internal import JobrunReactor

/// Sends chat requests over libcurl, on the loop.
///
/// One `send` is at most one request on the wire. Connections are kept and used again; where there are many, they are
/// spread over several multi handles, because libcurl's cost grows with the connections of one.
@Loop
public final class HTTPTransport: ChatTransport {
  /// Connections that one multi handle carries well (measured: see docs/decisions/0001).
  private static let connectionsPerMulti = 128

  private let options: TransportOptions
  private let configuration: TransferConfiguration
  private let multis: [MultiHandle]
  private let classifier = Classifier()
  private let key: Secret?
  /// As many transfers as there may be connections. Without it libcurl would keep the others waiting inside, where
  /// our time limits already run.
  private let connections: LoopSemaphore
  private var isMultiplexed = false

  public init(endpoint: Endpoint, options: TransportOptions) {
    CurlLibrary.initialize()
    self.options = options
    key = endpoint.key
    configuration = TransferConfiguration(endpoint: endpoint, options: options)
    connections = LoopSemaphore(permits: options.connectionsPerHost)
    let wanted = min(options.concurrency, options.connectionsPerHost)
    let count = (wanted + Self.connectionsPerMulti - 1) / Self.connectionsPerMulti
    let share = (wanted + count - 1) / count
    let configuration = configuration
    multis = (0..<count).map { _ in MultiHandle(configuration: configuration, connections: share) }
  }

  public func send(_ request: ChatRequest) async throws(AttemptError) -> Answer {
    if !connections.tryAcquire() {
      guard await connections.acquire() else { throw Self.cancelled }
    }
    let started = MonotonicInstant.now
    let multi = leastLoaded()
    let transfer = multi.takeTransfer()
    let result = await transfer.perform(request.body)
    let latency = (transfer.sentAt ?? started).duration(to: .now)
    if transfer.isMultiplexed { openForStreams() }
    let (status, headers, body) = transfer.takeResponse()
    multi.putBack(transfer)
    connections.release()

    let failure = TransferFailure.error(
      of: result, status: status, timeouts: options.timeouts, limit: options.maximumReplyBytes)
    if let failure { throw redacted(failure) }
    switch classifier.classify(status: status, body: body) {
    case .success(let reply):
      return Answer(status: status, headers: headers, body: body, reply: reply, latency: latency)
    case .failure(let error):
      throw redacted(error)
    }
  }

  public func cancelAll() {
    connections.close()
    for multi in multis { multi.cancelAll() }
  }

  /// Connections opened so far.
  public var connectionsOpened: Int { multis.reduce(0) { $0 + $1.connectionsOpened } }

  /// The server speaks HTTP/2: one connection carries many requests, and the number of connections is no limit.
  private func openForStreams() {
    guard !isMultiplexed else { return }
    isMultiplexed = true
    connections.add(permits: options.concurrency)
  }

  private static let cancelled = AttemptError(
    .network, code: "cancelled", message: "cancelled, because the run ends", dispatched: .no)

  private func leastLoaded() -> MultiHandle {
    var best = multis[0]
    for multi in multis.dropFirst() where multi.inFlight < best.inFlight { best = multi }
    return best
  }

  /// Providers repeat a refused key in their message; ours do not.
  private func redacted(_ error: AttemptError) -> AttemptError {
    guard let key else { return error }
    var error = error
    error.message = key.redacted(error.message)
    return error
  }
}

/// libcurl's global state.
enum CurlLibrary {
  private static let initialized: Void = {
    curl_global_init(Int(CURL_GLOBAL_ALL))
  }()

  static func initialize() { _ = initialized }

  /// `libcurl/7.88.1 …`
  static var version: String { String(cString: curl_version()) }
}
