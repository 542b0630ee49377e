internal import CCurl
internal import JobrunModel

/// What a transfer that brought no whole HTTP answer means, in the words of the taxonomy.
enum TransferFailure {
  /// - Returns: nil where the transfer brought a whole response.
  static func error(of result: TransferResult, status: Int, timeouts: Timeouts, limit: Int) -> AttemptError? {
    switch result {
    case .completed: nil
    case .timedOut(.connecting):
      AttemptError(
        .timeout, status: 408, code: "connect_timeout",
        message: "no connection after \(seconds(timeouts.connect))", dispatched: .no)
    case .timedOut(.waiting):
      AttemptError(
        .timeout, status: 408, code: "total_timeout",
        message: "no complete reply after \(seconds(timeouts.total))", dispatched: .maybe)
    case .cancelled:
      AttemptError(.network, code: "cancelled", message: "cancelled, because the run ends", dispatched: .maybe)
    case .tooLarge:
      AttemptError(
        .tooLarge, status: status, code: "reply_too_large",
        message: "the reply is longer than \(limit >> 20) MiB", dispatched: .yes)
    case .resendRefused:
      AttemptError(
        .network, code: "stale_connection",
        message: "the kept connection was closed by the server when the request was sent on it", dispatched: .maybe)
    case .failed(let code, let sent, let detail):
      failure(code, sent: sent, detail: detail)
    }
  }

  private static func failure(_ code: CURLcode, sent: Bool, detail: String) -> AttemptError {
    let dispatched: Dispatched = sent ? .maybe : .no
    switch code {
    case CURLE_OPERATION_TIMEDOUT:
      return AttemptError(.timeout, status: 408, code: "connect_timeout", message: detail, dispatched: dispatched)
    default:
      return AttemptError(.network, code: name(of: code), message: message(code, detail), dispatched: dispatched)
    }
  }

  private static func message(_ code: CURLcode, _ detail: String) -> String {
    switch code {
    case CURLE_PEER_FAILED_VERIFICATION, CURLE_SSL_CACERT_BADFILE:
      "\(detail) (a certificate authority of your own goes into SSL_CERT_FILE)"
    default: detail
    }
  }

  private static func name(of code: CURLcode) -> String {
    switch code {
    case CURLE_COULDNT_RESOLVE_HOST, CURLE_COULDNT_RESOLVE_PROXY: "dns"
    case CURLE_COULDNT_CONNECT: "connect"
    case CURLE_SSL_CONNECT_ERROR, CURLE_PEER_FAILED_VERIFICATION, CURLE_SSL_CACERT_BADFILE, CURLE_SSL_CIPHER,
      CURLE_SSL_CERTPROBLEM:
      "tls"
    case CURLE_PROXY: "proxy"
    case CURLE_GOT_NOTHING: "closed"
    case CURLE_RECV_ERROR, CURLE_SEND_ERROR: "reset"
    case CURLE_PARTIAL_FILE: "cut"
    case CURLE_WEIRD_SERVER_REPLY, CURLE_UNSUPPORTED_PROTOCOL, CURLE_HTTP2, CURLE_HTTP2_STREAM: "protocol"
    default: "curl_\(code.rawValue)"
    }
  }

  private static func seconds(_ duration: Duration) -> String {
    let value = duration.seconds
    return value == value.rounded() ? "\(Int(value)) s" : "\(value) s"
  }
}
