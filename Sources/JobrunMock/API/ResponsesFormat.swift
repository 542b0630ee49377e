/// The responses API's answers, whole and streamed.
struct ResponsesFormat: Sendable {
  let request: TextRequest
  let answer: TextAnswer
  let ordinal: Int

  private var usage: String {
    let (input, output) = (answer.promptTokens, answer.completionTokens)
    return #"{"input_tokens":\#(input),"input_tokens_details":{"cached_tokens":0},"output_tokens":\#(output),"#
      + #""output_tokens_details":{"reasoning_tokens":0},"total_tokens":\#(input + output)}"#
  }

  private func response(_ status: String, output: String, usage: String) -> String {
    #"{"id":"resp_mock_\#(ordinal)","object":"response","created_at":1700000000,"status":"\#(status)","error":null,"#
      + #""incomplete_details":null,"instructions":null,"max_output_tokens":null,"#
      + #""model":\#(JSONValue.quoted(request.model)),"output":[\#(output)],"parallel_tool_calls":true,"#
      + #""previous_response_id":null,"reasoning":{"effort":null,"summary":null},"store":false,"temperature":1.0,"#
      + #""text":{"format":{"type":"text"}},"tool_choice":"auto","tools":[],"top_p":1.0,"truncation":"disabled","#
      + #""usage":\#(usage),"user":null,"metadata":{}}"#
  }

  private func part(_ text: String) -> String {
    #"{"type":"output_text","text":\#(JSONValue.quoted(text)),"annotations":[],"logprobs":[]}"#
  }

  private func item(_ status: String, text: String?) -> String {
    if let tool = answer.tool {
      #"{"type":"function_call","id":"fc_mock_\#(ordinal)","call_id":"call_mock_\#(ordinal)","#
        + #""name":\#(JSONValue.quoted(tool)),"arguments":\#(JSONValue.quoted(text ?? "")),"status":"\#(status)"}"#
    } else {
      #"{"type":"message","id":"msg_mock_\#(ordinal)","status":"\#(status)","role":"assistant","#
        + #""content":[\#(text.map(part) ?? "")]}"#
    }
  }

  var body: String { response("completed", output: item("completed", text: answer.text), usage: usage) }

  func stream(pieces: [String]) -> EventStream {
    var (stream, number) = (EventStream(), 0)
    func event(_ type: String, _ fields: String) -> String {
      defer { number += 1 }
      return "event: \(type)\ndata: " + #"{"type":"\#(type)","sequence_number":\#(number),\#(fields)}"# + "\n\n"
    }
    let isCall = answer.tool != nil
    let place =
      #""item_id":"\#(isCall ? "fc" : "msg")_mock_\#(ordinal)","output_index":0"#
      + (isCall ? "" : #","content_index":0"#)
    let begun = #""response":"# + response("in_progress", output: "", usage: "null")
    let kind = isCall ? "response.function_call_arguments" : "response.output_text"
    let whole = JSONValue.quoted(answer.text)
    stream.opening =
      event("response.created", begun) + event("response.in_progress", begun)
      + event("response.output_item.added", #""output_index":0,"item":"# + item("in_progress", text: nil))
    if !isCall { stream.opening += event("response.content_part.added", place + #","part":"# + part("")) }
    stream.deltas = pieces.map {
      event(kind + ".delta", place + #","delta":\#(JSONValue.quoted($0))"# + (isCall ? "" : #","logprobs":[]"#))
    }
    let middle = number
    stream.closing =
      if let tool = answer.tool {
        event(kind + ".done", place + #","name":\#(JSONValue.quoted(tool)),"arguments":\#(whole)"#)
      } else {
        event(kind + ".done", place + #","text":\#(whole),"logprobs":[]"#)
          + event("response.content_part.done", place + #","part":"# + part(answer.text))
      }
    stream.closing +=
      event("response.output_item.done", #""output_index":0,"item":"# + item("completed", text: answer.text))
      + event("response.completed", #""response":"# + body)
    number = middle
    stream.error = event(
      "error",
      #""code":"server_error","message":"The server had an error while processing your request. Sorry about that!","#
        + #""param":null"#)
    return stream
  }
}
