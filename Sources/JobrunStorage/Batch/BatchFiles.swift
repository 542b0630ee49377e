#if canImport(Glibc)
  internal import Glibc
#else
  internal import Darwin
#endif
public import JobrunModel

/// Writes requests into as many batch files as their limits want, one model and one form each.
///
/// A single file has the name that was given; several are numbered: `f.jsonl` → `f.1.jsonl`, `f.2.jsonl`. They are
/// beside their names as `*.part` until `finish`.
public final class BatchFiles {
  /// A file that is written.
  public struct Written: Sendable, Equatable {
    public var path: String
    public var model: String
    public var lines: Int
    public var bytes: Int
  }

  private struct OpenFile {
    let file: OutputFile
    let place: BatchSplit.Place
    var buffer: [UInt8] = []
  }

  private static let chunk = 128 << 10
  private let path: String
  private let numbered: (Int) -> String
  private var split: BatchSplit
  private var open: [OpenFile] = []

  /// - Parameters:
  ///   - path: The name of a single file.
  ///   - numbered: The names where there are several, from 1.
  public init(path: String, limits: BatchLimits, numbered: @escaping (Int) -> String) {
    self.path = path
    self.numbered = numbered
    split = BatchSplit(limits)
  }

  /// Adds a line, with its line break.
  ///
  /// - Returns: false where the line alone is too large for any file; nothing is written then.
  /// - Throws: `.cannotCreateOutput` or `.inputOutput`.
  public func add(_ line: [UInt8], model: String, api: WireAPI) throws(RunError) -> Bool {
    guard let place = split.place(bytes: line.count, model: model, api: api) else { return false }
    if open.count < place.number { open.append(try begin(place)) }
    open[place.number - 1].buffer.append(contentsOf: line)
    if open[place.number - 1].buffer.count >= Self.chunk { try flush(place.number - 1) }
    return true
  }

  private func begin(_ place: BatchSplit.Place) throws(RunError) -> OpenFile {
    let file = OutputFile(replacing: numbered(place.number))
    try file.open()
    return OpenFile(file: file, place: place)
  }

  private func flush(_ index: Int) throws(RunError) {
    try open[index].file.write(open[index].buffer)
    open[index].buffer.removeAll(keepingCapacity: true)
  }

  /// Puts the files in their places.
  public func finish() throws(RunError) -> [Written] {
    var written: [Written] = []
    for index in open.indices {
      try flush(index)
      try open[index].file.close()
      let place = open.count == 1 ? path : numbered(index + 1)
      guard rename(open[index].file.name, place) == 0 else {
        let words = SystemError.last.text
        throw RunError(.cannotCreateOutput, "cannot create \(place): \(words)", cause: words)
      }
      let (lines, bytes) = split.sizes[index]
      written.append(Written(path: place, model: open[index].place.model, lines: lines, bytes: bytes))
    }
    return written
  }

  /// Removes what was begun.
  public func abandon() {
    for file in open {
      try? file.file.close()
      unlink(file.file.name)
    }
  }
}
