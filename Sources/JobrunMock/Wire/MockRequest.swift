/// A complete request, as the server read it.
public struct MockRequest: Sendable {
  /// Its place among all complete requests, from 1.
  public var ordinal: Int
  /// Its connection's place among all connections, from 1.
  public var connection: Int
  /// The responses that its connection has carried before it.
  public var responsesBefore: Int
  public var method: String
  public var uri: String
  public var headers: MockHeaders
  public var body: [UInt8]

  /// The body as text; what is not UTF-8 is replaced.
  public var text: String { String(decoding: body, as: UTF8.self) }

  /// The model that is asked for; nil where the body is no chat request or names none.
  public var model: String? {
    body.withUnsafeBytes { bytes in
      (try? ChatRequest(scanning: bytes))?.model.map { JSONText(bytes, $0).decoded }
    }
  }

  /// The text of the last user message; of several parts, the last text.
  public var prompt: String? {
    body.withUnsafeBytes { bytes in
      (try? ChatRequest(scanning: bytes))?.prompt.map { JSONText(bytes, $0).decoded }
    }
  }
}
