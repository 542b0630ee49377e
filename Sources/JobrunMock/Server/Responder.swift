import NIOCore
import NIOHTTP1

/// Decides what a request gets when no script covers it. It waits for nothing and writes to nobody.
struct Responder {
  let behavior: MockBehavior
  let counters: MockCounters
  let gate: AdmissionGate?
  private var completion = CompletionWriter()
  /// Whether the gate has accepted the request that is being answered.
  var isAdmitted = false

  /// - Parameter gate: Nil: nothing is enforced.
  init(behavior: MockBehavior, counters: MockCounters, gate: AdmissionGate?) {
    self.behavior = behavior
    self.counters = counters
    self.gate = gate
  }

  /// The answer is out, or nobody waits for it any more.
  mutating func ended() {
    if isAdmitted { gate?.ended() }
    isAdmitted = false
  }

  /// The answer's first bytes, how long the provider takes for them, and what is played behind them: a stream.
  typealias Answer = (bytes: ByteBuffer, after: Duration, steps: [MockStep])

  mutating func answer(to received: ReceivedRequest, closes: Bool) -> Answer {
    let path = received.path
    guard behavior.requiredKey == nil, received.head.method == .POST, path == "/chat/completions" else {
      return answer(to: received, path: path, closes: closes)
    }
    var answer: Answer = (ByteBuffer(), .zero, [])
    let delay = received.body.withUnsafeReadableBytes { bytes in
      chat(received, bytes, closes: closes, into: &answer.bytes)
    }
    guard let delay else { return text(.chat, received, deployment: nil, closes: closes) }
    answer.after = delay
    return answer
  }

  /// Writes the response to a plain chat request and gives its delay; nil: the request asks for more.
  mutating func chat(
    _ received: ReceivedRequest, _ bytes: UnsafeRawBufferPointer, closes: Bool, into buffer: inout ByteBuffer
  ) -> Duration? {
    let request: ChatRequest
    do throws(ChatRequest.Refusal) {
      request = try ChatRequest(scanning: bytes)
    } catch {
      MockResponse(error).write(into: &buffer, closes: closes)
      return .zero
    }
    if request.asksForMore { return nil }
    let echo = if case .echo = behavior.reply { true } else { false }
    var headers: MockHeaders = [:]
    if let gate {
      ended()  // A script may answer more than once.
      let admission = gate.admit(
        model: request.model.map { JSONText(bytes, $0).decoded } ?? "mock",
        tokens: cost(of: request, bytes, echo: echo),
        ordinal: received.ordinal)
      headers = admission.headers
      if let refusal = admission.refusal {
        counters.requestRefused()
        refusal.write(into: &buffer, closes: closes)
        return .zero
      }
      isAdmitted = true
    }
    if let error = behavior.errors.drawn(ordinal: received.ordinal, seed: behavior.seed) {
      if error.status == 429 || error.status == 503 { counters.requestRefused() }
      error.with(headers).write(into: &buffer, closes: closes)
    } else if case .custom(let respond) = behavior.reply {
      respond(received.request).with(headers).write(into: &buffer, closes: closes)
    } else {
      completion.write(
        answering: request, bytes, echo: echo, ordinal: received.ordinal, closes: closes, headers: headers,
        into: &buffer)
    }
    return behavior.latency.delay(ordinal: received.ordinal, seed: behavior.seed)
  }

  /// The tokens that a request is charged.
  private func cost(of request: ChatRequest, _ bytes: UnsafeRawBufferPointer, echo: Bool) -> Int {
    let prompt = CompletionWriter.tokens(ofCharacters: request.characters)
    let isCustom = if case .custom = behavior.reply { true } else { false }
    if isCustom || behavior.limits?.tokenCharge == .estimate {
      // Clamped: a sum beyond the range would trap.
      return prompt + min(max(0, request.maximumTokens ?? 0), 1 << 40)
    }
    return prompt + CompletionWriter.completionTokens(answering: request, bytes, echo: echo)
  }
}

extension MockResponse {
  /// The same with these headers behind its own.
  func with(_ more: MockHeaders) -> Self { Self(status: status, headers: headers + more, body: body) }

  static let wrongKey = Self.error(
    status: 401,
    message: "Incorrect API key provided: sk-****. You can find your API key at "
      + "https://platform.openai.com/account/api-keys.", code: "invalid_api_key")

  static func unknownURL(method: String, uri: String) -> Self {
    .error(status: 404, message: "Invalid URL (\(method) \(uri))")
  }

  /// The answer to a body that the server does not keep.
  static let bodyTooLarge = Self.error(
    status: 413, message: "The request body is larger than the \(Connection.bodyLimit) bytes that the mock reads.")

  /// The answer to bytes that are no HTTP request.
  static let notHTTP = Self.error(
    status: 400, message: "Your browser sent a request that this server did not understand.")
}
