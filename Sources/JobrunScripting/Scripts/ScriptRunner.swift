public import JobrunModel
import LuaBridge

/// Lua with the job API loaded, for files that are no jobs: what `jobrun lua` runs.
///
/// It is the world that a job file has, but for `print` and `io.write`, which go to standard output, and for `require`,
/// which looks in the folder above the script's, too. There is no time budget.
@Loop
public final class ScriptRunner {
  let world: LuaWorld

  /// - Parameters:
  ///   - path: The script's file; nil: there is none, and relative paths begin at the current folder.
  ///   - arguments: What stands behind it on the command line: `arg[1]` and so on.
  public init(path: String?, arguments: [String] = [], host: ScriptHost) throws(ScriptFailure) {
    let file = FilePath.absolute(path ?? "stdin")
    let purpose =
      path.map { WorldPurpose.script(path: file, displayPath: $0) } ?? .script(parent: nil, shownParent: "")
    do {
      world = try LuaWorld(
        path: file, displayPath: path ?? "stdin", host: host, memoryLimit: HookLimits().memoryBytes, purpose: purpose)
    } catch {
      throw ScriptFailure(error)
    }
    setArguments(arguments, name: path ?? "stdin")
    try register(ItemTrial.entry({ [weak world] in world }, host: host))
  }

  /// Makes the global `arg`: the script's name at 0, then its arguments.
  private func setArguments(_ arguments: [String], name: String) {
    let main = world.state.main
    main.newTable()
    for (position, argument) in ([name] + arguments).enumerated() {
      main.push(argument)
      main.setIndex(position)
    }
    world.state.setGlobal("arg", to: world.state.reference(popping: main))
  }

  /// Adds a function to the module `jobrun`, or puts it in the place of the one that is there.
  func register(_ entry: HostEntry<HostServices>) throws(ScriptFailure) {
    do {
      let table = try world.makeTable(of: HostModule(name: "jobrun", doc: "", functions: [entry]))
      guard let module = world.state.global("jobrun") else { return }
      let main = world.state.main
      main.push(module)
      main.push(table)
      main.field(entry.name, of: -1)
      main.remove(at: -2)
      main.setField(entry.name)
      main.pop()
    } catch {
      throw ScriptFailure(error)
    }
  }

  /// Runs a script to its end.
  ///
  /// - Parameters:
  ///   - source: Its text; a byte order mark and a first line of `#!` are passed over.
  ///   - name: Its file as messages name it; nil for standard input.
  ///   - arguments: Its `...`.
  public func run(_ source: [UInt8], name: String?, arguments: [String] = []) throws(ScriptFailure) {
    do {
      let chunk = try world.state.load(LuaSource.prepared(source), chunkName: name.map { "@\($0)" } ?? "=stdin")
      try world.state.call(
        chunk, budget: nil,
        push: { thread throws(LuaError) in
          guard thread.ensureStack(Int32(clamping: arguments.count + 1)) else {
            throw LuaError(kind: .runtime, message: "too many arguments")
          }
          for argument in arguments { thread.push(argument) }
          return arguments.count
        }, results: { _, _, _ in })
    } catch {
      throw ScriptFailure(error)
    }
  }
}

/// Why a script failed.
public struct ScriptFailure: Error, Sendable, Equatable {
  /// As Lua gives it, `x_test.lua:12: …`.
  public var message: String
  /// `stack traceback:` and its lines; nil where there is none.
  public var traceback: String?

  public init(message: String, traceback: String? = nil) {
    self.message = message
    self.traceback = traceback
  }

  init(_ error: LuaError) { self.init(message: error.message, traceback: error.traceback) }
}
