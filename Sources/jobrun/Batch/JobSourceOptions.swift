internal import ArgumentParser
internal import JobrunModel

/// The options that say which requests a job has, and which journal they are in.
struct JobSourceOptions: ParsableArguments {
  @Argument(help: "The job file.")
  var job: String

  @Option(name: .long, help: ArgumentHelp("Read the items from FILE instead ('-': standard input).", valueName: "file"))
  var input: String?

  @Option(
    name: .long,
    help: ArgumentHelp("The rows' file, where the job's run is given one: its journal lies there.", valueName: "file"))
  var output: String?

  @Option(name: .long, help: ArgumentHelp("Take only the first N items.", valueName: "n"))
  var limit: Int?

  @Option(name: .long, help: ArgumentHelp("Ask this model.", valueName: "name"))
  var model: String?

  @Option(
    name: .long, parsing: .singleValue,
    help: ArgumentHelp("Set a parameter of the job (ctx.params); may be repeated.", valueName: "key=value"))
  var param: [String] = []

  /// As they are said again to another command.
  var words: [String] { [job] + options.words }

  func runOptions() throws(RunError) -> RunOptions { try options.options(job: job) }

  private var options: RunWords {
    var words = RunWords()
    words.add("--input", input)
    words.add("--output", output)
    words.add("--limit", limit)
    words.add("--model", model)
    for parameter in param { words.add("--param", parameter) }
    return words
  }
}
