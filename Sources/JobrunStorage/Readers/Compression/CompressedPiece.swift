internal import JobrunModel

/// The compressed bytes at hand, and how far they are used up. Not safe to share: one owner at a time.
final class CompressedPiece {
  private let file: InputFile
  private var buffer = [UInt8](repeating: 0, count: 64 << 10)
  private var position = 0
  private var end = 0
  private(set) var isAtEnd = false

  init(_ file: InputFile) { self.file = file }

  /// Calls `body` with the bytes that are left, at least one unless the file is at its end; it returns how many it used.
  func use(_ body: (UnsafeMutableRawBufferPointer) throws(RunError) -> Int) throws(RunError) {
    if position == end, !isAtEnd {
      position = 0
      end = try buffer.withUnsafeMutableBufferPointer { (bytes) throws(RunError) in
        try file.read(into: UnsafeMutableRawBufferPointer(bytes))
      }
      isAtEnd = end == 0
    }
    let (start, behind) = (position, end)
    let used = try buffer.withUnsafeMutableBufferPointer { (bytes) throws(RunError) in
      try body(UnsafeMutableRawBufferPointer(UnsafeMutableBufferPointer(rebasing: bytes[start..<behind])))
    }
    position = start + used
  }

  func corrupt(_ what: String) -> RunError {
    RunError(.badInput, "\(file.name) is damaged: \(what)", hint: "what was read before it was intact")
  }

  /// The file ends inside its compressed contents.
  var cutOff: RunError {
    RunError(
      .badInput, "\(file.name) is cut off: it ends inside its compressed contents",
      hint: "was it still being written, or copied, when it was read?")
  }
}
