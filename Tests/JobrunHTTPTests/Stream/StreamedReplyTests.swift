import JobrunModel
import Testing

@testable import JobrunHTTP

/// Streams in the shapes of the providers' references, put together as they would have come unstreamed.
@Suite struct StreamedReplyTests {
  private static func read(_ api: WireAPI, _ stream: String) -> StreamedReply { StreamedReply(api, Array(stream.utf8)) }

  private static func body(_ api: WireAPI, _ stream: String) -> String {
    String(decoding: read(api, stream).body, as: UTF8.self)
  }

  private static func chunk(_ delta: String, finish: String = "null", more: String = "") -> String {
    #"data: {"id":"c1","object":"chat.completion.chunk","created":7,"model":"m","choices":[{"index":0,"#
      + #""delta":\#(delta),"finish_reason":\#(finish)}]\#(more)}"# + "\n\n"
  }

  static let chat =
    ": OPENROUTER PROCESSING\n\n" + chunk(#"{"role":"assistant","content":""}"#) + chunk(#"{"content":"Bon"}"#)
    + chunk(#"{"content":"jour \"x\" "}"#) + ": keep-alive\n\n" + chunk(#"{"content":"\ud83d"}"#)
    + chunk(#"{"content":"\ude00"}"#) + chunk(#"{"content":"!"}"#) + chunk("{}", finish: "\"stop\"")
    + #"data: {"id":"c1","choices":[],"usage":{"prompt_tokens":3,"completion_tokens":4,"total_tokens":7}}"#
    + "\n\ndata: [DONE]\n\n"

  static let messages = """
    event: message_start
    data: {"type":"message_start","message":{"id":"msg","type":"message","role":"assistant","content":[],"stop_reason":null,"usage":{"input_tokens":25,"output_tokens":1}}}

    event: ping
    data: {"type": "ping"}

    event: content_block_start
    data: {"type":"content_block_start","index":0,"content_block":{"type":"text","text":""}}

    event: content_block_delta
    data: {"type":"content_block_delta","index":0,"delta":{"type":"text_delta","text":"Bon"}}

    event: content_block_delta
    data: {"type":"content_block_delta","index":0,"delta":{"type":"text_delta","text":"jour"}}

    event: content_block_stop
    data: {"type":"content_block_stop","index":0}

    event: content_block_start
    data: {"type":"content_block_start","index":1,"content_block":{"type":"tool_use","id":"t","name":"add","input":{}}}

    event: content_block_delta
    data: {"type":"content_block_delta","index":1,"delta":{"type":"input_json_delta","partial_json":"{\\"a\\": "}}

    event: content_block_delta
    data: {"type":"content_block_delta","index":1,"delta":{"type":"input_json_delta","partial_json":"\\"b\\"}"}}

    event: message_delta
    data: {"type":"message_delta","delta":{"stop_reason":"tool_use","stop_sequence":null},"usage":{"output_tokens":15}}

    event: message_stop
    data: {"type":"message_stop"}


    """

  static let response = """
    event: response.created
    data: {"type":"response.created","response":{"id":"r","status":"in_progress","output":[]},"sequence_number":0}

    event: response.output_text.delta
    data: {"type":"response.output_text.delta","delta":"Bon","sequence_number":1}

    event: response.output_text.delta
    data: {"type":"response.output_text.delta","delta":"jour","sequence_number":2}

    event: response.completed
    data: {"type":"response.completed","response":{"id":"r","status":"completed","output":[{"type":"message","content":[{"type":"output_text","text":"Bonjour"}]}]},"sequence_number":3}


    """

  @Test func `chunks become a completion`() {
    #expect(
      Self.body(.chat, Self.chat)
        == #"{"id":"c1","created":7,"model":"m","object":"chat.completion","choices":[{"index":0,"message":{"role":"#
        + #""assistant","content":"Bonjour \"x\" \ud83d\ude00!"},"finish_reason":"stop"}],"#
        + #""usage":{"prompt_tokens":3,"completion_tokens":4,"total_tokens":7}}"#)
    #expect(Self.read(.chat, Self.chat).isComplete)
  }

  @Test func `calls of tools come in pieces, thoughts stay apart`() {
    let stream =
      Self.chunk(#"{"role":"assistant","content":null,"reasoning_content":"hm"}"#)
      + Self.chunk(#"{"reasoning_content":"m"}"#)
      + Self.chunk(#"{"tool_calls":[{"index":0,"id":"a","type":"function","function":{"name":"add","arguments":""}}]}"#)
      + Self.chunk(#"{"tool_calls":[{"index":0,"function":{"arguments":"{\"x\""}}]}"#)
      + Self.chunk(#"{"tool_calls":[{"index":0,"function":{"arguments":":1}"}}]}"#)
      + Self.chunk("{}", finish: "\"tool_calls\"") + "data: [DONE]\n\n"
    #expect(
      Self.body(.chat, stream).contains(
        #""message":{"role":"assistant","content":null,"reasoning_content":"hmm","tool_calls":[{"id":"a","type":"#
          + #""function","function":{"name":"add","arguments":"{\"x\":1}"}}]},"finish_reason":"tool_calls""#))
  }

  @Test func `events of messages become a message`() {
    #expect(
      Self.body(.messages, Self.messages)
        == #"{"id":"msg","type":"message","role":"assistant","stop_reason":"tool_use","stop_sequence":null,"content":["#
        + #"{"type":"text","text":"Bonjour"},{"type":"tool_use","id":"t","name":"add","input":{"a": "b"}}],"#
        + #""usage":{"input_tokens":25,"output_tokens":15}}"#)
  }

  @Test func `the last event of responses has the response`() {
    #expect(
      Self.body(.responses, Self.response)
        == #"{"id":"r","status":"completed","output":[{"type":"message","content":[{"type":"output_text","text":"Bonjour"}]}]}"#
    )
  }

  @Test(
    arguments: [(.chat, Self.chat, 900), (.messages, Self.messages, 900), (.responses, Self.response, 300)]
      as [(WireAPI, String, Int)])
  func `a stream that breaks off is not whole, and keeps what came`(api: WireAPI, stream: String, length: Int) {
    let reply = StreamedReply(api, Array(stream.utf8.prefix(length)))
    #expect(!reply.isComplete)
    #expect(String(decoding: reply.body, as: UTF8.self).contains("Bon"))
  }

  @Test(
    arguments: [
      (.chat, #"data: {"error":{"message":"slow down","code":429}}"#, .rateLimit),
      (.chat, #"error: {"code":503,"message":"loading","type":"unavailable_error"}"#, .overloaded),
      (
        .messages, #"event: error\#ndata: {"type":"error","error":{"type":"overloaded_error","message":"Overloaded"}}"#,
        .overloaded
      ),
      (
        .responses, #"data: {"type":"error","code":"rate_limit_exceeded","message":"slow down","param":null}"#,
        .rateLimit
      ),
      (
        .responses,
        #"data: {"type":"response.failed","response":{"status":"failed","error":{"code":"server_error","message":"x"},"output":[]}}"#,
        .server
      ),
    ] as [(WireAPI, String, ErrorClass)])
  func `an error in a stream is that error`(api: WireAPI, event: String, errorClass: ErrorClass) {
    let reply = Self.read(api, (api == .chat ? Self.chunk(#"{"content":"a"}"#) : "") + event + "\n\n")
    #expect(reply.isComplete)
    let error = #expect(throws: AttemptError.self) {
      try Classifier(api: api).classify(status: 200, body: reply.body).get()
    }
    #expect(error?.errorClass == errorClass)
  }

  @Test(arguments: ["\n", "\r\n", "\r"]) func `lines may end in each of three ways`(end: String) {
    for (api, stream) in [(WireAPI.chat, Self.chat), (.messages, Self.messages), (.responses, Self.response)] {
      #expect(Self.body(api, stream.replacing("\n", with: end)) == Self.body(api, stream))
      #expect(Self.body(api, "\u{FEFF}" + stream.replacing("data: ", with: "data:")) == Self.body(api, stream))
    }
    let lines = Self.chat.replacing(#","choices":["#, with: "\ndata: ,\"choices\":[")
    #expect(Self.body(.chat, lines) == Self.body(.chat, Self.chat))
  }

  @Test func `no bytes trap, and a stream with some of them changed is read or refused`() {
    var random = SeededRandom(seed: 17)
    for round in 0..<3_000 {
      let (api, stream) = [(WireAPI.chat, Self.chat), (.messages, Self.messages), (.responses, Self.response)][
        round % 3]
      var bytes = Array(stream.utf8)
      for _ in 0..<Int.random(in: 1...8, using: &random) {
        let place = Int.random(in: 0..<bytes.count, using: &random)
        switch round % 4 {
        case 0: bytes[place] = UInt8.random(in: .min ... .max, using: &random)
        case 1: bytes.remove(at: place)
        case 2: bytes.insert(contentsOf: Array("\"\\{}[]\n\r:,".utf8).shuffled(using: &random).prefix(2), at: place)
        default: bytes = Array(bytes.prefix(max(1, place)))
        }
      }
      let reply = StreamedReply(api, bytes)
      _ = Classifier(api: api).classify(status: 200, body: reply.body)
    }
  }

  /// A stream of `count` pieces, in each of the ways that one text can come.
  private static func stream(_ kind: String, count: Int, _ random: inout SeededRandom) -> (WireAPI, [String]) {
    var events: [String] = []
    for number in 0..<count {
      let piece = ["a", "", "\\n", "\\\"", "\\\\", "\u{1F600}", "\\ud83d", " word", "}", "[DONE]"].randomElement(
        using: &random)!
      let padding = String("xyzuvw".prefix(Int.random(in: 0...6, using: &random)))
      switch kind {
      case "chat": events.append(chunk(#"{"content":"\#(piece)"}"#))
      case "role and obfuscation":
        events.append(
          chunk(
            #"{"role":"assistant","content":"\#(piece)","tool_calls":null}"#, more: #","obfuscation":"\#(padding)""#))
      case "filter results":
        let results = #","content_filter_results":{"hate":{"filtered":false,"severity":"safe"}}"#
        events.append(chunk(#"{"content":"\#(piece)"}"#).replacing("null}]", with: "null\(results)}]"))
      case "log probabilities":
        let list = #","logprobs":{"content":[{"token":"a","logprob":-1}],"refusal":null}"#
        events.append(chunk(#"{"content":"\#(piece)"}"#).replacing("null}]", with: "null\(list)}]"))
      case "thoughts, then text":
        let key = number < count / 2 ? "reasoning_content" : "content"
        events.append(chunk(#"{"\#(key)":"\#(piece)"}"#))
      case "two choices":
        events.append(chunk(#"{"content":"\#(piece)"}"#).replacing(#""index":0"#, with: #""index":\#(number % 2)"#))
      case "arguments of a tool":
        events.append(chunk(#"{"tool_calls":[{"index":0,"id":"t","function":{"name":"","arguments":"\#(piece)"}}]}"#))
      case "responses":
        events.append(
          #"data: {"type":"response.output_text.delta","delta":"\#(piece)","sequence_number":\#(number + 8),"obfuscation":"\#(padding)"}"#
            + "\n\n")
      default:
        events.append(
          "event: content_block_delta\n"
            + #"data: {"type":"content_block_delta","index":0,"delta":{"type":"text_delta","text":"\#(piece)"}}"#
            + "\n\n")
      }
    }
    return (kind == "responses" ? .responses : kind == "messages" ? .messages : .chat, events)
  }

  @Test(
    arguments: [
      "chat", "role and obfuscation", "filter results", "log probabilities", "thoughts, then text", "two choices",
      "arguments of a tool", "responses", "messages",
    ])
  func `events that are like the one before mean what they say`(kind: String) {
    var random = SeededRandom(seed: 23)
    for round in 0..<300 {
      let (api, whole) = Self.stream(kind, count: 12, &random)
      var events = whole
      // Half of the streams have an event that was damaged on its way.
      if round % 2 == 1 {
        let place = Int.random(in: 0..<events.count, using: &random)
        var bytes = Array(events[place].utf8.dropLast(2))
        let at = Int.random(in: 0..<bytes.count, using: &random)
        if round % 4 == 1 {
          bytes.remove(at: at)
        } else {
          bytes[at] = Array("\"\\{}\n1,".utf8).randomElement(using: &random)!
        }
        events[place] = String(decoding: bytes, as: UTF8.self) + "\n\n"
      }
      let reply = Self.read(api, events.joined())
      // With a comment of its own before each, no event is like another one, and each is read.
      let read = Self.read(api, events.enumerated().map { ": \($0)\n" + $1 }.joined())
      #expect(reply.body == read.body, "\(events)")
      #expect(reply.events == read.events && reply.isDamaged == read.isDamaged && reply.isComplete == read.isComplete)
    }
  }
}
