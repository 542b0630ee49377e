public import JobrunModel
import LuaBridge

extension LuaScriptEngine {
  public func setup() throws(RunError) {
    for hook in hooks.setup {
      try call(
        hook,
        arguments: { thread in
          self.pushRun(on: thread)
          return 1
        }, results: { _, _ in nil })
    }
  }

  public func finish() throws(RunError) -> [(name: String, contents: [UInt8])] {
    var files: [(name: String, contents: [UInt8])] = []
    for hook in hooks.finish {
      try call(
        hook,
        arguments: { thread in
          self.pushStatistics(on: thread)
          self.pushRun(on: thread)
          return 2
        },
        results: { thread, first in
          switch thread.type(at: first) {
          case .nil, .none: return nil
          case .table: return self.addFiles(at: first, to: &files, on: thread)
          default: return "must return a table of texts by file name or nothing, got \(thread.describe(at: first))"
          }
        })
    }
    return files
  }

  /// Calls a hook of the run on the main thread.
  ///
  /// - Parameter results: Reads the first result; returns what is wrong with it.
  private func call(
    _ hook: NamedHook, arguments: (LuaThread) -> Int, results: (LuaThread, Int32) -> String?
  ) throws(RunError) {
    let problem: String?
    do {
      problem = try state.call(
        hook.function, budget: hookBudget, push: { thread throws(LuaError) in arguments(thread) },
        results: { thread, first, _ throws(LuaError) in results(thread, first) })
    } catch {
      throw RunError(.job, "\(hook.name): \(error.message)", cause: error.traceback)
    }
    if let problem {
      throw RunError(.job, "\(hook.position.map { "\($0): " } ?? "")\(hook.name) \(problem)")
    }
  }

  /// Takes the files that `finish` returned; of equal names the last wins. Returns what is wrong.
  private func addFiles(
    at index: Int32, to files: inout [(name: String, contents: [UInt8])], on thread: LuaThread
  ) -> String? {
    for (key, value) in thread.value(at: index, depth: 1).table?.entries ?? [] {
      guard let name = key.text, Self.isFileName(name) else {
        return "returned a file with the name \(key.described); a name without `/` expected"
      }
      guard case .string(let contents) = value else {
        return "returned \(value.described) for \(key.described); a string expected"
      }
      files.removeAll { $0.name == name }
      files.append((name, contents))
    }
    return nil
  }

  /// Names come from scripts: none may lead out of the output's folder.
  private static func isFileName(_ name: String) -> Bool {
    !name.isEmpty && name != "." && name != ".." && !name.utf8.contains(UInt8(ascii: "/")) && !name.utf8.contains(0)
  }
}
