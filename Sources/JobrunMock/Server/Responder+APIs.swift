import NIOCore
import NIOHTTP1

/// What is no plain chat request: keys, paths, the other APIs, streams.
extension Responder {
  mutating func answer(to received: ReceivedRequest, path: Substring, closes: Bool) -> Answer {
    let (method, uri) = (received.head.method.rawValue, received.head.uri)
    let named = MockAPI.named(by: path)
    let isAnthropic = named?.api.isAnthropic ?? false || received.head.headers.contains(name: "anthropic-version")
    func refuse(_ response: MockResponse) -> Answer {
      whole(isAnthropic ? response.asAnthropic(ordinal: received.ordinal) : response, closes: closes)
    }
    if let key = behavior.requiredKey, !received.hasKey(key) { return refuse(.wrongKey) }
    guard let (api, deployment) = named else { return refuse(.unknownURL(method: method, uri: uri)) }
    guard method == api.method else { return refuse(.wrongMethod(method, api: api, uri: uri)) }
    switch api {
    case .models: return whole(isAnthropic ? .anthropicModels : .models, closes: closes)
    case .model(let name): return whole(isAnthropic ? .anthropicModel(name) : .model(name), closes: closes)
    case .chat:
      // Azure's deployment stands for the model, so the plain answer will not do there.
      if deployment != nil { return text(.chat, received, deployment: deployment, closes: closes) }
      var buffer = ByteBuffer()
      let delay = received.body.withUnsafeReadableBytes { chat(received, $0, closes: closes, into: &buffer) }
      return delay.map { (buffer, $0, []) } ?? text(.chat, received, deployment: nil, closes: closes)
    default: return text(api, received, deployment: deployment, closes: closes)
    }
  }

  /// The answer to a request whose body must be understood as a whole.
  mutating func text(_ api: MockAPI, _ received: ReceivedRequest, deployment: String?, closes: Bool) -> Answer {
    func refuse(_ response: MockResponse) -> Answer {
      whole(api.isAnthropic ? response.asAnthropic(ordinal: received.ordinal) : response, closes: closes)
    }
    let prepared: Prepared
    do throws(TextRequest.Problem) {
      prepared = try prepare(api, received, deployment: deployment)
    } catch {
      return refuse(.error(status: 400, message: error.message, param: error.param, code: error.code))
    }
    var headers: MockHeaders = [
      api.isAnthropic ? "request-id" : "x-request-id": "req_mock_\(received.ordinal)"
    ]
    if let gate {
      ended()  // A script may answer more than once.
      let admission = gate.admit(
        model: prepared.model, tokens: prepared.tokens(behavior), ordinal: received.ordinal,
        isAnthropic: api.isAnthropic)
      headers = headers + admission.headers
      if let refusal = admission.refusal {
        counters.requestRefused()
        return refuse(refusal)
      }
      isAdmitted = true
    }
    let delay = behavior.latency.delay(ordinal: received.ordinal, seed: behavior.seed)
    func late(_ response: MockResponse) -> Answer {
      let answer = whole(response.with(headers), closes: closes)
      return (answer.bytes, delay, [])
    }
    if let error = behavior.errors.drawn(ordinal: received.ordinal, seed: behavior.seed) {
      if error.status == 429 || error.status == 503 { counters.requestRefused() }
      // Its header field is the one of `headers`.
      return late(api.isAnthropic ? error.asAnthropic(ordinal: received.ordinal, hasID: false) : error)
    }
    if case .custom(let respond) = behavior.reply { return late(respond(received.request)) }
    guard let stream = prepared.stream(chunks: behavior.chunks, ordinal: received.ordinal) else {
      let json: MockHeaders = ["content-type": "application/json"]
      return late(MockResponse(status: 200, headers: json, body: prepared.body(ordinal: received.ordinal)))
    }
    var buffer = ByteBuffer()
    MockResponse.writeStreamHead(headers, closes: closes, into: &buffer)
    // The head leaves with the first delta.
    return (buffer, delay / 3, stream.steps(over: delay * 2 / 3))
  }

