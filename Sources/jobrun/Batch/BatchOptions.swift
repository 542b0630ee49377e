internal import ArgumentParser
internal import JobrunModel

/// The options of `jobrun batch` as they were typed.
struct BatchOptions: ParsableArguments {
  @Argument(help: "The batch file ('-': standard input).")
  var input: String

  @Option(
    name: .shortAndLong, help: ArgumentHelp("Write the results to FILE ('-': standard output).", valueName: "file"))
  var output: String

  @Option(name: .long, help: ArgumentHelp("Ask the server at URL, e.g. http://localhost:8000/v1.", valueName: "url"))
  var baseURL: String?

  @Option(name: .long, help: ArgumentHelp("Read the key from FILE, which only you may read.", valueName: "file"))
  var apiKeyFile: String?

  @Flag(name: .long, help: "Let the key go over http:// to another machine.")
  var allowPlaintext = false

  @Option(name: .long, help: ArgumentHelp("Take only the first N lines.", valueName: "n"))
  var limit: Int?

  @Option(name: .long, help: ArgumentHelp("Requests in flight at once; 'auto' finds the best number.", valueName: "n"))
  var concurrency: String?

  @Option(name: .long, help: ArgumentHelp("Requests a minute that each model allows.", valueName: "n"))
  var rpm: Double?

  @Option(name: .long, help: ArgumentHelp("Tokens a minute, in and out, that each model allows.", valueName: "n"))
  var tpm: Double?

  @Option(name: .long, help: ArgumentHelp("HTTP tries of a request at most.", valueName: "n"))
  var maxAttempts: Int?

  @Option(name: .long, help: ArgumentHelp("Total time limit of a request, in seconds.", valueName: "s"))
  var timeout: Double?

  @Option(name: .long, help: ArgumentHelp("Order of the results: input or completion.", valueName: "order"))
  var order: String?

  @Option(
    name: .long,
    help: ArgumentHelp("Ask the built-in mock provider: --mock, or --mock=PROFILE.", valueName: "profile"))
  var mock: String?

  @Flag(name: .long, help: "Send nothing: answers come from the journal only.")
  var offline = false

  @Flag(name: .long, help: "Set the journal aside and buy every answer anew.")
  var fresh = false

  @Flag(name: .long, help: "Ask again only the lines that failed; all others keep their answers.")
  var failed = false

  @Flag(name: .long, help: "Go on although the first requests are all rejected.")
  var keepGoing = false

  @OptionGroup var telling: TellingOptions

  /// What they are for a run.
  func runOptions() throws(RunError) -> RunOptions {
    var words = RunWords()
    words.add("--input", input)
    words.add("--output", output)
    words.add("--base-url", baseURL)
    words.add("--api-key-file", apiKeyFile)
    words.add("--limit", limit)
    words.add("--concurrency", concurrency)
    words.add("--rpm", rpm)
    words.add("--tpm", tpm)
    words.add("--max-attempts", maxAttempts)
    words.add("--timeout", timeout)
    words.add("--order", order)
    words.add("--mock", mock)
    words.add("--allow-plaintext", if: allowPlaintext)
    words.add("--offline", if: offline)
    words.add("--fresh", if: fresh)
    words.add("--failed", if: failed)
    words.add("--keep-going", if: keepGoing)
    telling.add(to: &words)
    return try words.options(job: input)
  }
}

/// How much a command says, and where.
struct TellingOptions: ParsableArguments {
  @Option(name: .long, help: ArgumentHelp("auto, bar, plain, json or none.", valueName: "style"))
  var progress: ProgressStyle = .auto

  @Flag(name: .long, help: "Print the summary as JSON on standard output.")
  var json = false

  @Flag(name: .long, help: "No colour, no live line.")
  var noColor = false

  @Flag(name: .shortAndLong, help: "Only errors on standard error.")
  var quiet = false

  @Flag(name: .shortAndLong, help: "Say more: endpoint, input, output.")
  var verbose = false

  func add(to words: inout RunWords) {
    words.add("--progress", progress.rawValue)
    words.add("--json", if: json)
    words.add("--no-color", if: noColor)
    words.add("--quiet", if: quiet)
    words.add("--verbose", if: verbose)
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
