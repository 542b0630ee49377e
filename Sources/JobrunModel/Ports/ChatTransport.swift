/// The port to the provider: one call is one HTTP request on the wire, never two.
@Loop
public protocol ChatTransport: AnyObject {
  /// Sends the body once and waits for its end.
  ///
  /// - Throws: `AttemptError` where what came back is no answer. A cancelled transfer is `.network` with code
  ///   `cancelled`, one that `failAll` ended has code `suspended`.
  func send(_ body: [UInt8], limits: TimeLimits) async throws(AttemptError) -> Answer

  /// Reads an answer that was stored, as it was read when it came.
  ///
  /// - Throws: `AttemptError` where it is no answer: this program reads it in another way than the one that stored it.
  func read(_ stored: StoredAnswer) throws(AttemptError) -> Answer

  /// Ends every transfer in flight and refuses later ones; each `send` returns at once.
  func cancelAll()

  /// Ends every transfer in flight, because the machine slept and their connections are dead.
  func failAll()

  /// From now on so many requests may be in flight: makes room for them where there is less.
  func makeRoom(for requests: Int)
}

extension ChatTransport {
  public func makeRoom(for requests: Int) {}
}

/// The time limits of one HTTP try, in nanoseconds.
public struct TimeLimits: Sendable, Equatable {
  /// Name look-up, TCP and TLS.
  public var connect: Int64
  /// Without progress while the request goes out.
  public var send: Int64
  /// From the request to the first byte of the answer.
  public var firstByte: Int64
  /// Without progress while the answer comes; blanks that only keep a connection alive are none.
  public var idle: Int64
  /// From the send to the last byte.
  public var total: Int64

  /// - Parameter total: In place of the time-outs' own.
  public init(_ timeouts: Timeouts, total: Duration? = nil) {
    connect = timeouts.connect.clampedNanoseconds
    send = timeouts.send.clampedNanoseconds
    firstByte = timeouts.firstByte.clampedNanoseconds
    idle = timeouts.idle.clampedNanoseconds
    self.total = (total ?? timeouts.total.longest).clampedNanoseconds
  }
}
