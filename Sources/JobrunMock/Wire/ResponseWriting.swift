import NIOCore
import NIOHTTP1

extension MockResponse {
  /// Writes the whole response.
  func write(into buffer: inout ByteBuffer, closes: Bool = false) {
    var headers = headers
    if closes, headers["connection"] == nil { headers.fields.append(("connection", "close")) }
    if headers["content-length"] == nil, headers["transfer-encoding"] == nil {
      headers.fields.append(("content-length", String(body.count)))
    }
    Self.writeHead(status: status, headers: headers, into: &buffer)
    buffer.writeBytes(body)
  }

  /// Writes a status line and these headers, none added.
  static func writeHead(status: Int, headers: MockHeaders, into buffer: inout ByteBuffer) {
    buffer.writeString("HTTP/1.1 \(status) \(HTTPResponseStatus(statusCode: status).reasonPhrase)\r\n")
    for field in headers.fields { buffer.writeString("\(field.name): \(field.value)\r\n") }
    buffer.writeString("\r\n")
  }
}
