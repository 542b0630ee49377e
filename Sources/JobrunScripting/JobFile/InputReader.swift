import JobrunModel
import LuaBridge

/// Reads an input in any of its forms. What has the wrong type is passed over: the validator has noted it.
struct InputReader {
  /// The job file's folder, absolute.
  let directory: String
  private(set) var problems: [JobProblem] = []

  private static let place = FieldPath.job.appending("input")
  private static let forms = ["path", "glob", "count", "sqlite", "cmd"]

  init(directory: String) { self.directory = directory }

  /// The input; nil where there is none.
  mutating func input(_ value: LuaValue?) -> InputSpec? {
    if case .function? = value { return InputSpec(path: "", origin: .function) }
    if let path = value?.text { return InputSpec(path: resolved(path)) }
    guard let table = value?.table else { return nil }
    let given = Self.forms.filter { table[$0] != nil }
    guard given.count == 1 else {
      let got = given.isEmpty ? "none of them" : given.map { "`\($0)`" }.joined(separator: " and ")
      note("one of `path`, `glob`, `count`, `sqlite` and `cmd` expected, got \(got)")
      return nil
    }
    if table["sql"] != nil, table["sqlite"] == nil { note("`sql` belongs to `sqlite`", at: "sql") }
    let format = table["format"]?.text.flatMap(InputSpec.Format.init(rawValue:))
    if table["format"] != nil, table["path"] == nil, table["cmd"] == nil {
      note("`format` belongs to `path` and `cmd`", at: "format")
    }
    guard let (path, origin) = origin(table) else { return nil }
    return InputSpec(path: path, origin: origin, format: format, id: table["id"]?.text)
  }

  /// The form that is given. A path has no NUL, or the system would see only its beginning.
  private mutating func origin(_ table: LuaTableValue) -> (path: String, InputOrigin)? {
    if let path = table["path"]?.text { return (resolved(path), .file) }
    if let pattern = text("glob", of: table) { return ("", .glob(pattern: pattern, folder: directory)) }
    if let count = table["count"]?.wholeNumber, count > 0 { return ("", .count(count)) }
    if table["sqlite"] != nil {
      guard table["sql"] != nil else {
        note("a SELECT expected, got nil: `sql` says which rows of the file", at: "sql")
        return nil
      }
      guard let path = text("sqlite", of: table), let sql = text("sql", of: table) else { return nil }
      return (FilePath.resolve(path, in: directory), .sqlite(sql: sql))
    }
    guard let entries = table["cmd"]?.table?.entries else { return nil }
    let words = entries.compactMap(\.value.text)
    if words.isEmpty {
      note("a program and its arguments expected, got an empty list", at: "cmd")
      return nil
    }
    if words.contains(where: { $0.utf8.contains(0) }) {
      note("words without NUL expected", at: "cmd")
      return nil
    }
    return ("", .command(words, folder: directory))
  }

  private mutating func text(_ name: String, of table: LuaTableValue) -> String? {
    guard let text = table[name]?.text, !text.isEmpty else { return nil }
    if text.utf8.contains(0) {
      note("text without NUL expected", at: name)
      return nil
    }
    return text
  }

  private mutating func note(_ message: String, at key: String? = nil) {
    problems.append(JobProblem(path: key.map { Self.place.appending($0) } ?? Self.place, message: message))
  }

  private func resolved(_ path: String) -> String {
    path == "-" ? path : FilePath.resolve(path, in: directory)
  }
}
