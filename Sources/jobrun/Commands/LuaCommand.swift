internal import ArgumentParser
internal import Glibc
internal import JobrunModel
internal import JobrunReactor
internal import JobrunScripting
internal import JobrunStorage

/// `jobrun lua`: Lua with the job API loaded.
struct LuaCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "lua",
    abstract: "Lua with the job API loaded: run a file, or try things at a prompt.",
    usage: "jobrun lua [FILE [ARGUMENTS...]]",
    discussion: """
      With FILE (or '-', standard input) it runs the script; `arg` and `...` have the arguments. Without one it reads \
      standard input: from a terminal line by line, showing values, else as one script.

        jobrun lua jobs/hooks/shout_test.lua     tests a hook library
        rlwrap jobrun lua                        a prompt whose lines can be edited

      `require` looks in the script's folder, in its lua_modules, and the same in the folder above. `print` goes to \
      standard output. Exit status: 0, or 1 where the script raised an error.
      """)

  @Argument(parsing: .captureForPassthrough, help: "The script and its arguments.")
  var words: [String] = []

  func validate() throws {
    guard let first = words.first, first.hasPrefix("-"), first != "-" else { return }
    if ["-h", "--help"].contains(first) { throw CleanExit.helpRequest(self) }
    throw ValidationError("a script expected, got the option \(first)")
  }

  func run() throws {
    let words = words
    ProcessLimits.set()
    let status = Reactor.shared.runBlocking { await ScriptSession(words: words).run() }
    throw status.exit
  }
}

/// What `jobrun lua` does.
@Loop
private struct ScriptSession {
  let words: [String]

  func run() async -> ExitStatus {
    let isPrompt = words.isEmpty && isatty(STDIN_FILENO) == 1
    let path = words.first.flatMap { $0 == "-" ? nil : $0 }
    let arguments = Array(words.dropFirst())
    let source: [UInt8]
    do {
      source = isPrompt ? [] : try ReadFile.bytes(at: path ?? "/dev/stdin", limit: 64 << 20)
    } catch {
      ScriptStreams.complain(ScriptFailure(message: "cannot read \(path ?? "standard input"): \(error.reason)"))
      return .noInput
    }
    do throws(ScriptFailure) {
      let runner = try ScriptRunner(path: path, arguments: arguments, host: host(besideScriptAt: path))
      if isPrompt {
        ScriptPrompt(runner: runner).run()
      } else {
        try runner.run(source, name: path, arguments: arguments)
      }
    } catch {
      ScriptStreams.complain(error)
      return .someFailed
    }
    return ScriptStreams.flush() ? .success : .inputOutput
  }

  private func host(besideScriptAt path: String?) -> ScriptHost {
    let environment = Environment(besideJobIn: path.map(FilePaths.folder) ?? ".")
    return ScriptHost(
      version: JobrunCommand.version, environment: environment.value, log: { ScriptStreams.log($0, $1) },
      rows: { (input) throws(RunError) in try InputOpener.rows(for: input) })
  }
}
