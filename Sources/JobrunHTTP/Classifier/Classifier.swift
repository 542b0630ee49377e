internal import JobrunModel

/// Decides what an HTTP answer is: an answer, or which kind of failure.
///
/// A pure function of status, headers and body.
struct Classifier {
  private let reader = JSONReader()

  /// - Parameters:
  ///   - status: The HTTP status.
  ///   - body: The whole body, as it came.
  func classify(status: Int, body: [UInt8]) -> Result<ReplyFields, AttemptError> {
    switch status {
    case 200..<300: classifySuccess(status: status, body: body)
    default: .failure(classifyFailure(status: status, body: body))
    }
  }

  private func classifySuccess(status: Int, body: [UInt8]) -> Result<ReplyFields, AttemptError> {
    do {
      return try reader.read(body) { root in
        guard ErrorBody.isError(root) else { return ChatCompletion.fields(of: root) }
        let said = ErrorBody(root)
        // A code that is a status speaks as that status would; anything else by its name.
        let inner = said.code.flatMap { Int($0) }.flatMap { (400..<600).contains($0) ? $0 : nil }
        var error = Self.failure(status: inner ?? status, said: said)
        error.status = status
        return .failure(error)
      }
    } catch {
      return .failure(notJSON(status: status, body: body, problem: error))
    }
  }

  private func notJSON(status: Int, body: [UInt8], problem: any Error) -> AttemptError {
    let start = body.prefix(200).drop { $0 == 0x20 || $0 == 0x0A || $0 == 0x0D || $0 == 0x09 }
    let what =
      if start.isEmpty {
        "the reply is empty"
      } else if start.first == UInt8(ascii: "<") {
        "the reply is HTML, not JSON: is the base URL right, is a login page in between?"
      } else {
        "the reply is not JSON: \((problem as? JSONReader.Malformed)?.reason ?? "\(problem)")"
      }
    return AttemptError(.badResponse, status: status, message: what, dispatched: .yes)
  }

  private func classifyFailure(status: Int, body: [UInt8]) -> AttemptError {
    let said = (try? reader.read(body) { ErrorBody($0) }) ?? ErrorBody()
    return Self.failure(status: status, said: said)
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
