import NIOCore

/// Responses that belong to one API.
extension MockResponse {
  private static let json: MockHeaders = ["content-type": "application/json"]

  private static func modelObject(_ name: String) -> String {
    #"{"id":\#(JSONValue.quoted(name)),"object":"model","created":1700000000,"owned_by":"jobrun"}"#
  }

  private static func anthropicModelObject(_ name: String) -> String {
    let id = JSONValue.quoted(name)
    return #"{"type":"model","id":\#(id),"display_name":\#(id),"created_at":"2023-11-14T22:13:20Z"}"#
  }

  static let models = Self(
    status: 200, headers: json, body: #"{"object":"list","data":[\#(modelObject("mock"))]}"#)

  static let anthropicModels = Self(
    status: 200, headers: json,
    body: #"{"data":[\#(anthropicModelObject("mock"))],"has_more":false,"first_id":"mock","last_id":"mock"}"#)

  /// The mock has every model.
  static func model(_ name: String) -> Self { Self(status: 200, headers: json, body: modelObject(name)) }

  static func anthropicModel(_ name: String) -> Self {
    Self(status: 200, headers: json, body: anthropicModelObject(name))
  }

  static func wrongMethod(_ method: String, api: MockAPI, uri: String) -> Self {
    .error(
      status: 405, headers: ["allow": api.method],
      message: "Not allowed to \(method) on \(uri). (HINT: Perhaps you meant to \(api.method)?)",
      code: "method_not_supported")
  }

  /// The same error in Anthropic's shape; what is no error in OpenAI's shape stays as it is.
  ///
  /// - Parameter hasID: Whether it gets a `request-id` header.
  func asAnthropic(ordinal: Int, hasID: Bool = true) -> Self {
    let id: MockHeaders = hasID ? ["request-id": "req_mock_\(ordinal)"] : [:]
    let scanned = body.withUnsafeBytes { try? JSONValue(scanning: $0) }
    guard let error = scanned?["error"], scanned?["type"] == nil, let message = error["message"]?.text else {
      return with(id)
    }
    let (status, type) =
      switch status {
      case 401: (401, "authentication_error")
      case 403: (403, "permission_error")
      case 404: (404, "not_found_error")
      case 413: (413, "request_too_large")
      case 429: (429, "rate_limit_error")
      case 503, 529: (529, "overloaded_error")
      case 500...: (status, "api_error")
      default: (status, "invalid_request_error")
      }
    let others = headers.fields.filter { $0.name.lowercased() != "content-type" }
    return .anthropicError(
      status: status, headers: MockHeaders(others) + id, message: message, type: type, ordinal: ordinal)
  }

  /// Whether this is a status 200 with an error as its body, which in a stream is an event.
  var isErrorEvent: Bool {
    status == 200 && body.withUnsafeBytes { try? JSONValue(scanning: $0) }?["error"] != nil
  }

  static func writeStreamHead(_ more: MockHeaders, closes: Bool, into buffer: inout ByteBuffer) {
    var headers: MockHeaders = [
      "content-type": "text/event-stream; charset=utf-8", "cache-control": "no-cache",
      "transfer-encoding": "chunked",
    ]
    headers = headers + more
    if closes { headers.fields.append(("connection", "close")) }
    writeHead(status: 200, headers: headers, into: &buffer)
  }
}
