internal import JobrunModel
internal import JobrunScripting

/// The prompt of `jobrun lua`: reads a chunk, runs it, shows its values, until the input ends.
///
/// Lines are read as the terminal gives them, without history: `rlwrap` adds that.
@Loop
struct ScriptPrompt {
  let runner: ScriptRunner

  func run() {
    var chunk = ""
    var unfinished: ScriptFailure?
    ScriptStreams.write("jobrun \(JobrunCommand.version), Lua 5.4; Ctrl-D ends")
    while let line = read(after: chunk.isEmpty ? "> " : ">> ") {
      chunk += chunk.isEmpty ? line : "\n" + line
      unfinished = nil
      switch runner.evaluate(chunk) {
      case .incomplete(let failure):
        unfinished = failure
        continue
      case .values(let values): if !values.isEmpty { ScriptStreams.write(values.joined(separator: "\t")) }
      case .failed(let failure): ScriptStreams.complain(failure)
      }
      chunk = ""
    }
    ScriptStreams.write("")
    if let unfinished { ScriptStreams.complain(unfinished) }
  }

  private func read(after prompt: String) -> String? {
    ScriptStreams.write(prompt, terminator: "")
    _ = ScriptStreams.flush()
    return readLine()
  }
}
