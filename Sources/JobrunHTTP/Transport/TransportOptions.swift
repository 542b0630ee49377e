/// How the transport treats its connections.
public struct TransportOptions: Sendable {
  /// Requests in flight at most, over all.
  public var concurrency: Int
  /// Connections at most; HTTP/2 carries several requests on one.
  public var connectionsPerHost: Int
  /// What `connectionsPerHost` may grow to, when more requests are let go.
  public var mostConnections: Int
  /// A reply longer than this fails as `too_large`, in bytes.
  public var maximumReplyBytes: Int = 32 << 20
  /// How long an idle connection is used again, in whole seconds: shorter than any server keeps one (uvicorn: 5 s),
  /// so that a request seldom meets a connection that is just being closed.
  public var idleSeconds: Int = 4
  /// The program's version, for `User-Agent`.
  public var version: String
  /// A file of certificates instead of the system's (`SSL_CERT_FILE`).
  public var certificateFile: String?

  public init(concurrency: Int, connectionsPerHost: Int? = nil, version: String) {
    self.concurrency = max(1, concurrency)
    self.connectionsPerHost = max(1, connectionsPerHost ?? concurrency)
    mostConnections = self.connectionsPerHost
    self.version = version
  }
}
