internal import JobrunModel

/// The contents of a compressed file. Not safe to share: one owner at a time.
final class CompressedBytes: InputBytes {
  private let file: InputFile
  private let unpacker: any Unpacker
  /// The compressed bytes at hand, and how far they are used up.
  private var buffer = [UInt8](repeating: 0, count: 64 << 10)
  private var position = 0
  private var end = 0
  private var isAtEnd = false

  var name: String { file.name }
  var byteCount: Int? { file.byteCount }
  var bytesConsumed: Int { file.bytesConsumed }

  init(_ file: InputFile, _ unpacker: any Unpacker) {
    self.file = file
    self.unpacker = unpacker
  }

  func close() { file.close() }

  func read(into output: UnsafeMutableRawBufferPointer) throws(RunError) -> Int {
    while true {
      if position == end, !isAtEnd { try refill() }
      if position == end, !unpacker.hasMore {
        if unpacker.isOpen {
          throw RunError(
            .badInput, "\(name) is cut off: it ends inside its compressed contents",
            hint: "was it still being written, or copied, when it was read?")
        }
        return 0
      }
      let written = try unpack(into: output)
      if written > 0 { return written }
    }
  }

  private func refill() throws(RunError) {
    position = 0
    end = try buffer.withUnsafeMutableBufferPointer { (bytes) throws(RunError) in
      try file.read(into: UnsafeMutableRawBufferPointer(bytes))
    }
    isAtEnd = end == 0
  }

  private func unpack(into output: UnsafeMutableRawBufferPointer) throws(RunError) -> Int {
    let (start, behind) = (position, end)
    do throws(DamagedData) {
      let (used, written) = try buffer.withUnsafeMutableBufferPointer { (bytes) throws(DamagedData) in
        try unpacker.unpack(
          UnsafeMutableRawBufferPointer(UnsafeMutableBufferPointer(rebasing: bytes[start..<behind])), into: output)
      }
      position = start + used
      return written
    } catch {
      throw RunError(.badInput, "\(name) is damaged: \(error.reason)", hint: "what was read before it was intact")
    }
  }
}

/// Unpacks one kind of compressed bytes.
protocol Unpacker: AnyObject {
  /// The contents have begun and have not ended; also before they begin.
  var isOpen: Bool { get }
  /// The last output filled its buffer, so that more may be held back.
  var hasMore: Bool { get }

  /// - Parameter bytes: None at the end of the file, where there may be more.
  /// - Returns: How many of `bytes` were used, and how many were written.
  func unpack(
    _ bytes: UnsafeMutableRawBufferPointer, into output: UnsafeMutableRawBufferPointer
  ) throws(DamagedData) -> (used: Int, written: Int)
}

/// Compressed bytes that are none.
struct DamagedData: Error {
  var reason: String
}
