import NIOCore
import NIOHTTP1

/// A complete request as a connection collected it, not yet copied.
struct ReceivedRequest {
  let head: HTTPRequestHead
  let body: ByteBuffer
  let ordinal: Int
  let connection: Int
  let responsesBefore: Int

  /// The path without a query and without `/v1`.
  var path: Substring {
    let path = head.uri.prefix { $0 != "?" }
    return path.hasPrefix("/v1/") ? path.dropFirst(3) : path
  }

  /// The copy that scripts, records and counts see.
  var request: MockRequest {
    MockRequest(
      ordinal: ordinal, connection: connection, responsesBefore: responsesBefore, method: head.method.rawValue,
      uri: head.uri, headers: MockHeaders(head.headers.map { ($0.name, $0.value) }),
      body: Array(body.readableBytesView))
  }
}
