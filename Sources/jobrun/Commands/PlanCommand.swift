internal import ArgumentParser
internal import JobrunModel
internal import JobrunScripting

/// `jobrun plan`: what a run would do, without doing it.
struct PlanCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "plan",
    abstract: "Count the items and estimate requests, tokens, cost and time; show the first requests. Sends nothing.",
    discussion: """
      The input is read through. Up to 1,000 items, evenly spread, are rendered as a run would; counts are exact where \
      that is all of them. What the journal has already is not counted again. With --json the plan is one line of JSON.

      Exit status: 0, or 1 where some items will fail whatever the answers are.
      """)

  @OptionGroup var options: RunOptions

  @Option(name: .shortAndLong, help: ArgumentHelp("Show the first N requests.", valueName: "n"))
  var number = 3

  func run() throws {
    let options = options
    let number = number
    try options.runOnLoop { await JobPlan(options: options, number: number, console: $0).run() }
  }
}

/// What `jobrun plan` does.
@Loop
private struct JobPlan {
  let options: RunOptions
  let number: Int
  let console: Console

  func run() async -> ExitStatus {
    do throws(RunError) {
      return try await plan()
    } catch {
      console.print(ErrorText.of(error))
      return ExitStatus(error.code)
    }
  }

  private func plan() async throws(RunError) -> ExitStatus {
    guard (0...1_000).contains(number) else {
      throw RunError(.usage, "--number: 0 to 1000 expected, got \(number)")
    }
    let opened = try OpenedJob(options, console: console)
    for warning in opened.job.warnings { console.print("warning: \(warning)") }
    if options.strict { try await InputCheck.run(opened.configuration.input, of: opened.job) }
    let making = PlanMaking(opened: opened, shown: number, console: console)
    let plan = try await making.plan()
    if options.telling.json {
      print(PlanJSON(plan: plan).line)
    } else {
      for line in PlanText(plan: plan).lines { print(VisibleText.make(line, keepingLines: true)) }
    }
    return plan.hasFailures ? .someFailed : .success
  }
}
