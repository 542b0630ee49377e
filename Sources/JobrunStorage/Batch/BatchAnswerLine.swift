public import JobrunModel

/// A line of a batch's output, in the form of its input: an answer, or why there is none.
///
/// An answer's body stands in it as it came; only what would make two lines of it is left out.
public enum BatchAnswerLine {
  /// - Parameters:
  ///   - line: The request's line in the batch file, from 1: the answer is called by it.
  ///   - form: Whose lines they are.
  public static func encode(_ answer: Answer, customID: String, line: Int, form: BatchLine.Form) -> [UInt8] {
    var json: [UInt8] = []
    json.reserveCapacity(answer.json.count + 160)
    switch form {
    case .openAI:
      begin(customID, line, &json)
      append(status: answer.status, requestID: requestID(in: answer.headers), to: &json)
      append(oneLine: answer.json, to: &json)
      JSONText.append("},\"error\":null}", to: &json)
    case .anthropic:
      beginResult(customID, "succeeded", &json)
      JSONText.append(",\"message\":", to: &json)
      append(oneLine: answer.json, to: &json)
      JSONText.append("}}", to: &json)
    }
    return json
  }

  /// - Parameter error: How the last try ended. An HTTP error of the provider's is a response; what is none (time-outs, the
  ///   network, a success that cannot be read) is an error whose code is its class.
  public static func encode(_ error: AttemptError, customID: String, line: Int, form: BatchLine.Form) -> [UInt8] {
    let body = error.body.flatMap(object)
    var json: [UInt8] = []
    switch form {
    case .openAI where (300..<600).contains(error.status) && (body != nil || error.errorClass != .timeout):
      begin(customID, line, &json)
      append(status: error.status, requestID: "", to: &json)
      if let body { append(oneLine: body, to: &json) } else { append(said: error, to: &json) }
      JSONText.append("},\"error\":null}", to: &json)
    case .openAI:
      return encode(code: error.errorClass.rawValue, message: error.message, customID: customID, line: line, form: form)
    case .anthropic:
      beginResult(customID, "errored", &json)
      JSONText.append(",\"error\":", to: &json)
      if let body { append(oneLine: body, to: &json) } else { append(said: error, to: &json) }
      JSONText.append("}}", to: &json)
    }
    return json
  }

  /// A request that was not sent.
  ///
  /// - Parameter customID: Nil where the line has none that can be read.
  public static func encode(
    code: String, message: String, customID: String?, line: Int, form: BatchLine.Form
  ) -> [UInt8] {
    var json: [UInt8] = []
    switch form {
    case .openAI:
      begin(customID, line, &json)
      JSONText.append("null,\"error\":{\"code\":", to: &json)
    case .anthropic:
      beginResult(customID, "errored", &json)
      JSONText.append(",\"error\":{\"type\":\"error\",\"error\":{\"type\":", to: &json)
    }
    JSONText.append(string: code, to: &json)
    JSONText.append(",\"message\":", to: &json)
    JSONText.append(string: message, to: &json)
    JSONText.append(form == .openAI ? "}}" : "}}}}", to: &json)
    return json
  }

  // MARK: Parts

  private static func begin(_ customID: String?, _ line: Int, _ json: inout [UInt8]) {
    JSONText.append("{\"id\":\"jobrun-", to: &json)
    JSONText.append(line, to: &json)
    JSONText.append("\",\"custom_id\":", to: &json)
    append(customID, to: &json)
    JSONText.append(",\"response\":", to: &json)
  }

  private static func beginResult(_ customID: String?, _ type: StaticString, _ json: inout [UInt8]) {
    JSONText.append("{\"custom_id\":", to: &json)
    append(customID, to: &json)
    JSONText.append(",\"result\":{\"type\":\"", to: &json)
    JSONText.append(type, to: &json)
    JSONText.append("\"", to: &json)
  }

  private static func append(_ customID: String?, to json: inout [UInt8]) {
    if let customID { JSONText.append(string: customID, to: &json) } else { JSONText.append("null", to: &json) }
  }

  private static func append(status: Int, requestID: String, to json: inout [UInt8]) {
    JSONText.append("{\"status_code\":", to: &json)
    JSONText.append(status, to: &json)
    JSONText.append(",\"request_id\":", to: &json)
    JSONText.append(string: requestID, to: &json)
    JSONText.append(",\"body\":", to: &json)
  }

  /// The error as a provider would say it.
  private static func append(said error: AttemptError, to json: inout [UInt8]) {
    JSONText.append("{\"type\":\"error\",\"error\":{\"type\":", to: &json)
    JSONText.append(string: error.errorClass.rawValue, to: &json)
    JSONText.append(",\"code\":", to: &json)
    append(error.code, to: &json)
    JSONText.append(",\"message\":", to: &json)
    JSONText.append(string: error.message, to: &json)
    JSONText.append("}}", to: &json)
  }

  /// Appends valid JSON without its line breaks: they can only stand between its tokens.
  static func append(oneLine value: [UInt8], to json: inout [UInt8]) {
    if value.contains(0x0A) || value.contains(0x0D) {
      let line = value.filter { $0 != 0x0A && $0 != 0x0D }
      JSONText.append(valid: line, range: 0..<line.count, to: &json)
    } else {
      JSONText.append(valid: value, range: 0..<value.count, to: &json)
    }
  }

  /// The bytes, where they are a JSON object that may stand in another.
  private static func object(_ bytes: [UInt8]) -> [UInt8]? {
    guard bytes.withUnsafeBytes({ UTF8Validity.firstInvalidOffset(in: $0) }) == nil else { return nil }
    return JSONMembers(bytes, of: []).isObject ? bytes : nil
  }

  /// What the provider called the request; empty where it did not.
  private static func requestID(in headers: [UInt8]) -> String {
    let names = ["x-request-id:", "request-id:", "apim-request-id:"]
    for line in headers.split(whereSeparator: { $0 == 0x0D || $0 == 0x0A }) {
      guard line.first.map({ "xXrRaA".utf8.contains($0) }) == true else { continue }
      let text = String(decoding: line, as: UTF8.self)
      guard let name = names.first(where: { text.lowercased().hasPrefix($0) }) else { continue }
      return String(text.dropFirst(name.count).drop { $0 == " " })
    }
    return ""
  }
}
