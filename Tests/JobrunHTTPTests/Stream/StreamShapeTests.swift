import JobrunModel
import Testing

@testable import JobrunHTTP

/// What providers' streams have beside the plain text of the references, and where they end oddly.
@Suite struct StreamShapeTests {
  private static func read(_ api: WireAPI, _ stream: String) -> StreamedReply { StreamedReply(api, Array(stream.utf8)) }

  private static func body(_ api: WireAPI, _ stream: String) -> String {
    String(decoding: read(api, stream).body, as: UTF8.self)
  }

  private static func fields(_ api: WireAPI, _ stream: String) throws -> ReplyFields {
    try Classifier(api: api).classify(status: 200, body: read(api, stream).body).get()
  }

  /// A chunk with one choice, whose members behind `index` are these.
  private static func chunk(_ members: String, top: String = #""id":"c""#) -> String {
    #"data: {\#(top),"object":"chat.completion.chunk","choices":[{"index":0,\#(members)}]}"# + "\n\n"
  }

  private static let done = chunk(#""delta":{},"finish_reason":"stop""#) + "data: [DONE]\n\n"

  // MARK: Ends

  @Test(arguments: [#""""#, #""null""#, "null"])
  func `what is no finish reason ends nothing`(reason: String) {
    let cut = Self.chunk(#""delta":{"content":"a"},"finish_reason":\#(reason)"#)
    #expect(!Self.read(.chat, cut).isComplete)
    #expect(Self.read(.chat, cut + Self.done).isComplete)
  }

  @Test func `cut at any byte a stream is whole or not, but never damaged`() {
    let stream = Array(StreamedReplyTests.chat.utf8)
    let whole = StreamedReply(.chat, stream)
    for length in stream.indices {
      let reply = StreamedReply(.chat, Array(stream[..<length]))
      #expect(!reply.isDamaged, "at byte \(length)")
      let hasText = String(decoding: reply.body, as: UTF8.self).contains("Bonjour \\\"x\\\" \\ud83d\\ude00!")
      if reply.isComplete, !hasText { Issue.record("at byte \(length) it is whole without its text") }
    }
    #expect(whole.isComplete && !whole.isDamaged)
  }

  @Test func `empty data is no event, and a blank behind the end no damage`() {
    let stream = StreamedReplyTests.chat.replacing("[DONE]", with: "[DONE] ").replacing("\n\n", with: "\n\ndata:\n\n")
    #expect(Self.body(.chat, stream) == Self.body(.chat, StreamedReplyTests.chat))
    #expect(!Self.read(.chat, stream).isDamaged)
  }

  @Test func `errors without their usual frame are errors`() {
    let flat =
      Self.chunk(#""delta":{"content":"a"}"#)
      + #"data: {"object":"error","message":"slow down","type":"rate_limit","code":429}"# + "\n\ndata: [DONE]\n\n"
    let error = #expect(throws: AttemptError.self) { try Self.fields(.chat, flat) }
    #expect(error?.message.contains("slow down") == true)
    let untyped = #"data: {"error":{"type":"overloaded_error","message":"busy"}}"# + "\n\n"
    #expect(throws: AttemptError.self) { try Self.fields(.messages, untyped) }
    #expect(Self.read(.messages, untyped).isComplete)
  }

  // MARK: Members

  @Test func `what stands beside the choices and the text is kept`() throws {
    let stream =
      #"data: {"choices":[],"created":0,"id":"","model":"","object":"","prompt_filter_results":[{"a":1}]}"# + "\n\n"
      + Self.chunk(
        #""delta":{"content":"a"},"logprobs":{"content":[{"token":"a"}],"refusal":null}"#, top: #""id":"c","model":"m""#
      )
      + Self.chunk(
        #""delta":{"content":"b"},"logprobs":{"content":[{"token":"b"}],"refusal":null}"#, top: #""id":"c","model":"m""#
      )
      + Self.chunk(#""delta":{},"finish_reason":"stop","stop_reason":7"#, top: #""id":"c","citations":["x"]"#)
      + "data: [DONE]\n\n"
    #expect(
      Self.body(.chat, stream)
        == #"{"created":0,"id":"c","model":"m","prompt_filter_results":[{"a":1}],"citations":["x"],"object":"chat.completion","#
        + #""choices":[{"index":0,"message":{"role":"assistant","content":"ab"},"finish_reason":"stop","#
        + #""logprobs":{"content":[{"token":"a"},{"token":"b"}],"refusal":null},"stop_reason":7}]}"#)
  }

  @Test func `lists and objects of the message grow`() throws {
    let stream =
      Self.chunk(
        #""delta":{"reasoning_details":[{"text":"a"}],"function_call":{"name":"f","arguments":"{\"a\""},"audio":{"id":"x","data":"QU"}}"#
      )
      + Self.chunk(
        #""delta":{"reasoning_details":[{"text":"b"}],"function_call":{"arguments":":1}"},"audio":{"id":"x","data":"JD"}}"#
      )
      + Self.done
    let body = Self.body(.chat, stream)
    #expect(body.contains(#""reasoning_details":[{"text":"a"},{"text":"b"}]"#), "\(body)")
    #expect(body.contains(#""function_call":{"name":"f","arguments":"{\"a\":1}"}"#), "\(body)")
    #expect(body.contains(#""audio":{"id":"x","data":"QUJD"}"#), "\(body)")
  }

  @Test func `content that comes as a list stays one, with the text behind it`() throws {
    let thought = #"{"type":"thinking","thinking":[{"type":"text","text":"hm"}]}"#
    let stream =
      Self.chunk(#""delta":{"content":[\#(thought)]}"#) + Self.chunk(#""delta":{"content":"Bon"}"#)
      + Self.chunk(#""delta":{"content":"jour"}"#) + Self.done
    #expect(Self.body(.chat, stream).contains(#""content":[\#(thought),{"type":"text","text":"Bonjour"}]"#))
    #expect(String(decoding: try Self.fields(.chat, stream).text, as: UTF8.self) == "Bonjour")
  }

  // MARK: Calls of tools

  private static func call(_ call: String) -> String { chunk(#""delta":{"tool_calls":[\#(call)]}"#) }

  @Test func `members of a call that a provider adds are kept, and other kinds of calls`() {
    let stream =
      Self.call(
        #"{"index":0,"id":"a","type":"function","function":{"name":"f","arguments":"{"},"extra_content":{"google":{"thought_signature":"s"}}}"#
      ) + Self.call(#"{"index":0,"function":{"arguments":"}"}}"#)
      + Self.call(#"{"index":1,"id":"b","type":"custom","custom":{"name":"g","input":"x"}}"#)
      + Self.call(#"{"index":1,"custom":{"input":"y"}}"#) + Self.done
    #expect(
      Self.body(.chat, stream).contains(
        #""tool_calls":[{"id":"a","type":"function","function":{"name":"f","arguments":"{}"},"#
          + #""extra_content":{"google":{"thought_signature":"s"}}},"#
          + #"{"id":"b","type":"custom","custom":{"name":"g","input":"xy"}}]"#), "\(Self.body(.chat, stream))")
  }

  @Test func `calls that all have one index are told apart by their ids`() {
    let stream =
      Self.call(#"{"index":0,"id":"a","type":"function","function":{"name":"f","arguments":"{}"}}"#)
      + Self.call(#"{"index":0,"id":"b","type":"function","function":{"name":"g","arguments":"["}}"#)
      + Self.call(#"{"index":0,"id":"b","function":{"arguments":"]"}}"#) + Self.done
    #expect(
      Self.body(.chat, stream).contains(
        #"{"id":"a","type":"function","function":{"name":"f","arguments":"{}"}},"#
          + #"{"id":"b","type":"function","function":{"name":"g","arguments":"[]"}}]"#), "\(Self.body(.chat, stream))")
  }

  // MARK: Messages

  private static func message(_ events: String..., stop: String) -> String {
    let start =
      #"{"type":"message_start","message":{"id":"m","type":"message","role":"assistant","content":[],"usage":{"input_tokens":1,"output_tokens":1}}}"#
    let end = #"{"type":"message_delta","delta":{"stop_reason":"\#(stop)"},"usage":{"output_tokens":2}}"#
    return ([start] + events + [end, #"{"type":"message_stop"}"#]).map { "data: \($0)\n\n" }.joined()
  }

  private static let tool =
    #"{"type":"content_block_start","index":0,"content_block":{"type":"tool_use","id":"t","name":"f","input":{}}}"#

  private static func piece(_ json: String) -> String {
    #"{"type":"content_block_delta","index":0,"delta":{"type":"input_json_delta","partial_json":"\#(json)"}}"#
  }

  @Test func `a tool's input that max_tokens has cut is an answer, and is kept as it came`() throws {
    let stream = Self.message(Self.tool, Self.piece(#"{\"title\": "#), Self.piece(#"\"lor"#), stop: "max_tokens")
    #expect(Self.body(.messages, stream).contains(#""input":{},"partial_json":"{\"title\": \"lor"}"#))
    #expect(try Self.fields(.messages, stream).finishReason == "max_tokens")
  }

  @Test func `half a character in a tool's input is mended`() throws {
    let stream = Self.message(Self.tool, Self.piece(#"{\"a\": \"x\ud83d\"}"#), stop: "tool_use")
    #expect(
      Self.body(.messages, stream).contains("\"input\":{\"a\": \"x\u{FFFD}\"}"), "\(Self.body(.messages, stream))")
    #expect(try Self.fields(.messages, stream).finishReason == "tool_use")
  }

  @Test func `citations are collected`() {
    let start = #"{"type":"content_block_start","index":0,"content_block":{"type":"text","text":"","citations":[]}}"#
    func delta(_ delta: String) -> String { #"{"type":"content_block_delta","index":0,"delta":\#(delta)}"# }
    let stream = Self.message(
      start, delta(#"{"type":"text_delta","text":"a"}"#), delta(#"{"type":"citations_delta","citation":{"n":1}}"#),
      delta(#"{"type":"text_delta","text":"b"}"#), delta(#"{"type":"citations_delta","citation":{"n":2}}"#),
      stop: "end_turn")
    #expect(
      Self.body(.messages, stream).contains(#"[{"type":"text","citations":[{"n":1},{"n":2}],"text":"ab"}]"#),
      "\(Self.body(.messages, stream))")
  }
}
