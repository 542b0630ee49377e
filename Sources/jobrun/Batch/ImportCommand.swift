internal import ArgumentParser
internal import JobrunModel
internal import JobrunStorage

/// `jobrun import`: the results of exported batch files, back to the job.
struct ImportCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "import", abstract: "Bring the results of exported batch files into a job's journal and its output.",
    discussion: """
      Results of OpenAI (output and error files), vLLM, Together, Anthropic and jobrun batch are read, in any order. Each \
      is the answer to the request that its item has now, or it is told that the request has changed since the export. \
      Failed results are told, and their items remain to be asked. Importing twice adds nothing.

      Then the job runs with the journal's answers alone, as with --offline: parse runs, the output is written. What has \
      no answer is unfinished (status 75), and the command that goes on is told. No request is sent.

      Exit status: as jobrun run; 65 where no line belongs to the job; 1 where all results are failures.
      """)

  @OptionGroup var source: JobSourceOptions

  @Argument(help: "Files of results.")
  var results: [String]

  @OptionGroup var telling: TellingOptions

  func run() throws {
    let command = self
    try RunOptions.runOnLoop(noColor: telling.noColor) { console in
      do throws(RunError) {
        return try await command.run(console)
      } catch {
        console.print(ErrorText.of(error))
        return ExitStatus(error.code)
      }
    }
  }

  @Loop
  private func run(_ console: Console) async throws(RunError) -> ExitStatus {
    guard !results.isEmpty else { throw RunError(.usage, "name at least one file of results") }
    var options = try source.runOptions()
    options.journal.offline = true
    options.telling = telling
    if options.input == "-" {
      throw RunError(.usage, "--input -: the input is read twice", hint: "write it into a file first")
    }
    let requests = try JobRequests(options, console: console)
    let tally = try await Import(requests: requests, results: results, console: console).run()
    if !telling.quiet { for line in tally.lines { console.print(VisibleText.make(line)) } }
    let goOn = (CommandLine.arguments.first.map { [$0] } ?? []) + source.words
    guard tally.isOfTheJob else {
      throw RunError(
        .badInput, "no line of the results is an answer to a request of \(FilePaths.shown(source.job))",
        hint: "they belong to what jobrun export wrote for this job, with this input and these parameters")
    }
    guard tally.hasAnswers else {
      console.print("go on with:  \(GoOnCommand.text(goOn, isWhole: true))")
      return .someFailed
    }
    return await JobRun(options: options, console: console, goOn: goOn).run()
  }
}
