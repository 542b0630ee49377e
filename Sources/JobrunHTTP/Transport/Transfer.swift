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
  /// The reply was longer than allowed.
  case tooLarge
  /// A reused connection died before the reply, and libcurl was about to send the request a second time.
  case resendRefused
  /// Every other failure, with whether the request had gone out.
  case failed(CURLcode, sent: Bool, detail: String)
}

enum TransferPhase {
  case connecting, waiting
}

/// One easy handle, used again and again; what it does for one request.
///
/// The phases follow one another: connecting (name look-up, TCP, TLS) → waiting (the request is on its way) → ended.
@Loop
final class Transfer: TimerTarget {
  let easy: UnsafeMutableRawPointer
  private unowned let multi: MultiHandle
  private let maximumReplyBytes: Int
  private let errorText: UnsafeMutablePointer<CChar>
  private var requestBody = RequestBuffer()

  private var phase = TransferPhase.connecting
  private var connectDeadline = MonotonicInstant(nanoseconds: 0)
  private var totalDeadline = MonotonicInstant(nanoseconds: 0)
  private var timer: TimerID?
  private var continuation: UnsafeContinuation<TransferResult, Never>?
  private var refusedResend = false
  private var isTooLarge = false
  private var headers: [UInt8] = []
  private var body: [UInt8] = []
  /// When the request went out; nil while it has not.
  private(set) var sentAt: MonotonicInstant?

  init(multi: MultiHandle, configuration: TransferConfiguration) {
    guard let easy = curl_easy_init() else { fatalError("out of memory") }
    self.easy = easy
    self.multi = multi
    maximumReplyBytes = configuration.maximumReplyBytes
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
    _ = jr_easy_set_header(
      easy,
      { bytes, size, count, context in
        Loop.assumeIsolated { Transfer.from(context).received(header: UnsafeRawBufferPointer(start: bytes, count: size * count)) }
        return size * count
      }, context)
    _ = jr_easy_set_write(
      easy,
      { bytes, size, count, context in
        let taken = Loop.assumeIsolated {
          Transfer.from(context).received(body: UnsafeRawBufferPointer(start: bytes, count: size * count))
        }
        return taken ? size * count : 0
      }, context)
    // A connection may outlive its first transfer, so its close callback belongs to the multi handle.
    _ = jr_easy_set_close(
      easy,
      { context, socket in
        Loop.assumeIsolated { Unmanaged<MultiHandle>.fromOpaque(context!).takeUnretainedValue().closing(socket) }
        return close(socket)
      }, Unmanaged.passUnretained(multi).toOpaque())
  }

  isolated deinit {
    curl_easy_cleanup(easy)
    errorText.deallocate()
  }

  nonisolated private static func from(_ context: UnsafeMutableRawPointer?) -> Transfer {
    // Safety: the context is the transfer that set the callback.
    Unmanaged<Transfer>.fromOpaque(context!).takeUnretainedValue()
  }

  // MARK: One request

  /// Sends `bytes` and waits for the end, whatever it is. Not to be called again before that.
  func perform(_ bytes: [UInt8], timeouts: Timeouts) async -> TransferResult {
    headers.removeAll(keepingCapacity: true)
    body = []
    errorText.pointee = 0
    phase = .connecting
    refusedResend = false
    isTooLarge = false
    sentAt = nil
    requestBody.fill(bytes)
    _ = jr_easy_set_body(easy, requestBody.start, curl_off_t(bytes.count))
    let now = MonotonicInstant.now
    totalDeadline = now.advanced(by: timeouts.total)
    connectDeadline = min(totalDeadline, now.advanced(by: timeouts.connect))
    timer = Reactor.shared.schedule(self, at: connectDeadline)
    return await withUnsafeContinuation { continuation in
      self.continuation = continuation
      let code = multi.start(self)
      if code != CURLM_OK { end(with: .failed(CURLE_FAILED_INIT, sent: false, detail: "libcurl: \(code.rawValue)")) }
    }
  }

  /// Ends the request. Outside of libcurl's callbacks only.
  func end(with result: TransferResult) {
    guard let continuation = continuation.take() else { return }
    if let timer = timer.take() { Reactor.shared.cancel(timer) }
    let outcome = refined(result)
    multi.remove(self)
    continuation.resume(returning: outcome)
  }

  private func refined(_ result: TransferResult) -> TransferResult {
    guard case .completed(let code) = result, code != CURLE_OK else { return result }
    if refusedResend { return .resendRefused }
    if isTooLarge { return .tooLarge }
    let detail = errorText.pointee == 0 ? String(cString: curl_easy_strerror(code)) : String(cString: errorText)
    return .failed(code, sent: sentAt != nil, detail: detail)
  }

  /// The response, moved out. To be called once, after `perform`.
  func takeResponse() -> (status: Int, headers: [UInt8], body: [UInt8]) {
    defer {
      body = []
      requestBody.shrink()
    }
    return (jr_easy_get_long(easy, CURLINFO_RESPONSE_CODE), headers, body)
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
    phase = .waiting
    return true
  }

  private func received(header line: UnsafeRawBufferPointer) {
    // Each response begins with its status line; only the last one's headers count (after 100, 103, CONNECT).
    if line.count > 4, line[0] == UInt8(ascii: "H"), line[4] == UInt8(ascii: "/") {
      headers.removeAll(keepingCapacity: true)
    } else if line.count > 2, headers.count < 256 << 10 {
      headers.append(contentsOf: line)
    }
  }

  /// - Returns: false where the reply is too long, which ends the transfer.
  private func received(body part: UnsafeRawBufferPointer) -> Bool {
    guard body.count + part.count <= maximumReplyBytes else {
      isTooLarge = true
      return false
    }
    body.append(contentsOf: part)
    return true
  }

  // MARK: Time

  func timerFired() {
    timer = nil
    let deadline = phase == .connecting ? connectDeadline : totalDeadline
    if MonotonicInstant.now >= deadline {
      end(with: .timedOut(deadline == totalDeadline ? .waiting : .connecting))
    } else {
      timer = Reactor.shared.schedule(self, at: deadline)
    }
  }
}
