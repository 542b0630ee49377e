import Glibc
import Testing

/// A TCP port of this machine that never reads and never answers by itself.
struct LocalListener {
  let port: Int
  private var sockets: [Int32] = []

  /// - Parameters:
  ///   - backlog: Connections that the kernel takes.
  ///   - receiveBuffer: Bytes that the kernel takes on each, about; nil: as many as it likes.
  ///   - clients: Connections of its own, which fill the queue.
  init(backlog: Int32, receiveBuffer: Int32? = nil, clients: Int = 0) throws {
    let listener = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
    var address = sockaddr_in()
    address.sin_family = sa_family_t(AF_INET)
    address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
    var size = socklen_t(MemoryLayout<sockaddr_in>.size)
    sockets.append(listener)
    if var receiveBuffer {
      let isSet = setsockopt(listener, SOL_SOCKET, SO_RCVBUF, &receiveBuffer, socklen_t(MemoryLayout<Int32>.size))
      try #require(isSet == 0)
    }
    let bound = withUnsafeMutablePointer(to: &address) { pointer in
      pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { pointer in
        bind(listener, pointer, size) == 0 && listen(listener, backlog) == 0
          && getsockname(listener, pointer, &size) == 0
      }
    }
    try #require(bound)
    port = Int(UInt16(bigEndian: address.sin_port))
    for _ in 0..<clients {
      let client = socket(AF_INET, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_NONBLOCK.rawValue), 0)
      sockets.append(client)
      _ = withUnsafePointer(to: &address) { pointer in
        pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { connect(client, $0, size) }
      }
    }
  }

  /// A listener whose queue is full: it answers no SYN.
  static func full() throws -> LocalListener { try LocalListener(backlog: 0, clients: 4) }

  /// A listener whose kernel makes the connection and takes the first bytes; nobody reads them.
  static func deaf() throws -> LocalListener { try LocalListener(backlog: 8, receiveBuffer: 4_096) }

  /// Waits for the next connection.
  func accept() async throws -> Int32 {
    while true {
      var entry = pollfd(fd: sockets[0], events: Int16(POLLIN), revents: 0)
      if poll(&entry, 1, 0) > 0 { return Glibc.accept(sockets[0], nil, nil) }
      try await Task.sleep(for: .milliseconds(1))
    }
  }

  func close() {
    for socket in sockets { Glibc.close(socket) }
  }
}
