internal import JobrunModel

/// Reads a list of embeddings, the reply of `/embeddings`. The vectors stay in the body until a script reads them.
enum EmbeddingList {
  /// The fields of a reply, or the way in which it is none.
  static func fields(of root: JSONView) -> Result<ReplyFields, AttemptError> {
    guard root.isObject else { return .failure(bad("the reply is JSON, but not an object")) }
    guard let first = root["data"]?[0] else { return .failure(bad("the reply has no `data`")) }
    guard let embedding = first["embedding"], embedding.isArray || embedding.bytes != nil else {
      return .failure(bad("the reply's `data` has no `embedding`"))
    }
    let usage = root["usage"]
    return .success(
      ReplyFields(text: [], usage: WireUsage.tokens(usage?["prompt_tokens"], nil, total: usage?["total_tokens"])))
  }

  private static func bad(_ message: String) -> AttemptError {
    AttemptError(.badResponse, status: 200, message: message, dispatched: .yes)
  }
}
