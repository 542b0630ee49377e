internal import CCurl
internal import Glibc
internal import JobrunModel
internal import JobrunReactor

/// How a transfer ended, before anyone judges what it brought.
enum TransferResult {
  /// libcurl is done: the response is whole where the code is `CURLE_OK`.
  case completed(CURLcode)
  /// A limit of ours ended it.
  case timedOut(TransferPhase)
  case cancelled
  /// The machine slept meanwhile, so the connection is dead.
  case suspended
  /// The reply was longer than allowed.
  case tooLarge
  /// A reused connection died before the reply, and libcurl was about to send the request a second time.
  case resendRefused
  /// Every other failure, with whether the request had gone out.
  case failed(CURLcode, sent: Bool, detail: String)
}

/// One easy handle, used again and again; what it does for one request.
///
/// Its time limits are `TransferDeadlines`; one timer looks at them, and what it finds when it fires decides.
@Loop
final class Transfer: EventSource, TimerTarget {
  let easy: UnsafeMutableRawPointer
  private unowned let multi: MultiHandle
  private let response: UnsafeMutablePointer<jr_response>
  private let errorText: UnsafeMutablePointer<CChar>
  private var requestBody = RequestBuffer()

  private var deadlines = TransferDeadlines()
  private var timer: TimerID?
  private lazy var streamReads = StreamReads(transfer: self)
  private var continuation: UnsafeContinuation<TransferResult, Never>?
  private var refusedResend = false
  /// When the request went out; nil while it has not.
  private(set) var sentAt: MonotonicInstant?
  /// The socket that libcurl last spoke of for it; negative: none.
  var lastSocket: curl_socket_t = -1

  init(multi: MultiHandle, configuration: TransferConfiguration) {
    guard let easy = curl_easy_init() else { fatalError("out of memory") }
    self.easy = easy
    self.multi = multi
    response = .allocate(capacity: 1)
    response.initialize(to: jr_response())
    response.pointee.turn = multi.turn
    response.pointee.body_limit = configuration.maximumReplyBytes
    response.pointee.is_stream = configuration.streams ? 1 : 0
    errorText = .allocate(capacity: Int(CURL_ERROR_SIZE))
    errorText.initialize(repeating: 0, count: Int(CURL_ERROR_SIZE))
    configuration.apply(to: easy)
    // Safety: the transfer owns the easy handle and outlives it.
    let context = Unmanaged.passUnretained(self).toOpaque()
    _ = jr_easy_set_pointer(easy, CURLOPT_PRIVATE, context)
    _ = jr_easy_set_pointer(easy, CURLOPT_ERRORBUFFER, errorText)
    _ = jr_easy_set_prereq(
      easy,
      { context, _, _, _, _ in
        Loop.assumeIsolated { Transfer.from(context).aboutToSend() }
          ? Int32(CURL_PREREQFUNC_OK) : Int32(CURL_PREREQFUNC_ABORT)
      }, context)
    _ = jr_easy_set_header(easy, jr_response_header, response)
    _ = jr_easy_set_write(easy, jr_response_body, response)
    // A connection may outlive its first transfer, so its callbacks belong to the multi handle.
    _ = jr_easy_set_open(
      easy,
      { context, _, address in
        guard let address = address?.pointee else { return CURL_SOCKET_BAD }
        let kind = address.socktype | Int32(SOCK_CLOEXEC.rawValue)
        let made = socket(address.family, kind, address.protocol)
        if made >= 0 {
          Loop.assumeIsolated { MultiHandle.from(context).opened(made) }
        }
        return made
      }, Unmanaged.passUnretained(multi).toOpaque())
    _ = jr_easy_set_close(
      easy,
      { context, socket in
        Loop.assumeIsolated { MultiHandle.from(context).closing(socket) }
        return close(socket)
      }, Unmanaged.passUnretained(multi).toOpaque())
  }

  isolated deinit {
    curl_easy_cleanup(easy)
    jr_response_free(response)
    response.deallocate()
    errorText.deallocate()
  }

  nonisolated private static func from(_ context: UnsafeMutableRawPointer?) -> Transfer {
    // Safety: the context is the transfer that set the callback.
    Unmanaged<Transfer>.fromOpaque(context!).takeUnretainedValue()
  }

  // MARK: One request

  /// Sends `bytes`; the continuation is resumed at the end, whatever it is. Not to be called again before that.
  func start(
    _ bytes: [UInt8], limits: TimeLimits, at now: MonotonicInstant,
    _ continuation: UnsafeContinuation<TransferResult, Never>
  ) {
    errorText.pointee = 0
    refusedResend = false
    sentAt = nil
    lastSocket = -1
    requestBody.fill(bytes)
    _ = jr_easy_set_body(easy, requestBody.start, curl_off_t(bytes.count))
    deadlines = TransferDeadlines(limits: limits, bodyBytes: Int64(bytes.count), start: now)
    timer = Reactor.shared.schedule(self, at: deadlines.first)
    self.continuation = continuation
    let code = multi.start(self)
    if code != CURLM_OK { end(with: .failed(CURLE_FAILED_INIT, sent: false, detail: "libcurl: \(code.rawValue)")) }
  }

