internal import JobrunModel

/// Decides what an HTTP answer is: an answer, or which kind of failure.
///
/// A pure function of status, headers and body.
struct Classifier {
  /// The form of the answers.
  var api = WireAPI.chat
  private let reader = JSONReader()

  /// - Parameters:
  ///   - status: The HTTP status.
  ///   - headers: The header lines, separated by CRLF.
  ///   - body: The whole body, as it came.
  ///   - wallClock: Seconds since 1970, for dates in an answer that has none of its own.
  func classify(
    status: Int, headers: [UInt8] = [], body: [UInt8], wallClock: @autoclosure () -> Double = 0
  ) -> Result<ReplyFields, AttemptError> {
    let error: AttemptError
    let said: ErrorBody
    if (200..<300).contains(status) {
      let (result, words) = classifySuccess(status: status, body: body)
      guard case .failure(let failure) = result else { return result }
      (error, said) = (failure, words)
    } else {
      said = (try? reader.read(body) { ErrorBody($0) }) ?? ErrorBody()
      error = Self.failure(status: status, said: said)
    }
    return .failure(Self.completed(error, headers: headers, said: said, wallClock: wallClock()))
  }

  /// The failure, with what headers and body say of trying again.
  private static func completed(
    _ failure: AttemptError, headers bytes: [UInt8], said: ErrorBody, wallClock: Double
  ) -> AttemptError {
    let headers = HeaderBlock(bytes)
    let now = headers["date"].flatMap { TimeText.httpDate($0) } ?? wallClock
    var error = failure
    switch headers["x-should-retry"] {
    case "true": error.shouldRetry = true
    case "false":
      error.shouldRetry = false
      // A rate limit that no wait helps is a quota.
      if error.errorClass == .rateLimit { error.errorClass = .quota }
    default: break
    }
    error.limits = RateLimitHeaders.limits(in: bytes, now: now)
    error.retryAfter = RetryHint.wait(headers: headers, limits: error.limits, said: said, now: now)
    return error
  }

  private func classifySuccess(
    status: Int, body: [UInt8]
  ) -> (Result<ReplyFields, AttemptError>, said: ErrorBody) {
    do {
      return try reader.read(body) { root in
        guard ErrorBody.isError(root) else { return (fields(of: root), ErrorBody()) }
        let said = ErrorBody(root)
        // A code that is a status speaks as that status would; anything else by its name.
        let inner = said.code.flatMap { Int($0) }.flatMap { (400..<600).contains($0) ? $0 : nil }
        var error = Self.failure(status: inner ?? status, said: said)
        error.status = status
        return (.failure(error), said)
      }
    } catch {
      return (.failure(notJSON(status: status, body: body, problem: error)), ErrorBody())
    }
  }

  private func fields(of root: JSONView) -> Result<ReplyFields, AttemptError> {
    switch api {
    case .chat: ChatCompletion.fields(of: root)
    case .responses: ModelResponse.fields(of: root)
    case .embeddings: EmbeddingList.fields(of: root)
    case .messages: AnthropicMessage.fields(of: root)
    }
  }

  private func notJSON(status: Int, body: [UInt8], problem: any Error) -> AttemptError {
    let reason = (problem as? JSONReader.Malformed)?.reason ?? "\(problem)"
    if reason.contains("too deep") {
      return AttemptError(
        .tooLarge, status: status, code: "too_deep", message: "the reply's JSON is nested too deep", dispatched: .yes)
    }
    let start = body.drop { $0 == 0x20 || $0 == 0x0A || $0 == 0x0D || $0 == 0x09 }
    var code: String?
    if start.first == UInt8(ascii: "<") { code = "html" }
    let what =
      if start.isEmpty {
        "the reply is empty"
      } else if start.first == UInt8(ascii: "<") {
        "the reply is HTML, not JSON: is the base URL right, is a login page in between?"
      } else {
        "the reply is not JSON: \(reason)"
      }
    return AttemptError(.badResponse, status: status, code: code, message: what, dispatched: .yes)
  }

  /// The failure that a status and the provider's words stand for.
  static func failure(status: Int, said: ErrorBody) -> AttemptError {
    let errorClass =
      ErrorRule.all.first { $0.matches(status: status, said: said) }?.errorClass ?? ErrorRule.byStatus(status)
    return AttemptError(
      errorClass, status: status, code: said.code ?? said.type,
      message: said.message ?? fallbackMessage(status: status),
      dispatched: .yes)
  }

  private static func fallbackMessage(status: Int) -> String {
    switch status {
    case 300..<400: "HTTP \(status): a redirect, which is never followed; use the final URL as the base URL"
    case 401: "HTTP 401: the key was refused"
    case 404: "HTTP 404: no such model, or the base URL is wrong"
    default: "HTTP \(status)"
    }
  }
}
