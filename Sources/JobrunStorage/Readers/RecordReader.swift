internal import JobrunModel

/// Reads an input chunk by chunk and gives the records of each chunk as a batch; memory does not depend on the input's size.
///
/// Not safe to share: one owner at a time.
final class RecordReader: BatchReader {
  let file: any InputBytes
  private var parser: any RecordParser
  private var chunk: [UInt8]
  private var hasBegun = false
  private var isAtEnd = false

  init(file: any InputBytes, parser: any RecordParser, chunkSize: Int = 256 << 10) {
    self.file = file
    self.parser = parser
    chunk = [UInt8](repeating: 0, count: chunkSize)
  }

  var bytesTotal: Int? { file.byteCount }
  var interruption: (@Sendable () -> Void)? { file.interruption }

  /// The next records, or nil at the end. Blocks for the disk, or until somebody writes to the pipe.
  ///
  /// What one `read(2)` gave is parsed at once, so a terminal works line by line.
  /// - Throws: `.inputOutput` where reading failed, `.badInput` where the input as a whole cannot be used. The
  ///   input is at its end then.
  func nextBatch() throws(RunError) -> RecordBatch? {
    let before = file.bytesConsumed
    var records: [ItemRecord] = []
    while !isAtEnd && records.isEmpty {
      do throws(RunError) {
        try readChunk(into: &records)
      } catch {
        end()
        throw error
      }
    }
    return records.isEmpty ? nil : RecordBatch(records: records, bytesBefore: before, bytesAfter: file.bytesConsumed)
  }

  private func readChunk(into records: inout [ItemRecord]) throws(RunError) {
    try chunk.withUnsafeMutableBufferPointer { (buffer) throws(RunError) in
      let count = try file.read(into: UnsafeMutableRawBufferPointer(buffer))
      let bytes = UnsafeRawBufferPointer(start: buffer.baseAddress, count: count)
      if !hasBegun { try refuseForeignEncoding(bytes) }
      hasBegun = true
      do throws(RunError) {
        if count > 0 {
          try parser.parse(bytes, into: &records)
        } else {
          try parser.finish(into: &records)
        }
      } catch {
        var error = error
        error.message = "\(file.name): \(error.message)"
        throw error
      }
      if count == 0 { isAtEnd = true }
    }
    if isAtEnd { end() }
  }

  /// Tells from the first bytes what is certainly not text in UTF-8.
  private func refuseForeignEncoding(_ bytes: UnsafeRawBufferPointer) throws(RunError) {
    guard bytes.count >= 2 else { return }
    switch (bytes[0], bytes[1]) {
    case (0xFF, 0xFE), (0xFE, 0xFF):
      throw RunError(.badInput, "\(file.name) is UTF-16, not UTF-8", hint: "convert it: iconv -f UTF-16 -t UTF-8")
    case (0x1F, 0x8B):
      throw RunError(
        .badInput, "\(file.name) is compressed",
        hint: "give its name the ending .gz, or unpack it first: gzip -dk (of a stream: gzip -dc)")
    case (0x28, 0xB5) where bytes.dropFirst(2).starts(with: [0x2F, 0xFD]):
      throw RunError(
        .badInput, "\(file.name) is compressed",
        hint: "give its name the ending .zst, or unpack it first: zstd -dk (of a stream: zstd -dc)")
    default: return
    }
  }

  private func end() {
    isAtEnd = true
    chunk = []
    file.close()
  }
}
