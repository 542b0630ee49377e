/// A request as the script rendered it: the bytes are the answer's identity.
public struct ChatRequest: Sendable {
  /// The JSON body exactly as it goes out.
  public var body: [UInt8]
  /// The model that the body names, for the statistics.
  public var model: String

  public init(body: [UInt8], model: String) {
    self.body = body
    self.model = model
  }
}

/// Tokens as the provider counted them.
public struct TokenUsage: Sendable, Equatable {
  public var input: Int
  public var output: Int
  /// The part of `input` that came from the provider's cache.
  public var cached: Int
  public var total: Int

  public init(input: Int = 0, output: Int = 0, cached: Int = 0, total: Int = 0) {
    self.input = input
    self.output = output
    self.cached = cached
    self.total = total
  }
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
  public var status: Int
  /// The header lines as they came, separated by CRLF, without the status line.
  public var headers: [UInt8]
  public var body: [UInt8]
  public var reply: ReplyFields
  /// From the send to the last byte.
  public var latency: Duration
  /// HTTP tries it took, from 1.
  public var attempts: Int

  public init(
    status: Int, headers: [UInt8], body: [UInt8], reply: ReplyFields, latency: Duration, attempts: Int = 1
  ) {
    self.status = status
    self.headers = headers
    self.body = body
    self.reply = reply
    self.latency = latency
    self.attempts = attempts
  }
}
