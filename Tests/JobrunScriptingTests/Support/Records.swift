import JobrunModel

extension ItemRecord {
  static func line(_ text: String, index: Int = 1) -> ItemRecord {
    ItemRecord(content: .text(Array(text.utf8)), index: index, line: index)
  }

  static func json(_ text: String, index: Int = 1, line: Int = 7) -> ItemRecord {
    ItemRecord(content: .json(Array(text.utf8)), index: index, line: line)
  }

  static func failed(_ text: String, index: Int = 1) -> ItemRecord {
    ItemRecord(content: .failedJSON(Array(text.utf8)), index: index, line: 7)
  }

  static func columns(_ fields: [(String, String)], index: Int = 1) -> ItemRecord {
    ItemRecord(
      content: .columns(ColumnNames(fields.map(\.0)), fields.map { Array($0.1.utf8) }), index: index, line: index)
  }
}

extension Answer {
  /// An answer of the Chat Completions API with this text.
  static func text(
    _ text: String, body: String? = nil, headers: String = "", finishReason: String? = "stop", refusal: String? = nil,
    usage: TokenUsage? = nil, attempts: Int = 1, api: WireAPI = .chat
  ) -> Answer {
    var answer = Answer(
      status: 200, headers: Array(headers.utf8),
      body: Array((body ?? #"{"choices":[{"message":{"role":"assistant","content":"x"}}]}"#).utf8),
      reply: ReplyFields(text: Array(text.utf8), finishReason: finishReason, refusal: refusal, usage: usage),
      api: api, latency: .milliseconds(1500))
    answer.attempts = attempts
    return answer
  }
}

extension ScriptStep {
  var result: ItemResult? {
    guard case .finished(let result) = self else { return nil }
    return result
  }

  var request: ChatRequest? {
    guard case .call(let request) = self else { return nil }
    return request
  }
}