  /// Ends the request. Outside of libcurl's callbacks only.
  func end(with result: TransferResult) {
    guard let continuation = continuation.take() else { return }
    if let timer = timer.take() { Reactor.shared.cancel(timer) }
    if response.pointee.is_stream != 0 { streamReads.end() }
    let outcome = refined(result)
    multi.remove(self)
    continuation.resume(returning: outcome)
  }

  private func refined(_ result: TransferResult) -> TransferResult {
    guard case .completed(let code) = result, code != CURLE_OK else { return result }
    // A connection that is found dead on that occasion is no failure of its own.
    if let ending = multi.ending { return ending }
    if refusedResend { return .resendRefused }
    if response.pointee.is_too_large != 0 { return .tooLarge }
    let detail = errorText.pointee == 0 ? String(cString: curl_easy_strerror(code)) : String(cString: errorText)
    return .failed(code, sent: sentAt != nil, detail: detail)
  }

  /// The response, copied out. To be called once, after the end.
  func takeResponse() -> (
    status: Int, headers: [UInt8], body: [UInt8], hasLimits: Bool, firstToken: MonotonicInstant?
  ) {
    defer {
      jr_response_clear(response)
      requestBody.shrink()
    }
    return (
      jr_easy_get_long(easy, CURLINFO_RESPONSE_CODE), Self.bytes(of: response.pointee.headers),
      Self.bytes(of: response.pointee.body), response.pointee.has_limits != 0,
      response.pointee.first_token == 0 ? nil : MonotonicInstant(nanoseconds: response.pointee.first_token)
    )
  }

  var isMultiplexed: Bool { jr_easy_get_long(easy, CURLINFO_HTTP_VERSION) >= Int(CURL_HTTP_VERSION_2_0) }

  // MARK: Callbacks of libcurl

  /// Called before each send. libcurl sends a request again by itself when a reused connection turns out dead; the
  /// provider may have taken the first one, so the second is ours to decide.
  private func aboutToSend() -> Bool {
    if sentAt != nil {
      refusedResend = true
      return false
    }
    sentAt = .now
    return true
  }

  private static func bytes(of buffer: jr_buffer) -> [UInt8] {
    [UInt8](UnsafeRawBufferPointer(start: buffer.bytes, count: buffer.count))
  }

  // MARK: Events of its socket

  func ready(_ descriptor: Int32, for readiness: Readiness) {
    var flags: Int32 = 0
    if readiness.contains(.readable) { flags |= CURL_CSELECT_IN }
    if readiness.contains(.writable) { flags |= CURL_CSELECT_OUT }
    if readiness.contains(.error) { flags |= CURL_CSELECT_ERR }
    if response.pointee.is_stream != 0, continuation != nil {
      streamReads.ready(descriptor, flags)
    } else {
      multi.act(descriptor, flags)
    }
  }

  /// Reads what is there of a stream.
  /// - Returns: How many bytes it was, and for how long the socket may be left alone now; nil: the request has ended.
  func read(_ socket: Int32, _ flags: Int32, at now: MonotonicInstant) -> (bytes: Int, pause: Int64?)? {
    let before = response.pointee.body.count
    multi.act(socket, flags)
    guard continuation != nil else { return nil }
    let bytes = response.pointee.body.count - before
    guard let sentAt, response.pointee.first_token != 0 || before > Self.longOpening, !isMultiplexed else {
      return (bytes, nil)
    }
    return (bytes, StreamPace.pause(after: sentAt.duration(to: now).clampedNanoseconds, idle: deadlines.limits.idle))
  }

  /// Bytes of a stream before its first text, at most: what comes before that is read at once, to time it.
  private static let longOpening = 8 << 10

  // MARK: Time

  /// Reads what has come and was left: in a pause of a stream, or while the loop was busy. It may be the end.
  func catchUp() {
    if response.pointee.is_stream != 0 { streamReads.catchUp() }
    if continuation != nil { multi.read(for: self) }
  }

  func timerFired() {
    timer = nil
    if case .over = check() { catchUp() }
    guard continuation != nil else { return }
    switch check() {
    case .over(let phase): end(with: .timedOut(phase))
    case .lookAgain(let next): timer = Reactor.shared.schedule(self, at: next)
    }
  }

  private func check() -> TransferDeadlines.Verdict {
    let progress = TransferProgress(
      sentAt: sentAt, bytesSent: sentAt == nil ? 0 : Int64(jr_easy_get_sent(easy)),
      firstByte: response.pointee.first_byte, lastProgress: response.pointee.last_progress)
    return deadlines.check(progress, at: .now)
  }
}
