internal import CCurl
internal import Glibc
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

  private var options: TransportOptions
  private let configuration: TransferConfiguration
  private var multis: [MultiHandle] = []
  private let api: WireAPI
  /// What is put in the place of a request's last brace, so that its answer streams; nil: it does not.
  private let streamSuffix: [UInt8]?
  private let classifier: Classifier
  private let key: Secret?
  /// As many transfers as there may be connections. Without it libcurl would keep the others waiting inside, where
  /// our time limits already run.
  private let connections: LoopSemaphore
  private var isMultiplexed = false
  private var limitsReadAt: MonotonicInstant?

  /// - Parameters:
  ///   - api: The form of its requests and answers.
  ///   - streams: Answers come as streams of events. What is kept of them is the same as without.
  public init(endpoint: Endpoint, api: WireAPI = .chat, streams: Bool = false, options: TransportOptions) {
    CurlLibrary.initialize()
    let streams = streams && api != .embeddings
    streamSuffix =
      streams
      ? Array((api == .chat ? #","stream":true,"stream_options":{"include_usage":true}}"# : #","stream":true}"#).utf8)
      : nil
    self.options = options
    self.api = api
    key = endpoint.key
    classifier = Classifier(api: api)
    configuration = TransferConfiguration(endpoint: endpoint, api: api, streams: streams, options: options)
    connections = LoopSemaphore(permits: options.connectionsPerHost)
    spreadConnections()
  }

  /// As many multi handles as the connections want; there never are fewer than before.
  private func spreadConnections() {
    let wanted = min(options.concurrency, options.connectionsPerHost)
    let count = max(multis.count, (wanted + Self.connectionsPerMulti - 1) / Self.connectionsPerMulti)
    let share = (wanted + count - 1) / count
    for multi in multis { multi.keep(connections: share) }
    while multis.count < count { multis.append(MultiHandle(configuration: configuration, connections: share)) }
  }

  public func makeRoom(for requests: Int) {
    guard requests > options.concurrency else { return }
    let more = max(0, min(requests, options.mostConnections) - options.connectionsPerHost)
    options.connectionsPerHost += more
    connections.add(permits: isMultiplexed ? more + requests - options.concurrency : more)
    options.concurrency = requests
    spreadConnections()
  }

  public func send(_ body: [UInt8], limits: TimeLimits) async throws(AttemptError) -> Answer {
    if !connections.tryAcquire() {
      guard await connections.acquire() else { throw Self.cancelled }
    }
    let started = MonotonicInstant.now
    let multi = leastLoaded()
    let transfer = multi.takeTransfer()
    let bytes = streamSuffix.map { body.dropLast() + $0 } ?? body
    let result = await withUnsafeContinuation { transfer.start(bytes, limits: limits, at: started, $0) }
    return try outcome(of: transfer, result, multi: multi, started: started, limits: limits)
  }

  /// What a transfer brought, once it has ended. A function of its own, because a request in flight keeps the frame of
  /// `send`, and this one needs a large one.
  @inline(never)
  private func outcome(
    of transfer: Transfer, _ result: TransferResult, multi: MultiHandle, started: MonotonicInstant, limits: TimeLimits
  ) throws(AttemptError) -> Answer {
    let now = MonotonicInstant.now
    let (sentAt, isSent) = (transfer.sentAt ?? started, transfer.sentAt != nil)
    if transfer.isMultiplexed { openForStreams() }
    var (status, headers, body, hasLimits, firstToken) = transfer.takeResponse()
    multi.putBack(transfer)
    connections.release()

    var failure = TransferFailure.error(
      of: result, sent: isSent, status: status, limits: limits, replyLimit: options.maximumReplyBytes)
    if streamSuffix != nil, (200..<300).contains(status), Self.isEventStream(headers) {
      let streamed = StreamedReply(api, body)
      body = streamed.body
      if streamed.isComplete {
        // Nothing is missing, however the transfer ended.
        failure = streamed.isDamaged ? Self.damagedStream : nil
      } else if failure == nil {
        failure = AttemptError(
          .network, code: "stream_cut",
          message: "the stream ended before its answer did, after \(streamed.events) events", dispatched: .yes)
      }
    } else {
      firstToken = nil
    }
    if !body.isEmpty, status == 0 || (200..<300).contains(status) { failure?.body = body }
    if let failure { throw redacted(failure) }
    switch reply(status: status, headers: headers, body: body) {
    case .success(let (fields, repaired)):
      return Answer(
        status: status, headers: headers, body: body, repairedBody: repaired, reply: fields, api: api,
        latency: sentAt.duration(to: now), firstToken: firstToken.map { sentAt.duration(to: $0) },
        limits: hasLimits ? newLimits(in: headers, at: now) : nil)
    case .failure(var error):
      if !body.isEmpty { error.body = body }
      throw redacted(error)
    }
  }

  /// A server may answer without a stream in spite of the request.
  private static func isEventStream(_ headers: [UInt8]) -> Bool {
    HeaderBlock(headers)["content-type"]?.lowercased().hasPrefix("text/event-stream") == true
  }

  public func read(_ stored: StoredAnswer) throws(AttemptError) -> Answer {
    let (fields, repaired) = try reply(status: stored.status, headers: stored.headers, body: stored.body).get()
    return Answer(
      status: stored.status, headers: stored.headers, body: stored.body, repairedBody: repaired, reply: fields,
      api: api, latency: stored.latency)
  }

  /// What an HTTP answer says, its body mended where a part of it is no Unicode.
  private func reply(
    status: Int, headers: [UInt8], body: [UInt8]
  ) -> Result<(ReplyFields, repaired: [UInt8]?), AttemptError> {
    let verdict = classifier.classify(status: status, headers: headers, body: body, wallClock: WallClock.now)
    if case .failure(let error) = verdict, error.errorClass == .badResponse, let repaired = JSONRepair.repaired(body) {
      return classifier.classify(status: status, headers: headers, body: repaired, wallClock: WallClock.now)
        .map { ($0, repaired) }
    }
    return verdict.map { ($0, nil) }
  }

  /// What an answer's headers say of the limits. Of many answers in the same millisecond one is enough: each tells what
  /// is left after it.
  private func newLimits(in headers: [UInt8], at now: MonotonicInstant) -> ReportedLimits? {
    if let last = limitsReadAt, last.duration(to: now) < .milliseconds(1) { return nil }
    limitsReadAt = now
    return RateLimitHeaders.limits(in: headers, now: nil)
  }

  public func cancelAll() {
    connections.close()
    for multi in multis { multi.endAll(with: .cancelled) }
  }

  public func failAll() {
    for multi in multis { multi.endAll(with: .suspended) }
  }

  /// Connections opened so far.
  public var connectionsOpened: Int { multis.reduce(0) { $0 + $1.connectionsOpened } }

  /// The server speaks HTTP/2: one connection carries many requests, and the number of connections is no limit.
  private func openForStreams() {
    guard !isMultiplexed else { return }
    isMultiplexed = true
    connections.add(permits: options.concurrency)
  }

  private static let damagedStream = AttemptError(
    .badResponse, status: 200, code: "stream_damaged",
    message: "an event in the middle of the stream is no JSON object",
    dispatched: .yes)

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
    error.code = error.code.map { key.redacted($0) }
    if let body = error.body.map({ String(decoding: $0, as: UTF8.self) }), key.redacted(body) != body {
      error.body = Array(key.redacted(body).utf8)
    }
    return error
  }
}

/// The time of day, for the dates in headers.
enum WallClock {
  /// Seconds since 1970.
  static var now: Double {
    var time = timespec()
    clock_gettime(CLOCK_REALTIME, &time)
    return Double(time.tv_sec) + Double(time.tv_nsec) / 1e9
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
