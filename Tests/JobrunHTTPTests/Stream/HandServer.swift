import Glibc
import Testing

/// A provider of one request that writes what the test tells it, when it does.
final class HandServer: Sendable {
  let port: Int
  private let listener: Int32
  private let connection: Int32

  /// Waits for the connection of `client`, which is told the port.
  init(_ client: (_ port: Int) -> Void) async throws {
    listener = socket(AF_INET, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_NONBLOCK.rawValue), 0)
    var address = sockaddr_in()
    address.sin_family = sa_family_t(AF_INET)
    address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
    var size = socklen_t(MemoryLayout<sockaddr_in>.size)
    let descriptor = listener
    let isOpen = withUnsafeMutablePointer(to: &address) { pointer in
      pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        bind(descriptor, $0, size) == 0 && listen(descriptor, 1) == 0 && getsockname(descriptor, $0, &size) == 0
      }
    }
    try #require(isOpen)
    port = Int(UInt16(bigEndian: address.sin_port))
    client(port)
    var connection = accept(listener, nil, nil)
    while connection < 0 {
      try await Task.sleep(for: .milliseconds(1))
      connection = accept(listener, nil, nil)
    }
    self.connection = connection
    var one: Int32 = 1
    setsockopt(connection, Int32(IPPROTO_TCP), TCP_NODELAY, &one, socklen_t(MemoryLayout<Int32>.size))
  }

  deinit {
    close(connection)
    close(listener)
  }

  func write(_ text: String) {
    _ = Array(text.utf8).withUnsafeBytes { Glibc.send(connection, $0.baseAddress, $0.count, 0) }
  }
}
