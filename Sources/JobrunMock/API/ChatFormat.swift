/// The chat API's answers, whole and streamed.
struct ChatFormat: Sendable {
  let request: TextRequest
  let answer: TextAnswer
  let ordinal: Int

  private var usage: String {
    let (prompt, completion) = (answer.promptTokens, answer.completionTokens)
    return #"{"prompt_tokens":\#(prompt),"completion_tokens":\#(completion),"total_tokens":\#(prompt + completion),"#
      + #""prompt_tokens_details":{"cached_tokens":0,"audio_tokens":0},"completion_tokens_details":"#
      + #"{"reasoning_tokens":0,"audio_tokens":0,"accepted_prediction_tokens":0,"rejected_prediction_tokens":0}}"#
  }

  private var finish: String { answer.tool == nil ? "stop" : "tool_calls" }

  private func head(_ object: String) -> String {
    #"{"id":"chatcmpl-mock-\#(ordinal)","object":"\#(object)","created":1700000000,"#
      + #""model":\#(JSONValue.quoted(request.model)),"system_fingerprint":"fp_mock","#
  }

  var body: String {
    let text = JSONValue.quoted(answer.text)
    let message =
      if let tool = answer.tool {
        #""content":null,"refusal":null,"tool_calls":[{"id":"call_mock_\#(ordinal)","type":"function","#
          + #""function":{"name":\#(JSONValue.quoted(tool)),"arguments":\#(text)}}]"#
      } else {
        #""content":\#(text),"refusal":null"#
      }
    return head("chat.completion") + #""choices":[{"index":0,"message":{"role":"assistant",\#(message)},"#
      + #""logprobs":null,"finish_reason":"\#(finish)"}],"usage":\#(usage)}"#
  }

  func stream(pieces: [String]) -> EventStream {
    let head = "data: " + head("chat.completion.chunk")
    let tail = (request.includesUsage ? #","usage":null"# : "") + "}\n\n"
    func chunk(_ delta: String, finish: String = "null") -> String {
      head + #""choices":[{"index":0,"delta":{\#(delta)},"logprobs":null,"finish_reason":\#(finish)}]"# + tail
    }
    var stream = EventStream()
    if let tool = answer.tool {
      stream.opening = chunk(
        #""role":"assistant","content":null,"tool_calls":[{"index":0,"id":"call_mock_\#(ordinal)","#
          + #""type":"function","function":{"name":\#(JSONValue.quoted(tool)),"arguments":""}}]"#)
      stream.deltas = pieces.map {
        chunk(#""tool_calls":[{"index":0,"function":{"arguments":\#(JSONValue.quoted($0))}}]"#)
      }
    } else {
      stream.opening = chunk(#""role":"assistant","content":"","refusal":null"#)
      stream.deltas = pieces.map { chunk(#""content":\#(JSONValue.quoted($0))"#) }
    }
    stream.closing = chunk("", finish: "\"\(finish)\"")
    if request.includesUsage { stream.closing += head + #""choices":[],"usage":\#(usage)}"# + "\n\n" }
    stream.closing += "data: [DONE]\n\n"
    stream.error =
      #"data: {"error":{"message":"The server had an error while processing your request. Sorry about that!","#
      + #""type":"server_error","param":null,"code":null}}"# + "\n\n"
    return stream
  }
}
