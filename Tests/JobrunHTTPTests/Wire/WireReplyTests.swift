import JobrunModel
import Testing

@testable import JobrunHTTP

/// Answers in the shapes of OpenAI's and Anthropic's references, read into the same fields.
@Suite struct WireReplyTests {
  private func classify(_ api: WireAPI, _ body: String) -> Result<ReplyFields, AttemptError> {
    Classifier(api: api).classify(status: 200, body: Array(body.utf8))
  }

  private static let response =
    #"{"id":"resp_1","object":"response","status":"completed","error":null,"incomplete_details":null,"output":["#
    + #"{"type":"reasoning","id":"rs_1","summary":[]},{"type":"message","id":"msg_1","role":"assistant","content":["#
    + #"{"type":"output_text","text":"Bon","annotations":[]},{"type":"output_text","text":"jour"}]}],"#
    + #""usage":{"input_tokens":36,"input_tokens_details":{"cached_tokens":4},"output_tokens":87,"#
    + #""output_tokens_details":{"reasoning_tokens":64},"total_tokens":123}}"#
  private static let message =
    #"{"id":"msg_1","type":"message","role":"assistant","content":[{"type":"thinking","thinking":"…","signature":"s"},"#
    + #"{"type":"text","text":"Bon"},{"type":"text","text":"jour"}],"stop_reason":"end_turn","#
    + #""usage":{"input_tokens":10,"cache_creation_input_tokens":3,"cache_read_input_tokens":5,"output_tokens":7}}"#

  @Test func `a response has the texts of its messages, and counts thoughts and cached tokens`() throws {
    let fields = try classify(.responses, Self.response).get()
    #expect(
      fields
        == ReplyFields(
          text: Array("Bonjour".utf8), finishReason: "completed",
          usage: TokenUsage(input: 36, output: 87, cached: 4, reasoning: 64, total: 123)))
  }

  @Test func `a message has its texts; the cache's tokens are input, too`() throws {
    let fields = try classify(.messages, Self.message).get()
    #expect(
      fields
        == ReplyFields(
          text: Array("Bonjour".utf8), finishReason: "end_turn",
          usage: TokenUsage(input: 18, output: 7, cached: 5, total: 25)))
  }

  @Test func `embeddings are an answer without text`() throws {
    let body = #"{"object":"list","data":[{"index":0,"embedding":[0.1]}],"usage":{"prompt_tokens":8,"total_tokens":8}}"#
    #expect(
      try classify(.embeddings, body).get() == ReplyFields(text: [], usage: TokenUsage(input: 8, total: 8)))
    #expect(try classify(.embeddings, #"{"data":[{"embedding":"AAAA"}]}"#).get() == ReplyFields(text: []))
  }

  @Test(
    arguments: [
      (
        .responses, #"{"status":"completed","output":[{"type":"function_call","name":"f","arguments":"{}"}]}"#, "",
        "completed"
      ),
      (
        .responses, #"{"status":"incomplete","incomplete_details":{"reason":"max_output_tokens"},"output":[]}"#, "",
        "max_output_tokens"
      ),
      (
        .messages, #"{"content":[{"type":"tool_use","id":"t","name":"f","input":{}}],"stop_reason":"tool_use"}"#, "",
        "tool_use"
      ),
      (.messages, #"{"content":[],"stop_reason":"max_tokens"}"#, "", "max_tokens"),
      (.messages, #"{"content":[{"type":"text","text":"a"}],"stop_reason":"pause_turn"}"#, "a", "pause_turn"),
      (.messages, #"{"content":[{"type":"text","text":""}],"stop_reason":"end_turn"}"#, "", "end_turn"),
    ] as [(WireAPI, String, String, String)])
  func `an answer without text that says why is one`(
    api: WireAPI, body: String, text: String, finishReason: String
  ) throws {
    let fields = try classify(api, body).get()
    #expect(String(decoding: fields.text, as: UTF8.self) == text)
    #expect(fields.finishReason == finishReason)
  }

  @Test func `a refusal of a response is told`() throws {
    let body =
      #"{"status":"completed","output":[{"type":"message","content":[{"type":"refusal","refusal":"I cannot."}]}]}"#
    #expect(try classify(.responses, body).get().refusal == "I cannot.")
  }

  @Test(
    arguments: [
      (
        .responses, #"{"status":"failed","error":{"code":"server_error","message":"down"},"output":[]}"#, .server,
        "down"
      ),
      (
        .responses, #"{"status":"failed","error":{"code":"rate_limit_exceeded","message":"slow"},"output":[]}"#,
        .rateLimit, "slow"
      ),
      (
        .responses, #"{"status":"in_progress","output":[]}"#, .badResponse, "the response is in_progress, not completed"
      ),
      (.responses, #"{"status":"completed","output":[]}"#, .badResponse, "the response's `output` has no text"),
      (.responses, #"{"id":"r"}"#, .badResponse, "the reply has no `output`"),
      (.responses, "[]", .badResponse, "the reply is JSON, but not an object"),
      (
        .responses, #"{"status":"incomplete","incomplete_details":{"reason":"content_filter"},"output":[]}"#,
        .contentFilter, "the provider filtered the reply"
      ),
      (.messages, #"{"content":[],"stop_reason":"refusal"}"#, .contentFilter, "the model refused to answer"),
      (.messages, #"{"content":[],"stop_reason":"end_turn"}"#, .badResponse, "the reply's `content` has no text"),
      (
        .messages, #"{"type":"error","error":{"type":"overloaded_error","message":"Overloaded"}}"#, .overloaded,
        "Overloaded"
      ),
      (.messages, #"{"choices":[]}"#, .badResponse, "the reply has no `content`"),
      (.embeddings, #"{"data":[]}"#, .badResponse, "the reply has no `data`"),
      (.embeddings, #"{"data":[{"embedding":null}]}"#, .badResponse, "the reply's `data` has no `embedding`"),
      (.embeddings, "7", .badResponse, "the reply is JSON, but not an object"),
    ] as [(WireAPI, String, ErrorClass, String)])
  func `HTTP 200 with a failure inside is a failure`(
    api: WireAPI, body: String, errorClass: ErrorClass, message: String
  ) {
    let error = #expect(throws: AttemptError.self) { try classify(api, body).get() }
    #expect(error?.errorClass == errorClass)
    #expect(error?.message == message)
  }
}
