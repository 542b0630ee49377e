/// A request as the script rendered it: the bytes are the answer's identity.
public struct ChatRequest: Sendable {
  /// The JSON body exactly as it goes out.
  public var body: [UInt8]
  /// The model that is asked, as the job calls it: a key of `models`, or the name in the body.
  public var model: String
  /// The output tokens that the body allows, all choices together; nil where it does not say.
  public var maximumOutputTokens: Int?
  /// The same request to other models, to be asked in this order where the one before is out or gave up.
  public var fallbacks: [ChatRequest] = []
  /// What tells it from other requests in the journal. Set by the executor.
  public var identity: RequestIdentity?

  public init(body: [UInt8], model: String, maximumOutputTokens: Int? = nil) {
    self.body = body
    self.model = model
    self.maximumOutputTokens = maximumOutputTokens
  }

  /// The request that goes to `model`: this one, or one of its fallbacks.
  public func request(to model: String) -> ChatRequest {
    model == self.model ? self : fallbacks.first { $0.model == model } ?? self
  }
}

/// Tokens as the provider counted them.
public struct TokenUsage: Sendable, Equatable {
  public var input: Int
  public var output: Int
  /// The part of `input` that came from the provider's cache.
  public var cached: Int
  /// The part of `output` that the model thought with.
  public var reasoning: Int
  public var total: Int

  public init(input: Int = 0, output: Int = 0, cached: Int = 0, reasoning: Int = 0, total: Int = 0) {
    self.input = input
    self.output = output
    self.cached = cached
    self.reasoning = reasoning
    self.total = total
  }

  /// What no model takes or gives in one request: a number beyond is a mistake of the provider's.
  private static let most = 100_000_000

  public var isPlausible: Bool { (0...Self.most).contains(input) && (0...Self.most).contains(output) }
}

/// The fields of a reply that every wire format has, read out of the raw body once.
public struct ReplyFields: Sendable, Equatable {
  /// The answer's text; empty where there is none.
  public var text: [UInt8]
  public var finishReason: String?
  public var refusal: String?
  /// Nil where the provider sent none.
  public var usage: TokenUsage?

  public init(text: [UInt8], finishReason: String? = nil, refusal: String? = nil, usage: TokenUsage? = nil) {
    self.text = text
    self.finishReason = finishReason
    self.refusal = refusal
    self.usage = usage
  }
}

/// A paid answer: the raw bytes first, what was read out of them second.
public struct Answer: Sendable {
  /// What came over the wire, behind a reference: answers are handed from frame to frame.
  private let received: Received
  /// The model that answered, as the job calls it. Set by the executor, as the next two are.
  public var model = ""
  /// HTTP tries it took, from 1.
  public var attempts = 1
  /// What it cost in US dollars; nil where the model's price is not known.
  public var costUSD: Double?
  /// It was bought in an earlier run, or for another item.
  public var isFromJournal = false

  /// - Parameters:
  ///   - headers: The header lines as they came, separated by CRLF, without the status line.
  ///   - repairedBody: The body as it can be read, where a part of it was no Unicode; nil where all of it is.
  ///   - api: The form in which it came.
  ///   - latency: From the send to the last byte.
  ///   - limits: What the headers say of the limits; nil where they say nothing.
  public init(
    status: Int, headers: [UInt8], body: [UInt8], repairedBody: [UInt8]? = nil, reply: ReplyFields,
    api: WireAPI = .chat, latency: Duration, firstToken: Duration? = nil, limits: ReportedLimits? = nil
  ) {
    received = Received(
      status: status, headers: headers, body: body, repairedBody: repairedBody, reply: reply, api: api,
      latency: latency, firstToken: firstToken, limits: limits)
  }

  public var status: Int { received.status }
  public var headers: [UInt8] { received.headers }
  public var body: [UInt8] { received.body }
  /// The body to decode.
  public var json: [UInt8] { received.repairedBody ?? received.body }
  public var reply: ReplyFields { received.reply }
  /// The form of `body`.
  public var api: WireAPI { received.api }
  public var usage: TokenUsage? { received.reply.usage }
  public var latency: Duration { received.latency }
  /// From the send to the first piece of a streamed answer; nil where it was not streamed.
  public var firstToken: Duration? { received.firstToken }
  public var limits: ReportedLimits? { received.limits }

  private final class Received: Sendable {
    let status: Int
    let headers: [UInt8]
    let body: [UInt8]
    let repairedBody: [UInt8]?
    let reply: ReplyFields
    let api: WireAPI
    let latency: Duration
    let firstToken: Duration?
    let limits: ReportedLimits?

    init(
      status: Int, headers: [UInt8], body: [UInt8], repairedBody: [UInt8]?, reply: ReplyFields, api: WireAPI,
      latency: Duration, firstToken: Duration?, limits: ReportedLimits?
    ) {
      self.status = status
      self.headers = headers
      self.body = body
      self.repairedBody = repairedBody
      self.reply = reply
      self.api = api
      self.latency = latency
      self.firstToken = firstToken
      self.limits = limits
    }
  }
}
