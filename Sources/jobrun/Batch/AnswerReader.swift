internal import JobrunHTTP
internal import JobrunModel

/// Reads answers that were bought elsewhere as those of this run are read, in whichever form.
@Loop
final class AnswerReader {
  private var transports: [WireAPI: HTTPTransport] = [:]

  /// - Throws: `AttemptError` where the body is no answer.
  func read(_ body: [UInt8], _ requestID: String?, of api: WireAPI) throws(AttemptError) -> Answer {
    let transport =
      transports[api]
      ?? HTTPTransport(
        endpoint: Endpoint(name: "offline", baseURL: "http://offline.invalid"), api: api,
        options: TransportOptions(concurrency: 1, connectionsPerHost: 1, version: JobrunCommand.version))
    transports[api] = transport
    var headers: [UInt8] = []
    if let requestID, !requestID.isEmpty, requestID.utf8.count <= 200,
      requestID.utf8.allSatisfy({ $0 > 0x20 && $0 < 0x7F })
    {
      headers = Array("x-request-id: \(requestID)\r\n".utf8)
    }
    return try transport.read(
      StoredAnswer(
        status: 200, headers: headers, body: body, latency: .zero, attempts: 1, costUSD: nil, model: ""))
  }
}
