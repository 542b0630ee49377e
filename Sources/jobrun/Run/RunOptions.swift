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

  @Option(
    name: .customLong("budget-usd"),
    help: ArgumentHelp("US dollars that all runs with the journal may spend together.", valueName: "usd"))
  var budgetUSD: Double?

  @Option(name: .long, help: ArgumentHelp("Order of the rows: input or completion.", valueName: "order"))
  var order: String?

  @Option(
    name: .long, parsing: .singleValue,
    help: ArgumentHelp("Set a parameter of the job (ctx.params); may be repeated.", valueName: "key=value"))
  var param: [String] = []

  @OptionGroup var asking: AskingOptions

  @OptionGroup var journal: JournalOptions

  @Flag(name: .long, help: "Go on although the first requests are all rejected, or 20 items in a row fail in a hook.")
  var keepGoing = false

  @Flag(
    name: .long, help: "Read the input through first; end with 65 where an item cannot be read or an id comes twice.")
  var strict = false

  @OptionGroup var telling: TellingOptions
}
