internal import ArgumentParser
internal import JobrunModel

/// The options of `jobrun run` as they were typed; `RunConfiguration` is what they mean.
struct RunOptions: ParsableArguments {
  @Argument(help: "The job file.")
  var job: String

  @Option(name: .long, help: ArgumentHelp("Read the items from FILE instead ('-': standard input).", valueName: "file"))
  var input: String?

  @Option(name: .long, help: ArgumentHelp("Write the rows to FILE instead ('-': standard output).", valueName: "file"))
  var output: String?

  @Flag(
    name: .long, help: "Write texts that begin with = + - @ into a CSV or TSV as they are, without a ' before them.")
  var csvRaw = false

  @Option(name: .long, help: ArgumentHelp("Take only the first N items.", valueName: "n"))
  var limit: Int?

  @Option(name: .long, help: ArgumentHelp("Ask this model.", valueName: "name"))
  var model: String?

  @Option(name: .long, help: ArgumentHelp("Requests in flight at once; 'auto' finds the best number.", valueName: "n"))
  var concurrency: String?

  @Option(name: .long, help: ArgumentHelp("Requests a minute that each model allows.", valueName: "n"))
  var rpm: Double?

  @Option(name: .long, help: ArgumentHelp("Tokens a minute, in and out, that each model allows.", valueName: "n"))
  var tpm: Double?

  @Option(
    name: .customLong("budget-usd"),
    help: ArgumentHelp("US dollars that all runs with the journal may spend together.", valueName: "usd"))
  var budgetUSD: Double?

  @Option(name: .long, help: ArgumentHelp("HTTP tries of a call at most.", valueName: "n"))
  var maxAttempts: Int?

  @Option(name: .long, help: ArgumentHelp("Total time limit of a request, in seconds.", valueName: "s"))
  var timeout: Double?

  @Option(name: .long, help: ArgumentHelp("Order of the rows: input or completion.", valueName: "order"))
  var order: String?

  @Option(
    name: .long, parsing: .singleValue,
    help: ArgumentHelp("Set a parameter of the job (ctx.params); may be repeated.", valueName: "key=value"))
  var param: [String] = []

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

  @Flag(name: .long, help: "Send nothing: answers come from the journal only.")
  var offline = false

  @Flag(name: .long, help: "Set the journal aside and buy every answer anew.")
  var fresh = false

  @Flag(name: .long, help: "Ask again only the items that failed; all others keep their answers.")
  var failed = false

  @Flag(name: .long, help: "Go on although the first requests are all rejected, or 20 items in a row fail in a hook.")
  var keepGoing = false

  @Option(
    name: .long, help: ArgumentHelp("auto, bar, plain, json or none.", valueName: "style"))
  var progress: ProgressStyle = .auto

  @Flag(
    name: .long, help: "Read the input through first; end with 65 where an item cannot be read or an id comes twice.")
  var strict = false

  @Flag(name: .long, help: "Print the summary as JSON on standard output.")
  var json = false

  @Flag(name: .long, help: "No colour, no live line.")
  var noColor = false

  @Flag(name: .shortAndLong, help: "Only errors on standard error.")
  var quiet = false

  @Flag(name: .shortAndLong, help: "Say more: endpoint, input, output.")
  var verbose = false
}
