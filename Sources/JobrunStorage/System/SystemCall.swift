#if canImport(Glibc)
  internal import Glibc
#else
  internal import Darwin
#endif

/// System calls on file descriptors: an interrupted call is made again, an error is thrown.
enum SystemCall {
  /// Opens with `O_CLOEXEC`; `mode` is for a file that is created, and the process's umask holds.
  static func open(_ path: String, _ flags: Int32, mode: mode_t = 0) throws(SystemError) -> Int32 {
    #if canImport(Glibc)
      try repeated { Glibc.open(path, flags | O_CLOEXEC, mode) }
    #else
      try repeated { Darwin.open(path, flags | O_CLOEXEC, mode) }
    #endif
  }

  /// Reads at least one byte, waiting for it; 0 at the end.
  static func read(_ descriptor: Int32, into buffer: UnsafeMutableRawBufferPointer) throws(SystemError) -> Int {
    try blocking(descriptor, POLLIN) {
      #if canImport(Glibc)
        Glibc.read(descriptor, buffer.baseAddress, buffer.count)
      #else
        Darwin.read(descriptor, buffer.baseAddress, buffer.count)
      #endif
    }
  }

  /// Writes all the bytes.
  static func write(_ bytes: UnsafeRawBufferPointer, to descriptor: Int32) throws(SystemError) {
    var rest = bytes
    while !rest.isEmpty {
      let piece = rest
      let count = try blocking(descriptor, POLLOUT) {
        #if canImport(Glibc)
          Glibc.write(descriptor, piece.baseAddress, piece.count)
        #else
          Darwin.write(descriptor, piece.baseAddress, piece.count)
        #endif
      }
      rest = UnsafeRawBufferPointer(rebasing: rest[count...])
    }
  }

  static func sync(_ descriptor: Int32) throws(SystemError) {
    _ = try repeated { fsync(descriptor) }
  }

  /// Closes; an interrupted close has closed.
  static func close(_ descriptor: Int32) throws(SystemError) {
    #if canImport(Glibc)
      let result = Glibc.close(descriptor)
    #else
      let result = Darwin.close(descriptor)
    #endif
    let error = SystemError.last
    if result != 0 && error.number != EINTR { throw error }
  }

  /// A call on a descriptor that may be set `O_NONBLOCK`: standard streams are shared with whoever set it.
  private static func blocking(_ descriptor: Int32, _ events: Int32, _ call: () -> Int) throws(SystemError) -> Int {
    while true {
      do throws(SystemError) {
        return try repeated(call)
      } catch {
        guard error.number == EAGAIN else { throw error }
        var interest = pollfd(fd: descriptor, events: Int16(events), revents: 0)
        _ = poll(&interest, 1, -1)
      }
    }
  }

  private static func repeated<Count: SignedInteger>(_ call: () -> Count) throws(SystemError) -> Count {
    while true {
      let result = call()
      if result >= 0 { return result }
      let error = SystemError.last
      if error.number != EINTR { throw error }
    }
  }
}
