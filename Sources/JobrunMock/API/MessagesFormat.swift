/// The messages API's answers, whole and streamed.
struct MessagesFormat: Sendable {
  let request: TextRequest
  let answer: TextAnswer
  let ordinal: Int

  private var reason: String { answer.tool == nil ? "end_turn" : "tool_use" }

  private func usage(output: Int) -> String {
    #"{"input_tokens":\#(answer.promptTokens),"cache_creation_input_tokens":0,"cache_read_input_tokens":0,"#
      + #""output_tokens":\#(output)}"#
  }

  private func message(content: String, reason: String, output: Int) -> String {
    #"{"id":"msg_mock_\#(ordinal)","type":"message","role":"assistant","model":\#(JSONValue.quoted(request.model)),"#
      + #""content":[\#(content)],"stop_reason":\#(reason),"stop_sequence":null,"usage":\#(usage(output: output))}"#
  }

  private func block(text: String, input: String) -> String {
    if let tool = answer.tool {
      #"{"type":"tool_use","id":"toolu_mock_\#(ordinal)","name":\#(JSONValue.quoted(tool)),"input":\#(input)}"#
    } else {
      #"{"type":"text","text":\#(JSONValue.quoted(text))}"#
    }
  }

  var body: String {
    message(
      content: block(text: answer.text, input: answer.text), reason: "\"\(reason)\"", output: answer.completionTokens)
  }

  func stream(pieces: [String]) -> EventStream {
    func event(_ type: String, _ fields: String) -> String {
      "event: \(type)\ndata: " + #"{"type":"\#(type)"\#(fields)}"# + "\n\n"
    }
    var stream = EventStream()
    stream.opening =
      event("message_start", #","message":"# + message(content: "", reason: "null", output: 1))
      + event("content_block_start", #","index":0,"content_block":"# + block(text: "", input: "{}"))
      + event("ping", "")
    let (kind, field) = answer.tool == nil ? ("text_delta", "text") : ("input_json_delta", "partial_json")
    stream.deltas = pieces.map {
      event(
        "content_block_delta", #","index":0,"delta":{"type":"\#(kind)","\#(field)":\#(JSONValue.quoted($0))}"#)
    }
    stream.closing =
      event("content_block_stop", #","index":0"#)
      + event(
        "message_delta",
        #","delta":{"stop_reason":"\#(reason)","stop_sequence":null},"usage":\#(usage(output: answer.completionTokens))"#
      )
      + event("message_stop", "")
    stream.error = event("error", #","error":{"type":"overloaded_error","message":"Overloaded"}"#)
    return stream
  }
}
