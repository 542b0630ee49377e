internal import JobrunModel

/// Reads a message, the reply of Anthropic's `/messages`.
enum AnthropicMessage {
  /// The fields of a reply, or the way in which it is none.
  static func fields(of root: JSONView) -> Result<ReplyFields, AttemptError> {
    guard root.isObject else { return .failure(bad("the reply is JSON, but not an object")) }
    guard let content = root["content"], content.isArray else { return .failure(bad("the reply has no `content`")) }
    let finishReason = root["stop_reason"]?.string
    if finishReason == "refusal" {
      return .failure(
        AttemptError(
          .contentFilter, status: 200, code: "refusal", message: "the model refused to answer", dispatched: .yes))
    }
    var text: [UInt8] = []
    var index = 0
    var hasText = false
    while let block = content[index] {
      index += 1
      guard block["type"]?.string == "text", let part = block["text"]?.bytes else { continue }
      text += part
      hasText = true
    }
    // Without text it called tools, paused, or thought up to its limit.
    let isExplained = finishReason.map { $0 != "end_turn" } ?? false
    guard hasText || isExplained else { return .failure(bad("the reply's `content` has no text")) }
    return .success(ReplyFields(text: text, finishReason: finishReason, usage: usage(of: root["usage"])))
  }

  /// What the cache gave and took stands beside `input_tokens`, not in it.
  static func usage(of usage: JSONView?) -> TokenUsage? {
    guard let usage, let fresh = WireUsage.count(usage["input_tokens"]) else { return nil }
    let read = WireUsage.count(usage["cache_read_input_tokens"]) ?? 0
    let written = WireUsage.count(usage["cache_creation_input_tokens"]) ?? 0
    return WireUsage.tokens(
      input: fresh + read + written, output: usage["output_tokens"]?.integer ?? 0, cached: read)
  }

  private static func bad(_ message: String) -> AttemptError {
    AttemptError(.badResponse, status: 200, message: message, dispatched: .yes)
  }
}
