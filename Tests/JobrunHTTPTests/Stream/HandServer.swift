import Glibc
import Testing

/// A provider of one request that writes what the test tells it, when it does.
final class HandServer: Sendable {
  private let listener: LocalListener
  private let connection: Int32

  /// Waits for the connection of `client`, which is told the port.
  init(_ client: (_ port: Int) -> Void) async throws {
    listener = try LocalListener(backlog: 1)
    client(listener.port)
    connection = try await listener.accept()
    try #require(connection >= 0)
    var one: Int32 = 1
    setsockopt(connection, Int32(IPPROTO_TCP), TCP_NODELAY, &one, socklen_t(MemoryLayout<Int32>.size))
  }

  deinit {
    close(connection)
    listener.close()
  }

  func write(_ text: String) {
    _ = Array(text.utf8).withUnsafeBytes { Glibc.send(connection, $0.baseAddress, $0.count, 0) }
  }
}
