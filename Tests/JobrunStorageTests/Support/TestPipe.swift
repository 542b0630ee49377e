import Foundation

/// A pipe; both ends are closed with the last reference to it.
final class TestPipe: Sendable {
  let readEnd: FileHandle
  let writeEnd: FileHandle

  init() {
    let pipe = Pipe()
    readEnd = pipe.fileHandleForReading
    writeEnd = pipe.fileHandleForWriting
  }

  func write(_ text: String) throws { try writeEnd.write(contentsOf: Data(text.utf8)) }

  /// Reads until `count` bytes came or the pipe ends.
  func read(_ count: Int) throws -> [UInt8] {
    var bytes: [UInt8] = []
    while bytes.count < count, let data = try readEnd.read(upToCount: count - bytes.count), !data.isEmpty {
      bytes += data
    }
    return bytes
  }
}
