#if canImport(Glibc)
  import Glibc
#else
  import Darwin
#endif

/// A TCP client without manners: sends the bytes it is given and shows the bytes that came back. Its calls block.
final class RawClient {
  struct Failure: Error { var call: String, code: CInt }

  /// How a connection ended.
  enum Ending: Equatable { case closed, reset }

  struct Response: Equatable {
    var head: String
    var body: String
    var status: Int { Int(head.split(separator: " ")[1]) ?? 0 }
  }

  private let socket: CInt
  private var unread: [UInt8] = []

  init(port: Int) throws {
    #if canImport(Glibc)
      let kind = CInt(SOCK_STREAM.rawValue)
    #else
      let kind = SOCK_STREAM
    #endif
    socket = Self.open(AF_INET, kind, 0)
    // No test waits this long; a test that would wait for ever fails instead.
    var limit = timeval(tv_sec: 20, tv_usec: 0)
    setsockopt(socket, SOL_SOCKET, SO_RCVTIMEO, &limit, socklen_t(MemoryLayout<timeval>.size))
    var address = sockaddr_in()
    address.sin_family = sa_family_t(AF_INET)
    address.sin_port = UInt16(port).bigEndian
    address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
    let size = socklen_t(MemoryLayout<sockaddr_in>.size)
    let result = withUnsafePointer(to: &address) { pointer in
      pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { connect(socket, $0, size) }
    }
    if result != 0 { throw Failure(call: "connect", code: errno) }
  }

  deinit { close(socket) }

  // The C function has the property's name.
  private static let open = socket(_:_:_:)

  func send(_ text: String) throws {
    let bytes = Array(text.utf8)
    var sent = 0
    while sent < bytes.count {
      let count = bytes[sent...].withUnsafeBytes { Self.write(socket, $0) }
      if count < 0 { throw Failure(call: "send", code: errno) }
      sent += count
    }
  }

  private static func write(_ socket: CInt, _ bytes: UnsafeRawBufferPointer) -> Int {
    #if canImport(Glibc)
      return Glibc.send(socket, bytes.baseAddress, bytes.count, CInt(MSG_NOSIGNAL))
    #else
      return Darwin.send(socket, bytes.baseAddress, bytes.count, 0)
    #endif
  }

  /// Sends a chat request with this body.
  func chat(_ body: String, path: String = "/v1/chat/completions", headers: String = "") throws {
    try send("POST \(path) HTTP/1.1\r\nhost: mock\r\n\(headers)content-length: \(body.utf8.count)\r\n\r\n\(body)")
  }

  /// Sends a chat request and reads the response.
  func answer(to body: String, path: String = "/v1/chat/completions", headers: String = "") throws -> Response {
    try chat(body, path: path, headers: headers)
    return try response()
  }

  /// Reads one response that has a `content-length`.
  func response() throws -> Response {
    let separator = Array("\r\n\r\n".utf8)
    while true {
      if let end = unread.firstRange(of: separator)?.upperBound {
        let head = String(decoding: unread[..<end], as: UTF8.self)
        let line = head.split(separator: "\r\n").first { $0.lowercased().hasPrefix("content-length: ") }
        let length = line.flatMap { Int($0.dropFirst(16)) } ?? 0
        if unread.count >= end + length {
          defer { unread.removeFirst(end + length) }
          return Response(head: head, body: String(decoding: unread[end..<end + length], as: UTF8.self))
        }
      }
      if let ending = try receive() { throw Failure(call: "response: \(ending)", code: 0) }
    }
  }

  /// Reads everything until the connection ends.
  func rest() throws -> (bytes: [UInt8], ending: Ending) {
    while true {
      if let ending = try receive() { return (unread, ending) }
    }
  }

  /// Reads at least so many bytes and gives all that came.
  func bytes(atLeast count: Int) throws -> [UInt8] {
    while unread.count < count {
      if let ending = try receive() { throw Failure(call: "bytes: \(ending)", code: 0) }
    }
    return unread
  }

  /// Whether something, even an end, comes within a short time.
  func hearsSomething() -> Bool {
    var entry = pollfd(fd: socket, events: Int16(POLLIN), revents: 0)
    return poll(&entry, 1, 50) > 0
  }

  /// Reads what is there; says so when the connection has ended.
  private func receive() throws -> Ending? {
    var chunk = [UInt8](repeating: 0, count: 1 << 16)
    let count = recv(socket, &chunk, chunk.count, 0)
    if count > 0 {
      unread += chunk[..<count]
      return nil
    }
    if count == 0 { return .closed }
    if errno == ECONNRESET { return .reset }
    throw Failure(call: "recv", code: errno)
  }
}

/// A chat request's body with this user message, escaped by the caller.
func chatBody(_ prompt: String, model: String = "gpt-4.1") -> String {
  #"{"model":"\#(model)","temperature":0.2,"messages":[{"role":"system","content":"Be brief."},"#
    + #"{"role":"user","content":"\#(prompt)"}]}"#
}
