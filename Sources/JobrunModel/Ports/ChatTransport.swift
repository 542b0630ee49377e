/// The port to the provider: one call is one HTTP request on the wire, never two.
@Loop
public protocol ChatTransport: AnyObject {
  /// Sends the request once and waits for its end.
  ///
  /// - Throws: `AttemptError` where what came back is no answer. A cancelled transfer is `.network` with code
  ///   `cancelled`.
  func send(_ request: ChatRequest) async throws(AttemptError) -> Answer

  /// Ends every transfer in flight; each `send` returns at once.
  func cancelAll()
}
