internal import ArgumentParser

/// Whom a command asks, and how fast.
struct AskingOptions: ParsableArguments {
  @Option(name: .long, help: ArgumentHelp("Ask the server at URL, e.g. http://localhost:8000/v1.", valueName: "url"))
  var baseURL: String?

  @Option(
    name: .long, help: ArgumentHelp("Read the key from FILE, which only you may read.", valueName: "file"))
  var apiKeyFile: String?

  @Flag(name: .long, help: "Let the key go over http:// to another machine.")
  var allowPlaintext = false

  @Option(
    name: .long,
    help: ArgumentHelp(
      """
      Ask the built-in mock provider, whose replies are not real: --mock, or --mock=PROFILE \
      (plain, fast, strict, flaky, overloaded).
      """,
      valueName: "profile"))
  var mock: String?

  @Option(name: .long, help: ArgumentHelp("Requests in flight at once; 'auto' finds the best number.", valueName: "n"))
  var concurrency: String?

  @Option(name: .long, help: ArgumentHelp("Requests a minute that each model allows.", valueName: "n"))
  var rpm: Double?

  @Option(name: .long, help: ArgumentHelp("Tokens a minute, in and out, that each model allows.", valueName: "n"))
  var tpm: Double?

  @Option(name: .long, help: ArgumentHelp("HTTP tries of a call at most.", valueName: "n"))
  var maxAttempts: Int?

  @Option(name: .long, help: ArgumentHelp("Total time limit of a request, in seconds.", valueName: "s"))
  var timeout: Double?
}

/// What a command does with the journal.
struct JournalOptions: ParsableArguments {
  @Flag(name: .long, help: "Send nothing: answers come from the journal only.")
  var offline = false

  @Flag(name: .long, help: "Set the journal aside and buy every answer anew.")
  var fresh = false

  @Flag(name: .long, help: "Ask again only the items that failed; all others keep their answers.")
  var failed = false
}

/// How much a command says, and where.
struct TellingOptions: ParsableArguments {
  @Option(
    name: .long, help: ArgumentHelp("auto, bar, plain, json or none.", valueName: "style"))
  var progress: ProgressStyle = .auto

  @Flag(name: .long, help: "Print the summary as JSON on standard output.")
  var json = false

  @Flag(name: .long, help: "No colour, no live line.")
  var noColor = false

  @Flag(name: .shortAndLong, help: "Only errors on standard error.")
  var quiet = false

  @Flag(name: .shortAndLong, help: "Say more: endpoint, input, output.")
  var verbose = false
}