  /// What a fault does to a request that wants a stream: the stream breaks in its middle, as the fault ends.
  ///
  /// - Returns: Nil where nothing is streamed, or the fault comes before any byte.
  func spoiledStream(for received: ReceivedRequest, fault: [MockStep]) -> [MockStep]? {
    guard received.head.method == .POST, let (api, deployment) = MockAPI.named(by: received.path),
      let prepared = try? prepare(api, received, deployment: deployment),
      let stream = prepared.stream(chunks: behavior.chunks, ordinal: received.ordinal)
    else { return nil }
    let ending: EventStream.Ending
    var last: [MockStep] = []
    switch (fault.count, fault.last) {
    case (1, .respond(let response)) where response.isErrorEvent: ending = .error
    case (1, .respond(let response)) where response.status == 200: ending = .cut
    case (2..., .close), (2..., .reset), (2..., .stall):
      ending = .cut
      last = fault.suffix(1)
    default: return nil
    }
    var buffer = ByteBuffer()
    MockResponse.writeStreamHead([:], closes: false, into: &buffer)
    let steps = stream.steps(over: .zero, ending: ending, isTerminated: last.isEmpty)
    return [.bytes(Array(buffer.readableBytesView))] + steps + last
  }

  private func prepare(
    _ api: MockAPI, _ received: ReceivedRequest, deployment: String?
  ) throws(TextRequest.Problem) -> Prepared {
    let scanned = received.body.withUnsafeReadableBytes { bytes in
      Result { () throws(JSONScanner.Malformed) in try JSONValue(scanning: bytes) }
    }
    let body: JSONValue
    switch scanned {
    case .success(let value): body = value
    case .failure(let error):
      throw TextRequest.Problem(
        message: "We could not parse the JSON body of your request: it is not valid JSON (at byte \(error.offset)).")
    }
    if api == .embeddings {
      return .embeddings(try Embeddings(body, deployment: deployment, dimensions: behavior.dimensions))
    }
    let request = try TextRequest(body, api: api, deployment: deployment)
    let echo = if case .echo = behavior.reply { true } else { false }
    return .text(api, request, TextAnswer(request, echo: echo))
  }

  private func whole(_ response: MockResponse, closes: Bool) -> Answer {
    var buffer = ByteBuffer()
    response.write(into: &buffer, closes: closes)
    return (buffer, .zero, [])
  }
}

/// A request that was understood, with its answer.
private enum Prepared {
  case text(MockAPI, TextRequest, TextAnswer)
  case embeddings(Embeddings)

  var model: String {
    switch self {
    case .text(_, let request, _): request.model
    case .embeddings(let embeddings): embeddings.model
    }
  }

  /// What the request is charged.
  func tokens(_ behavior: MockBehavior) -> Int {
    switch self {
    case .embeddings(let embeddings): return embeddings.promptTokens
    case .text(.countTokens, _, _): return 0
    case .text(_, let request, let answer):
      let isCustom = if case .custom = behavior.reply { true } else { false }
      guard isCustom || behavior.limits?.tokenCharge == .estimate else {
        return answer.promptTokens + answer.completionTokens
      }
      // Clamped: a sum beyond the range would trap.
      return answer.promptTokens + min(max(0, request.maximumTokens ?? 0), 1 << 40)
    }
  }

  func body(ordinal: Int) -> String {
    switch self {
    case .embeddings(let embeddings): embeddings.body
    case .text(.countTokens, _, let answer): #"{"input_tokens":\#(answer.promptTokens)}"#
    case .text(.responses, let request, let answer):
      ResponsesFormat(request: request, answer: answer, ordinal: ordinal).body
    case .text(.messages, let request, let answer):
      MessagesFormat(request: request, answer: answer, ordinal: ordinal).body
    case .text(_, let request, let answer): ChatFormat(request: request, answer: answer, ordinal: ordinal).body
    }
  }

  /// Nil where the request asks for none.
  func stream(chunks: Int?, ordinal: Int) -> EventStream? {
    guard case .text(let api, let request, let answer) = self, request.isStreaming else { return nil }
    let pieces = answer.pieces(chunks)
    return switch api {
    case .countTokens: nil
    case .responses: ResponsesFormat(request: request, answer: answer, ordinal: ordinal).stream(pieces: pieces)
    case .messages: MessagesFormat(request: request, answer: answer, ordinal: ordinal).stream(pieces: pieces)
    default: ChatFormat(request: request, answer: answer, ordinal: ordinal).stream(pieces: pieces)
    }
  }
}

extension ReceivedRequest {
  /// Whether it has this key, in the header of any provider.
  fileprivate func hasKey(_ key: String) -> Bool {
    head.headers.first(name: "authorization") == "Bearer \(key)" || head.headers.first(name: "x-api-key") == key
      || head.headers.first(name: "api-key") == key
  }
}
