/// A whole response. `content-length` is added unless a header of that name, or `transfer-encoding`, is there.
public struct MockResponse: Sendable {
  public var status: Int
  public var headers: MockHeaders
  public var body: [UInt8]

  public init(status: Int, headers: MockHeaders = [:], body: [UInt8]) {
    self.status = status
    self.headers = headers
    self.body = body
  }

  public init(status: Int, headers: MockHeaders = [:], body: String) {
    self.init(status: status, headers: headers, body: Array(body.utf8))
  }

  /// An error in OpenAI's shape.
  public static func error(
    status: Int, headers: MockHeaders = [:], message: String,
    type: String = "invalid_request_error", param: String? = nil, code: String? = nil
  ) -> Self {
    func json(_ text: String?) -> String { text.map { "\"" + JSONText.escaped($0) + "\"" } ?? "null" }
    let body =
      #"{"error":{"message":\#(json(message)),"type":\#(json(type)),"param":\#(json(param)),"code":\#(json(code))}}"#
    return Self(status: status, headers: ["content-type": "application/json"] + headers, body: body)
  }

  /// An error in Anthropic's shape.
  static func anthropicError(
    status: Int, headers: MockHeaders = [:], message: String, type: String, ordinal: Int
  ) -> Self {
    let body =
      #"{"type":"error","error":{"type":"\#(type)","message":"\#(JSONText.escaped(message))"},"#
      + #""request_id":"req_mock_\#(ordinal)"}"#
    return Self(status: status, headers: ["content-type": "application/json"] + headers, body: body)
  }

  /// A chat completion that says `text`.
  public static func completion(_ text: String, model: String = "mock", finishReason: String = "stop") -> Self {
    let tokens = CompletionWriter.tokens(ofCharacters: text.unicodeScalars.count)
    let body =
      #"{"id":"chatcmpl-mock","object":"chat.completion","created":1700000000,"model":"\#(JSONText.escaped(model))","#
      + #""choices":[{"index":0,"message":{"role":"assistant","content":"\#(JSONText.escaped(text))"},"#
      + #""finish_reason":"\#(JSONText.escaped(finishReason))"}],"#
      + #""usage":{"prompt_tokens":1,"completion_tokens":\#(tokens),"total_tokens":\#(tokens + 1)}}"#
    return Self(status: 200, headers: ["content-type": "application/json"], body: body)
  }
}
