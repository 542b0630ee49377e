/// What a provider says of an error, whatever shape it says it in.
struct ErrorBody: Equatable {
  var message: String?
  var type: String?
  var code: String?
  /// Gemini's `RetryInfo`, such as `49.48s`.
  var retryDelay: String?

  /// Reads the shapes that providers use: `{"error": {…}}`, `{"error": "…"}`, a flat object, a list of one, FastAPI's
  /// `{"detail": …}`, Anthropic's `{"type": "error", …}`.
  init(_ root: JSONView) {
    var object = root
    if root.isArray, let first = root[0] { object = first }
    let outer = object
    if let inner = object["error"], !inner.isNull {
      if let text = inner.string {
        message = text
        code = outer["code"]?.label ?? outer["error_code"]?.label
        return
      }
      object = inner
    }
    message = object["message"]?.string ?? object["detail"]?.string
    type = object["type"]?.string ?? object["status"]?.string
    code = object["code"]?.label ?? object["error_code"]?.label ?? outer["error_code"]?.label
    var index = 0
    while let detail = object["details"]?[index], retryDelay == nil, index < 16 {
      retryDelay = detail["retryDelay"]?.string
      index += 1
    }
  }

  init() {}

  /// Whether a body that came with HTTP 200 is an error all the same.
  static func isError(_ root: JSONView) -> Bool {
    let object = root.isArray ? root[0] ?? root : root
    if let error = object["error"], !error.isNull { return true }
    return object["object"]?.string == "error"
  }
}
