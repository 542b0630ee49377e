internal import JobrunModel

/// Reads a chat completion, the reply of `/chat/completions`.
enum ChatCompletion {
  /// The fields of a reply, or the way in which it is none.
  static func fields(of root: JSONView) -> Result<ReplyFields, AttemptError> {
    guard root.isObject else { return .failure(bad("the reply is JSON, but not an object")) }
    guard let choices = root["choices"], choices.isArray else { return .failure(bad("the reply has no `choices`")) }
    guard let choice = choices[0], let message = choice["message"] else {
      return .failure(bad("the reply's `choices` are empty"))
    }
    let finishReason = choice["finish_reason"]?.string
    let refusal = message["refusal"]?.string
    let text = message["content"]?.bytes ?? textParts(of: message["content"])
    switch finishReason {
    case "content_filter":
      return .failure(
        AttemptError(
          .contentFilter, status: 200, code: "content_filter", message: "the provider filtered the reply",
          dispatched: .yes))
    case "error":
      return .failure(bad("the reply ended with finish_reason \"error\""))
    default: break
    }
    // A reply without text is one where the model called tools, refused, or thought up to its limit.
    let isExplained = refusal != nil || (message["tool_calls"]?.count ?? 0) > 0 || finishReason == "length"
    guard let text = text ?? (isExplained ? [] : nil) else {
      return .failure(bad("the reply's message has no content"))
    }
    return .success(
      ReplyFields(
        text: text, finishReason: finishReason, refusal: refusal,
        usage: WireUsage.tokens(
          root["usage"]?["prompt_tokens"], root["usage"]?["completion_tokens"],
          cached: root["usage"]?["prompt_tokens_details"]?["cached_tokens"],
          reasoning: root["usage"]?["completion_tokens_details"]?["reasoning_tokens"],
          total: root["usage"]?["total_tokens"])))
  }

  /// Content as a list of parts, which some servers send: their texts, joined.
  private static func textParts(of content: JSONView?) -> [UInt8]? {
    guard let content, content.isArray else { return nil }
    var text: [UInt8] = []
    var index = 0
    while let part = content[index] {
      text += part["text"]?.bytes ?? []
      index += 1
    }
    return text
  }

  private static func bad(_ message: String) -> AttemptError {
    AttemptError(.badResponse, status: 200, message: message, dispatched: .yes)
  }
}
