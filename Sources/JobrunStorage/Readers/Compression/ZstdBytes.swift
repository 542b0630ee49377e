internal import CZstd
internal import JobrunModel

/// The contents of a Zstandard file, of all of its frames one after another.
final class ZstdBytes: InputBytes {
  private let file: InputFile
  private let piece: CompressedPiece
  private let stream: OpaquePointer
  /// A frame has begun and has not ended; also before the first one.
  private var isOpen = true
  /// The last output filled its buffer, so that more may be held back.
  private var hasMore = false

  var name: String { file.name }
  var byteCount: Int? { file.byteCount }
  var bytesConsumed: Int { file.bytesConsumed }

  init(_ file: InputFile) throws(RunError) {
    self.file = file
    piece = CompressedPiece(file)
    guard let stream = ZSTD_createDStream() else {
      throw RunError(.internal, "zstd cannot begin to unpack \(file.name)")
    }
    self.stream = stream
  }

  deinit { ZSTD_freeDStream(stream) }

  func close() { file.close() }

  func read(into buffer: UnsafeMutableRawBufferPointer) throws(RunError) -> Int {
    while true {
      var written = 0
      var isOver = false
      try piece.use { (bytes) throws(RunError) in
        if bytes.isEmpty, !hasMore {
          isOver = true
          return 0
        }
        var input = ZSTD_inBuffer(src: bytes.baseAddress, size: bytes.count, pos: 0)
        var output = ZSTD_outBuffer(dst: buffer.baseAddress, size: buffer.count, pos: 0)
        let result = ZSTD_decompressStream(stream, &output, &input)
        if ZSTD_isError(result) != 0 { throw piece.corrupt(String(cString: ZSTD_getErrorName(result))) }
        isOpen = result != 0
        written = output.pos
        hasMore = isOpen && output.pos == output.size
        return input.pos
      }
      if written > 0 { return written }
      if isOver {
        if isOpen { throw piece.cutOff }
        return 0
      }
    }
  }
}
