import JobrunModel
import LuaBridge

/// The job's `schema`: sent with the requests, and held against the answers.
@Loop
struct AnswerSchema {
  /// Why an answer is asked for again.
  struct Feedback {
    var reason: String
    /// What the model is told.
    var message: String
  }

  /// The schema as JSON.
  let json: [UInt8]

  private let check: SchemaCheck

  /// - Throws: `SchemaError` where it is none.
  init(json: [UInt8]) throws {
    self.json = json
    check = try SchemaCheck(schema: json)
  }

  /// Adds the schema as `response_format`, where the request has none of its own.
  ///
  /// Stack: [.., request, ..] -> same
  func addFormat(toRequestAt index: Int32, on thread: LuaThread) {
    let present = thread.field("response_format", of: index)
    thread.pop()
    guard present == .nil else { return }
    thread.pushCopy(at: index)
    thread.newTable(fieldCapacity: 2)
    thread.push("json_schema")
    thread.setField("type")
    thread.newTable(fieldCapacity: 2)
    thread.push("answer")
    thread.setField("name")
    if (try? thread.pushJSON(json)) != nil { thread.setField("schema") }
    thread.setField("json_schema")
    thread.setField("response_format")
    thread.pop()
  }

  /// What to say to a reply that does not fit; nil where it fits.
  func feedback(forReplyAt index: Int32, _ request: ChatRequest?, on thread: LuaThread) -> Feedback? {
    thread.field("text", of: index)
    defer { thread.pop() }
    let text = thread.bytes(at: -1) ?? []
    let found = check.problems(of: CodeFence.removed(from: text))
    if found.isEmpty { return nil }
    return Feedback(
      reason: "the answer does not fit the schema: \(found.joined(separator: "; "))",
      message: "Your answer does not fit the JSON schema:\n" + found.map { "- \($0)" }.joined(separator: "\n")
        + "\nAnswer again, with the corrected JSON only.")
  }
}

extension ReplyFields {
  /// The model stopped because it had no more room.
  var isTruncated: Bool { finishReason.map(Self.limits.contains) ?? false }

  /// Chat, messages, responses; and a context that is full.
  private static let limits: Set<String> = [
    "length", "max_tokens", "max_output_tokens", "model_context_window_exceeded",
  ]
}

/// Answers that count as failures.
enum AnswerFault {
  static func truncated(_ answer: Answer) -> ItemFailure {
    ItemFailure(
      .truncated, status: answer.status, message: "the model stopped at its output limit", attempts: answer.attempts,
      dispatched: .yes)
  }
}
