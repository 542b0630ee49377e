internal import JobrunModel

/// Gives the files whose paths fit a pattern: `{path, name, text}` each, in the order of their paths' bytes.
///
/// `path` is as the pattern begins: relative to the job's folder unless the pattern is absolute. There is no `text` where a
/// file is not UTF-8, or has a NUL. The list of paths is in memory, the contents are not.
final class GlobReader: BatchReader {
  let total: Int?
  private let folder: String
  private let paths: [[UInt8]]
  private var position = 0

  /// - Throws: `.noInput` where no file fits.
  init(pattern: String, folder: String) throws(RunError) {
    self.folder = folder
    paths = try PathPattern(pattern).paths(in: folder)
    total = paths.count
    guard paths.isEmpty else { return }
    throw RunError(
      .noInput, "no file fits \(pattern)", hint: "it begins at \(folder); hidden files are not looked at")
  }

  func nextBatch() -> RecordBatch? {
    guard position < paths.count else { return nil }
    var records: [ItemRecord] = []
    var bytes = 0
    while position < paths.count, records.count < 64, bytes < 1 << 20 {
      let path = paths[position]
      position += 1
      let content = content(of: path)
      if case .json(let json) = content { bytes += json.count }
      records.append(ItemRecord(content: content, index: position, line: position))
    }
    return RecordBatch(records: records)
  }

  private func content(of path: [UInt8]) -> ItemRecord.Content {
    var json: [UInt8] = []
    let name = path[(path.lastIndex(of: UInt8(ascii: "/")).map { $0 + 1 } ?? 0)...]
    JSONText.append("{\"path\":", to: &json)
    JSONText.append(string: path, to: &json)
    JSONText.append(",\"name\":", to: &json)
    JSONText.append(string: Array(name), to: &json)
    let shown = String(decoding: path, as: UTF8.self)
    guard Array(shown.utf8) == path else { return .malformed(reason: "\(shown): the path is not UTF-8", raw: path) }
    do throws(SystemError) {
      switch try TextFile.read(PathPattern.join(folder, path)) {
      case .text(let text):
        JSONText.append(",\"text\":", to: &json)
        JSONText.append(string: text, to: &json)
      case .binary: break
      case .tooLong:
        return .malformed(reason: "\(shown): a text longer than \(byteCount: InputLimits.record)", raw: path)
      }
    } catch {
      return .malformed(reason: "\(shown): \(error.text)", raw: path)
    }
    JSONText.append("}", to: &json)
    return .json(json)
  }
}
