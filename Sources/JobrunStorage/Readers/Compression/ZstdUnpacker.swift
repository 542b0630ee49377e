internal import CZstd
internal import JobrunModel

/// Unpacks Zstandard, all frames one after another.
final class ZstdUnpacker: Unpacker {
  private let stream: OpaquePointer
  private(set) var isOpen = true
  private(set) var hasMore = false

  /// - Parameter name: The file's, for the message where zstd has no memory.
  init(for name: String) throws(RunError) {
    guard let stream = ZSTD_createDStream() else {
      throw RunError(.internal, "zstd cannot begin to unpack \(name)")
    }
    self.stream = stream
  }

  deinit { ZSTD_freeDStream(stream) }

  func unpack(
    _ bytes: UnsafeMutableRawBufferPointer, into output: UnsafeMutableRawBufferPointer
  ) throws(DamagedData) -> (used: Int, written: Int) {
    var input = ZSTD_inBuffer(src: bytes.baseAddress, size: bytes.count, pos: 0)
    var place = ZSTD_outBuffer(dst: output.baseAddress, size: output.count, pos: 0)
    let result = ZSTD_decompressStream(stream, &place, &input)
    if ZSTD_isError(result) != 0 { throw DamagedData(reason: String(cString: ZSTD_getErrorName(result))) }
    isOpen = result != 0
    hasMore = isOpen && place.pos == place.size
    return (input.pos, place.pos)
  }
}
