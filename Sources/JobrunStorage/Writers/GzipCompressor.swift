internal import CZlib

/// Compresses bytes into one gzip member as they come. Not safe to share: one owner at a time.
final class GzipCompressor {
  private let stream: UnsafeMutablePointer<z_stream>

  init() {
    stream = .allocate(capacity: 1)
    stream.initialize(to: z_stream())
    // It fails for lack of memory only, of which there are 256 KiB wanted.
    guard jr_gzip_begin(stream) == Z_OK else { fatalError("zlib has no memory") }
  }

  deinit {
    deflateEnd(stream)
    stream.deallocate()
  }

  /// What there is to write so far; what is held back comes later.
  func compress(_ bytes: [UInt8]) -> [UInt8] { run(bytes, Z_NO_FLUSH) }

  /// The rest, and the member's end.
  func finish() -> [UInt8] { run([], Z_FINISH) }

  private func run(_ bytes: [UInt8], _ flush: Int32) -> [UInt8] {
    var bytes = bytes
    var compressed: [UInt8] = []
    bytes.withUnsafeMutableBufferPointer { input in
      stream.pointee.next_in = input.baseAddress
      stream.pointee.avail_in = UInt32(clamping: input.count)
      withUnsafeTemporaryAllocation(of: UInt8.self, capacity: 32 << 10) { output in
        repeat {
          stream.pointee.next_out = output.baseAddress
          stream.pointee.avail_out = UInt32(output.count)
          deflate(stream, flush)
          compressed.append(contentsOf: output[..<(output.count - Int(stream.pointee.avail_out))])
        } while stream.pointee.avail_out == 0
      }
      stream.pointee.next_in = nil
    }
    return compressed
  }
}
