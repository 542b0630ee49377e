internal import CCurl
internal import Glibc
internal import JobrunModel

/// What all transfers of a transport have in common. Owns the header list and what the handles share.
final class TransferConfiguration {
  private let url: String
  /// The same, taken apart once, which libcurl would do at each request; nil where it does not like it, and will say why.
  private let parsedURL: OpaquePointer?
  let maximumReplyBytes: Int
  /// Answers come as streams of events.
  let streams: Bool
  let headers: UnsafeMutablePointer<curl_slist>?
  /// Name look-ups and TLS sessions, shared by the multi handles. No lock: one thread uses it.
  let share: UnsafeMutableRawPointer?
  private let options: TransportOptions
  /// Empty: none. Nil: what libcurl finds in the environment, where it looks at every request.
  private let proxy: String?
  private let isTLS: Bool

  init(endpoint: Endpoint, api: WireAPI, streams: Bool, options: TransportOptions) {
    self.streams = streams
    url = endpoint.baseURL + api.path + (endpoint.query.map { "?" + $0 } ?? "")
    parsedURL = Self.parsed(url)
    isTLS = endpoint.baseURL.lowercased().hasPrefix("https:")
    maximumReplyBytes = options.maximumReplyBytes
    // What runs on this machine is not asked through a proxy.
    let isLocal = Origin(endpoint.baseURL)?.isLoopback == true
    proxy = endpoint.proxy ?? (isLocal || !Self.environmentHasProxy ? "" : nil)
    self.options = options
    var lines = ["Content-Type: application/json", "Expect:"]
    // Among the headers, because libcurl writes the option's anew for each request.
    if !endpoint.headers.keys.contains(where: { $0.lowercased() == "user-agent" }) {
      lines.append("User-Agent: jobrun/\(options.version)")
    }
    lines += endpoint.headers.sorted { $0.key < $1.key }.map { "\($0.key): \($0.value)" }
    if let key = endpoint.key { lines.append(endpoint.keyHeader + key.value) }
    var list: UnsafeMutablePointer<curl_slist>?
    for line in lines { list = curl_slist_append(list, line) }
    headers = list
    share = curl_share_init()
    if let share {
      _ = jr_share_set_data(share, CURL_LOCK_DATA_DNS)
      _ = jr_share_set_data(share, CURL_LOCK_DATA_SSL_SESSION)
    }
  }

  // The multi handles keep this object until their transfers are gone, so nothing uses the share any more.
  deinit {
    curl_url_cleanup(parsedURL)
    curl_slist_free_all(headers)
    curl_share_cleanup(share)
  }

  /// Sets what does not change from request to request.
  func apply(to easy: UnsafeMutableRawPointer) {
    if let parsedURL {
      _ = jr_easy_set_pointer(easy, CURLOPT_CURLU, UnsafeMutableRawPointer(parsedURL))
    } else {
      _ = jr_easy_set_string(easy, CURLOPT_URL, url)
    }
    _ = jr_easy_set_headers(easy, headers)
    _ = jr_easy_set_string(easy, CURLOPT_PROTOCOLS_STR, "http,https")
    _ = jr_easy_set_long(easy, CURLOPT_POST, 1)
    _ = jr_easy_set_long(easy, CURLOPT_NOSIGNAL, 1)
    _ = jr_easy_set_long(easy, CURLOPT_FOLLOWLOCATION, 0)
    // What a proxy says before the request has gone is no beginning of an answer.
    _ = jr_easy_set_long(easy, CURLOPT_SUPPRESS_CONNECT_HEADERS, 1)
    _ = jr_easy_set_long(easy, CURLOPT_NETRC, Int(CURL_NETRC_IGNORED.rawValue))
    _ = jr_easy_set_long(easy, CURLOPT_MAXAGE_CONN, options.idleSeconds)
    // A plain-text server is asked in HTTP/1.1; TLS negotiates HTTP/2 by itself.
    _ = jr_easy_set_long(easy, CURLOPT_HTTP_VERSION, Int(CURL_HTTP_VERSION_2TLS))
    // Wait for the first handshake to say whether one connection can carry all: only TLS can.
    if isTLS { _ = jr_easy_set_long(easy, CURLOPT_PIPEWAIT, 1) }
    // Routers forget silent connections; the kernel's probes keep them known while a long answer is written.
    _ = jr_easy_set_long(easy, CURLOPT_TCP_KEEPALIVE, 1)
    _ = jr_easy_set_long(easy, CURLOPT_TCP_KEEPIDLE, 60)
    _ = jr_easy_set_long(easy, CURLOPT_TCP_KEEPINTVL, 15)
    // Our own timer ends a connect; libcurl's limit, 300 s without this, only must not come before it.
    _ = jr_easy_set_long(easy, CURLOPT_CONNECTTIMEOUT, 86_400)
    if let share { _ = jr_easy_set_share(easy, share) }
    if let proxy { _ = jr_easy_set_string(easy, CURLOPT_PROXY, proxy) }
    if let file = options.certificateFile { _ = jr_easy_set_string(easy, CURLOPT_CAINFO, file) }
  }

  private static func parsed(_ url: String) -> OpaquePointer? {
    guard let parsed = curl_url() else { return nil }
    if curl_url_set(parsed, CURLUPART_URL, url, 0) == CURLUE_OK { return parsed }
    curl_url_cleanup(parsed)
    return nil
  }

  /// Whether the environment names a proxy, in one of the variables that libcurl reads.
  private static let environmentHasProxy = [
    "http_proxy", "https_proxy", "HTTPS_PROXY", "all_proxy", "ALL_PROXY",
  ].contains { (name: String) in getenv(name) != nil }
}
