/// One step of a script; a script's steps are played in order, each after the one before is done.
///
/// After the last step the connection stays open and its next request is read, whatever was written.
public enum MockStep: Sendable {
  /// Answers as the server would without a script.
  case answer
  /// Writes a whole response with its `content-length`.
  case respond(MockResponse)
  /// Writes a status line and these headers, none added, and the empty line.
  case head(status: Int, headers: MockHeaders = [:])
  /// Writes these bytes.
  case bytes([UInt8])
  /// Writes `count` times the same byte, no faster than the client reads: the body that needs no memory.
  case fill(UInt8, count: Int)
  /// Writes one byte, waits, writes the next.
  case drip([UInt8], every: Duration)
  /// Waits before the next step.
  case wait(Duration)
  /// Plays these steps over and over, until the connection is gone.
  case endless([MockStep])
  /// Closes the connection (FIN) after what was written has left.
  case close
  /// Resets the connection (RST, by `SO_LINGER` 0).
  case reset
  /// Never does anything again.
  case stall

  /// Writes a whole response with its `content-length`.
  public static func respond(status: Int, headers: MockHeaders = [:], body: String) -> Self {
    .respond(MockResponse(status: status, headers: headers, body: body))
  }

  /// Writes this text as UTF-8.
  public static func text(_ text: String) -> Self { .bytes(Array(text.utf8)) }

  /// Writes one chunk of a body with `transfer-encoding: chunked`. An empty text makes the last chunk.
  public static func chunk(_ text: String) -> Self {
    .text(String(text.utf8.count, radix: 16) + "\r\n" + text + "\r\n")
  }
}
