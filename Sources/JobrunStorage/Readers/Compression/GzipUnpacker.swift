internal import CZlib
internal import JobrunModel

/// Unpacks gzip, all members one after another. Zeros behind the last one are padding.
final class GzipUnpacker: Unpacker {
  private let stream: UnsafeMutablePointer<z_stream>
  private var state = State.beforeMember
  private(set) var hasMore = false

  private enum State {
    /// No member has begun yet. → `inMember`
    case beforeMember
    /// → `afterMember`
    case inMember
    /// → `inMember`, `padding`
    case afterMember
    case padding
  }

  var isOpen: Bool { state == .inMember || state == .beforeMember }

  /// - Parameter name: The file's, for the message where zlib has no memory.
  init(for name: String) throws(RunError) {
    stream = .allocate(capacity: 1)
    stream.initialize(to: z_stream())
    guard jr_gunzip_begin(stream) == Z_OK else {
      stream.deallocate()
      throw RunError(.internal, "zlib cannot begin to unpack \(name)")
    }
  }

  deinit {
    inflateEnd(stream)
    stream.deallocate()
  }

  func unpack(
    _ bytes: UnsafeMutableRawBufferPointer, into output: UnsafeMutableRawBufferPointer
  ) throws(DamagedData) -> (used: Int, written: Int) {
    if let first = bytes.first {
      if state == .afterMember {
        state = first == 0 ? .padding : .inMember
        if state == .inMember { inflateReset(stream) }
      }
      if state == .padding {
        guard bytes.allSatisfy({ $0 == 0 }) else { throw DamagedData(reason: "there is something behind its end") }
        return (bytes.count, 0)
      }
      state = .inMember
    }
    return try inflate(bytes, into: output)
  }

  private func inflate(
    _ bytes: UnsafeMutableRawBufferPointer, into output: UnsafeMutableRawBufferPointer
  ) throws(DamagedData) -> (used: Int, written: Int) {
    stream.pointee.next_in = bytes.baseAddress?.assumingMemoryBound(to: UInt8.self)
    stream.pointee.avail_in = UInt32(clamping: bytes.count)
    stream.pointee.next_out = output.baseAddress?.assumingMemoryBound(to: UInt8.self)
    stream.pointee.avail_out = UInt32(clamping: output.count)
    let result = CZlib.inflate(stream, Z_NO_FLUSH)
    switch result {
    case Z_OK, Z_BUF_ERROR: break
    case Z_STREAM_END: state = .afterMember
    default: throw DamagedData(reason: stream.pointee.msg.map { String(cString: $0) } ?? "no gzip data")
    }
    hasMore = stream.pointee.avail_out == 0 && state == .inMember
    return (bytes.count - Int(stream.pointee.avail_in), output.count - Int(stream.pointee.avail_out))
  }
}
