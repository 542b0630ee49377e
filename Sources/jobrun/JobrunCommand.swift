internal import ArgumentParser

/// The program.
@main
struct JobrunCommand: ParsableCommand {
  static let version = "0.1.0"

  static let configuration = CommandConfiguration(
    commandName: "jobrun",
    abstract: "Run a job, written in Lua, over many items against an LLM API.",
    discussion: """
      A job is a Lua file that builds the prompts and reads the replies; jobrun sends the requests \
      concurrently, within the time limits, and writes one row of JSON an item.

        jobrun --mock jobs/translate.lua       try it, with replies that are not real
        export OPENAI_API_KEY=sk-…
        jobrun jobs/translate.lua --limit 10   the first ten items, for real
        jobrun check jobs/translate.lua        is the job file right?
        jobrun plan jobs/translate.lua         what will it cost, and how long will it take?
        jobrun init                            a first job, in the current folder

      Rows go to the job's output file (or to --output), failed items beside it into *.failed.jsonl; \
      progress and summary go to standard error. Exit status: 0 all well, 1 some items failed, 64 wrong \
      command line, 78 wrong job file; the others are in docs/operating.md.
      """,
    version: "jobrun \(version)",
    subcommands: [
      RunCommand.self, CheckCommand.self, MockCommand.self, TypesCommand.self, PlanCommand.self, InitCommand.self,
      LuaCommand.self, BatchCommand.self, ExportCommand.self, ImportCommand.self,
    ],
    defaultSubcommand: RunCommand.self)

  /// Parses and runs. `--mock` alone stands for `--mock=plain`: the parser knows no optional values.
  static func main() {
    var arguments = Array(CommandLine.arguments.dropFirst())
    // The arguments of a script are its own.
    if arguments.first != "lua" { arguments = arguments.map { $0 == "--mock" ? "--mock=plain" : $0 } }
    // Scripts ask for the version before every use: that must not cost a parser's start.
    if arguments == ["--version"] {
      print(configuration.version)
    } else {
      main(arguments)
    }
  }
}
