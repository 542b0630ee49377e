internal import ArgumentParser
internal import JobrunModel

/// The options of `jobrun batch` as they were typed.
struct BatchOptions: ParsableArguments {
  @Argument(help: "The batch file ('-': standard input).")
  var input: String

  @Option(
    name: .shortAndLong, help: ArgumentHelp("Write the results to FILE ('-': standard output).", valueName: "file"))
  var output: String

  @Option(name: .long, help: ArgumentHelp("Take only the first N lines.", valueName: "n"))
  var limit: Int?

  @Option(name: .long, help: ArgumentHelp("Order of the results: input or completion.", valueName: "order"))
  var order: String?

  @OptionGroup var asking: AskingOptions

  @OptionGroup var journal: JournalOptions

  @Flag(name: .long, help: "Go on although the first requests are all rejected.")
  var keepGoing = false

  @OptionGroup var telling: TellingOptions

  /// What they are for a run.
  func runOptions() throws(RunError) -> RunOptions {
    var words = RunWords()
    words.add("--input", input)
    words.add("--output", output)
    words.add("--limit", limit)
    words.add("--order", order)
    words.add("--keep-going", if: keepGoing)
    var options = try words.options(job: input)
    (options.asking, options.journal, options.telling) = (asking, journal, telling)
    return options
  }
}

/// The words of a command line for `jobrun run`.
struct RunWords {
  private(set) var words: [String] = []

  mutating func add(_ option: String, _ value: (some CustomStringConvertible)?) {
    if let value { words.append("\(option)=\(value)") }
  }

  mutating func add(_ flag: String, if isSet: Bool) {
    if isSet { words.append(flag) }
  }

  func options(job: String) throws(RunError) -> RunOptions {
    do {
      return try RunOptions.parse(words + ["--", job])
    } catch {
      throw RunError(.usage, RunOptions.message(for: error))
    }
  }
}
