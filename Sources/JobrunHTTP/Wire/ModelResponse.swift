internal import JobrunModel

/// Reads a response object, the reply of OpenAI's `/responses`.
enum ModelResponse {
  /// The fields of a reply, or the way in which it is none.
  static func fields(of root: JSONView) -> Result<ReplyFields, AttemptError> {
    guard root.isObject else { return .failure(bad("the reply is JSON, but not an object")) }
    guard let output = root["output"], output.isArray else { return .failure(bad("the reply has no `output`")) }
    let status = root["status"]?.string
    var finishReason = status
    switch status {
    case "completed", nil: break
    case "incomplete":
      finishReason = root["incomplete_details"]?["reason"]?.string ?? "incomplete"
      if finishReason == "content_filter" {
        return .failure(
          AttemptError(
            .contentFilter, status: 200, code: "content_filter", message: "the provider filtered the reply",
            dispatched: .yes))
      }
    default:
      return .failure(bad("the response is \(status ?? ""), not completed"))
    }
    var text: [UInt8] = []
    var refusal: String?
    var index = 0
    var callsTools = false
    while let item = output[index] {
      index += 1
      switch item["type"]?.string {
      case "message":
        var part = 0
        while let content = item["content"]?[part] {
          text += content["text"]?.bytes ?? []
          refusal = refusal ?? content["refusal"]?.string
          part += 1
        }
      // A tool's call ends in `_call`: function_call, mcp_call, web_search_call, …
      case let type?: callsTools = callsTools || type.hasSuffix("_call")
      case nil: break
      }
    }
    if text.isEmpty, refusal == nil, !callsTools, status != "incomplete" {
      return .failure(bad("the response's `output` has no text"))
    }
    let usage = root["usage"]
    return .success(
      ReplyFields(
        text: text, finishReason: finishReason, refusal: refusal,
        usage: WireUsage.tokens(
          usage?["input_tokens"], usage?["output_tokens"], cached: usage?["input_tokens_details"]?["cached_tokens"],
          reasoning: usage?["output_tokens_details"]?["reasoning_tokens"], total: usage?["total_tokens"])))
  }

  private static func bad(_ message: String) -> AttemptError {
    AttemptError(.badResponse, status: 200, message: message, dispatched: .yes)
  }
}
