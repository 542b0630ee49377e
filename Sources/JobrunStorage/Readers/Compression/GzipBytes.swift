internal import CZlib
internal import JobrunModel

/// The contents of a gzip file, of all of its members one after another. Zeros behind the last one are padding.
final class GzipBytes: InputBytes {
  private let file: InputFile
  private let piece: CompressedPiece
  private let stream: UnsafeMutablePointer<z_stream>
  private var state = State.beforeMember
  /// The last output filled its buffer, so that more may be held back.
  private var hasMore = false

  private enum State {
    /// No member has begun yet. → `inMember`
    case beforeMember
    /// → `afterMember`
    case inMember
    /// → `inMember`, `padding`
    case afterMember
    case padding
  }

  var name: String { file.name }
  var byteCount: Int? { file.byteCount }
  var bytesConsumed: Int { file.bytesConsumed }

  init(_ file: InputFile) throws(RunError) {
    self.file = file
    piece = CompressedPiece(file)
    stream = .allocate(capacity: 1)
    stream.initialize(to: z_stream())
    guard jr_gunzip_begin(stream) == Z_OK else {
      stream.deallocate()
      throw RunError(.internal, "zlib cannot begin to unpack \(file.name)")
    }
  }

  deinit {
    inflateEnd(stream)
    stream.deallocate()
  }

  func close() { file.close() }

  func read(into buffer: UnsafeMutableRawBufferPointer) throws(RunError) -> Int {
    while true {
      var written = 0
      var isOver = false
      try piece.use { (bytes) throws(RunError) in
        guard let first = bytes.first else {
          if hasMore { return try inflate(bytes, into: buffer, written: &written) }
          isOver = true
          return 0
        }
        if state == .afterMember {
          state = first == 0 ? .padding : .inMember
          if state == .inMember { inflateReset(stream) }
        }
        if state == .padding {
          guard bytes.allSatisfy({ $0 == 0 }) else { throw piece.corrupt("there is something behind its end") }
          return bytes.count
        }
        state = .inMember
        return try inflate(bytes, into: buffer, written: &written)
      }
      if written > 0 { return written }
      if isOver {
        if state == .inMember || state == .beforeMember { throw piece.cutOff }
        return 0
      }
    }
  }

  /// - Returns: How many of `bytes` were used.
  private func inflate(
    _ bytes: UnsafeMutableRawBufferPointer, into buffer: UnsafeMutableRawBufferPointer, written: inout Int
  ) throws(RunError) -> Int {
    stream.pointee.next_in = bytes.baseAddress?.assumingMemoryBound(to: UInt8.self)
    stream.pointee.avail_in = UInt32(clamping: bytes.count)
    stream.pointee.next_out = buffer.baseAddress?.assumingMemoryBound(to: UInt8.self)
    stream.pointee.avail_out = UInt32(clamping: buffer.count)
    let result = CZlib.inflate(stream, Z_NO_FLUSH)
    switch result {
    case Z_OK, Z_BUF_ERROR: break
    case Z_STREAM_END: state = .afterMember
    default: throw piece.corrupt(stream.pointee.msg.map { String(cString: $0) } ?? "no gzip data")
    }
    written = buffer.count - Int(stream.pointee.avail_out)
    hasMore = stream.pointee.avail_out == 0 && state == .inMember
    return bytes.count - Int(stream.pointee.avail_in)
  }
}
