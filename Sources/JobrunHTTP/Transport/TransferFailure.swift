internal import CCurl
internal import JobrunModel

/// What a transfer that brought no whole HTTP answer means, in the words of the taxonomy.
enum TransferFailure {
  /// - Parameter sent: Whether the request had begun to go out.
  /// - Returns: nil where the transfer brought a whole response.
  static func error(
    of result: TransferResult, sent: Bool, status: Int, limits: TimeLimits, replyLimit: Int
  ) -> AttemptError? {
    let dispatched: Dispatched = sent ? .maybe : .no
    return switch result {
    case .completed: nil
    case .timedOut(let phase): timeout(phase, limits)
    case .cancelled:
      AttemptError(.network, code: "cancelled", message: "cancelled, because the run ends", dispatched: dispatched)
    case .suspended:
      AttemptError(.network, code: "suspended", message: "the machine slept meanwhile", dispatched: dispatched)
    case .tooLarge:
      AttemptError(
        .tooLarge, status: status, code: "reply_too_large",
        message: "the reply is longer than \(replyLimit >> 20) MiB", dispatched: .yes)
    case .resendRefused:
      AttemptError(
        .network, code: "stale_connection",
        message: "the kept connection was closed by the server when the request was sent on it", dispatched: .maybe)
    case .failed(let code, let sent, let detail):
      failure(code, sent: sent, detail: detail)
    }
  }

  private static func timeout(_ phase: TransferPhase, _ limits: TimeLimits) -> AttemptError {
    let (code, message, dispatched): (String, String, Dispatched) =
      switch phase {
      case .connecting: ("connect_timeout", "no connection after \(seconds(limits.connect))", .no)
      case .sending: ("send_timeout", "the request could not be sent on for \(seconds(limits.send))", .maybe)
      case .firstByte: ("first_byte_timeout", "no byte of the reply after \(seconds(limits.firstByte))", .maybe)
      case .idle: ("idle_timeout", "the reply did not go on for \(seconds(limits.idle))", .maybe)
      case .total: ("total_timeout", "no complete reply after \(seconds(limits.total))", .maybe)
      }
    return AttemptError(.timeout, status: 408, code: code, message: message, dispatched: dispatched)
  }

  private static func failure(_ code: CURLcode, sent: Bool, detail: String) -> AttemptError {
    let dispatched: Dispatched = sent ? .maybe : .no
    switch code {
    // libcurl's words, of 7.83 and later ones, and of those before.
    case CURLE_RECV_ERROR where detail.contains("CONNECT tunnel failed") || detail.contains("from proxy after CONNECT"):
      return AttemptError(.network, code: "proxy", message: detail, dispatched: dispatched)
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

  private static func seconds(_ nanoseconds: Int64) -> String {
    let value = Double(nanoseconds) / 1e9
    return value == value.rounded() ? "\(Int(value)) s" : "\(value) s"
  }
}
