/// A line of a batch's results, of whichever service: OpenAI's output and error files, vLLM's old and new ones, Together's,
/// Anthropic's, and those of `jobrun batch`.
public struct ResultLine: Sendable, Equatable {
  public enum Outcome: Sendable, Equatable {
    /// The body of the answer as it stands in the line.
    case answer(body: [UInt8], requestID: String?)
    /// There is none, in the service's words.
    case failed(String)
  }

  public var customID: String
  public var outcome: Outcome

  /// - Returns: nil where the line is no result: no JSON object, or without `custom_id`.
  public init?(_ line: [UInt8]) {
    let members = JSONMembers(line, of: ["custom_id", "response", "error", "result"])
    guard members.isObject, let customID = members.string("custom_id") else { return nil }
    self.customID = customID
    if let result = members.value("result") {
      outcome = Self.anthropic(result)
    } else {
      outcome = Self.openAI(members)
    }
  }

  private static func openAI(_ line: JSONMembers) -> Outcome {
    let error = line.value("error").flatMap(words)
    guard !line.isNull("response"), let bytes = line.value("response") else {
      return .failed(error ?? "no response")
    }
    let response = JSONMembers(bytes, of: ["status_code", "request_id", "body", "error", "message"])
    guard response.isObject else { return .failed(error ?? "no response that can be read") }
    guard response["status_code"] != nil || response["body"] != nil else {
      // vLLM's old form: the answer itself.
      if let error { return .failed(error) }
      if !response.isNull("error") { return .failed(words(bytes) ?? "no answer") }
      return .answer(body: bytes, requestID: nil)
    }
    let status = response.integer("status_code") ?? 200
    let body = response.isNull("body") ? nil : response.value("body")
    if (200..<300).contains(status), error == nil, let body, body.first == UInt8(ascii: "{") {
      return .answer(body: body, requestID: response.string("request_id"))
    }
    let said = error ?? body.flatMap(words) ?? response.string("message") ?? "no answer"
    return .failed(response["status_code"] == nil ? said : "\(status): \(said)")
  }

  private static func anthropic(_ bytes: [UInt8]) -> Outcome {
    let result = JSONMembers(bytes, of: ["type", "message", "error"])
    let type = result.string("type") ?? "no type"
    if type == "succeeded", let body = result.value("message"), body.first == UInt8(ascii: "{") {
      return .answer(body: body, requestID: nil)
    }
    let said = result.value("error").flatMap(words)
    return .failed(said.map { "\(type): \($0)" } ?? type)
  }

  /// What an error says: a text, `{"message"}`, or one of these in `{"error"}`; nil where it says nothing.
  private static func words(_ bytes: [UInt8]) -> String? {
    var bytes = bytes
    for _ in 0..<3 {
      if bytes.first == 0x22 { return JSONMembers.string(bytes[...]).flatMap { $0.isEmpty ? nil : $0 } }
      let members = JSONMembers(bytes, of: ["message", "error", "code", "type"])
      if let message = members.string("message") {
        return members.string("code").map { "\($0): \(message)" } ?? message
      }
      guard let inner = members.value("error"), !members.isNull("error") else {
        return members.string("code") ?? members.string("type")
      }
      bytes = inner
    }
    return nil
  }
}
