import LuaBridge

/// What the file of a Lua world is.
enum WorldPurpose: Equatable {
  /// A job: `print` and `io.write` go to standard error, because standard output carries rows.
  case job
  /// A script: they go to standard output.
  ///
  /// - Parameters:
  ///   - parent: A further folder in which `require` looks, absolute; nil for none.
  ///   - shownParent: The folder as messages name it, with a `/` at its end; empty for the current one.
  case script(parent: String?, shownParent: String)

  /// The purpose of a script in a file. The folder above its own is looked into, so that the test of a hook library
  /// requires it by the name that jobs use: `jobs/hooks/x_test.lua` finds `hooks.x`.
  ///
  /// - Parameters:
  ///   - path: The file, absolute.
  ///   - displayPath: The file as its user named it.
  static func script(path: String, displayPath: String) -> WorldPurpose {
    let folder = FilePath.directory(of: path)
    if folder == "/" { return .script(parent: nil, shownParent: "") }
    return .script(
      parent: FilePath.directory(of: folder), shownParent: above(FilePath.directory(of: displayPath)))
  }

  /// The folder above `folder`, as text: `a/b` → `a/`, `a` → ``, `.` → `../`, `..` → `../../`, `/a` → `/`
  private static func above(_ folder: String) -> String {
    if folder == "." { return "../" }
    if folder == ".." || folder.hasSuffix("/..") || folder.hasSuffix("/.") { return folder + "/../" }
    let above = FilePath.directory(of: folder)
    return above == "." ? "" : above.hasSuffix("/") ? above : above + "/"
  }

  /// Tells the prelude, in its table `host`.
  ///
  /// Stack: [host] -> [host]
  func describe(on thread: LuaThread) {
    guard case .script(let parent, let shownParent) = self else { return }
    thread.push(true)
    thread.setField("is_script")
    guard let parent else { return }
    thread.push(parent)
    thread.setField("parent")
    thread.push(shownParent)
    thread.setField("shown_parent")
  }
}
