internal import ArgumentParser

/// `jobrun run`, which may be left out.
struct RunCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "run", abstract: "Run a job (the word may be left out).",
    discussion: """
      Settings stand, from the strongest: options, JOBRUN_* variables (JOBRUN_MODEL, JOBRUN_CONCURRENCY, …), the job \
      file, what the environment offers a job that names no endpoint (OPENAI_BASE_URL, the providers' keys).

      Keys never stand on the command line: they come from the environment, from the .env beside the job, or from \
      --api-key-file.

      The first Ctrl-C starts nothing new and waits for the requests in flight; the second stops at once.
      """)

  @OptionGroup var options: RunOptions

  func run() throws {
    let options = options
    try options.runOnLoop { await JobRun(options: options, console: $0).run() }
  }
}
