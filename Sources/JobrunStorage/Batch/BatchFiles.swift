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
    let api: WireAPI
    var buffer: [UInt8] = []
    var isClosed = false
  }

  private static let chunk = 128 << 10
  private let path: String
  private let numbered: (Int) -> String
  private var split: BatchSplit
  private let isInput: (String) -> Bool
  private var files: [OpenFile] = []

  /// - Parameters:
  ///   - path: The name of a single file.
  ///   - isInput: Whether a path is the job's input, which must not be replaced.
  ///   - numbered: The names where there are several, from 1.
  public init(
    path: String, limits: BatchLimits, isInput: @escaping (String) -> Bool = { _ in false },
    numbered: @escaping (Int) -> String
  ) {
    self.path = path
    self.numbered = numbered
    self.isInput = isInput
    split = BatchSplit(limits)
  }

  /// Adds a line, with its line break.
  ///
  /// - Returns: false where the line alone is too large for any file; nothing is written then.
  /// - Throws: `.cannotCreateOutput` or `.inputOutput`.
  public func add(_ line: [UInt8], model: String, api: WireAPI) throws(RunError) -> Bool {
    guard let place = split.place(bytes: line.count, model: model, api: api) else { return false }
    if files.count < place.number { files.append(try begin(place, api)) }
    files[place.number - 1].buffer.append(contentsOf: line)
    if files[place.number - 1].buffer.count >= Self.chunk { try flush(place.number - 1) }
    return true
  }

  private func begin(_ place: BatchSplit.Place, _ api: WireAPI) throws(RunError) -> OpenFile {
    // The first one gets its number when there is a second.
    let named = place.number == 1 ? [] : place.number == 2 ? [1, 2] : [place.number]
    if let taken = named.map(numbered).first(where: isInput) {
      throw RunError(
        .usage, "\(taken) would be one of several files, and is the job's input", hint: "give another -o")
    }
    // Of each kind only the last file grows.
    for index in files.indices where files[index].place.model == place.model && files[index].api == api {
      try close(index)
    }
    let file = OutputFile(replacing: numbered(place.number))
    try file.open()
    return OpenFile(file: file, place: place, api: api)
  }

  private func flush(_ index: Int) throws(RunError) {
    try files[index].file.write(files[index].buffer)
    files[index].buffer.removeAll(keepingCapacity: true)
  }

  private func close(_ index: Int) throws(RunError) {
    if files[index].isClosed { return }
    try flush(index)
    files[index].isClosed = true
    try files[index].file.close()
  }

  /// Puts the files in their places.
  public func finish() throws(RunError) -> [Written] {
    for index in files.indices { try close(index) }
    var written: [Written] = []
    for (index, file) in files.enumerated() {
      let place = files.count == 1 ? path : numbered(index + 1)
      guard rename(file.file.name, place) == 0 else {
        let words = SystemError.last.text
        throw RunError(.cannotCreateOutput, "cannot create \(place): \(words)", cause: words)
      }
      let (lines, bytes) = split.sizes[index]
      written.append(Written(path: place, model: file.place.model, lines: lines, bytes: bytes))
    }
    return written
  }

  /// Removes what was begun.
  public func abandon() {
    for file in files {
      if !file.isClosed { try? file.file.close() }
      unlink(file.file.name)
    }
  }
}
