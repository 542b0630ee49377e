internal import ArgumentParser
internal import JobrunHTTP
internal import JobrunMock
internal import JobrunModel
internal import JobrunScripting
internal import JobrunStorage

/// `jobrun check`: everything short of sending.
struct CheckCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "check",
    abstract: "Check a job file: every problem at once, and the first request as it would go out.",
    discussion: """
      Nothing is sent. The request is rendered twice, in two Lua states: a request that differs from run to run \
      would be bought again each time.
      """)

  @OptionGroup var options: RunOptions

  func run() throws {
    let options = options
    try options.runOnLoop { await JobCheck(options: options, console: $0).run() }
  }
}

/// What `jobrun check` does.
@Loop
private struct JobCheck {
  let options: RunOptions
  let console: Console

  func run() async -> ExitStatus {
    do throws(RunError) {
      return try await check()
    } catch {
      console.print(ErrorText.of(error))
      return ExitStatus(error.code)
    }
  }

  private func check() async throws(RunError) -> ExitStatus {
    let opened = try OpenedJob(options, console: console)
    let (job, configuration) = (opened.job, opened.configuration)
    for warning in job.warnings { console.print("warning: \(warning)") }
    console.print("\(options.job): the job file is in order")
    let endpoint = describeEndpoint(configuration, opened.environment)
    if options.strict { try await InputCheck.run(configuration.input, of: job) }
    let input = configuration.input
    if case .command = input.origin {
      console.print("input     \(input.name): not started by `check`, so there is no request to show")
      return endpoint
    }
    let records = try await firstRecords(of: input, job.spec.pack ?? 1)
    if records.isEmpty, input.origin != .function {
      console.print("input     \(FilePaths.shown(input.name)): 0 items, so there is no request to show")
      return endpoint
    }
    let rendered = try RenderCheck(job: job, configuration: opened.script(), records: records)
    let status = show(rendered, configuration)
    return status == .success ? endpoint : status
  }

  /// None where the job's own function has to give them.
  private func firstRecords(of input: InputSpec, _ count: Int) async throws(RunError) -> [ItemRecord] {
    guard input.origin != .function else { return [] }
    let source = try InputOpener.source(for: input, limit: count)
    var records: [ItemRecord] = []
    while let record = try await source.next() { records.append(record) }
    return records
  }

  /// - Returns: `success`, or what is the matter with the endpoint.
  private func describeEndpoint(_ configuration: RunConfiguration, _ environment: Environment) -> ExitStatus {
    if let mock = configuration.mock {
      console.print("endpoint  the mock provider, \(mock.rawValue)")
      return .success
    }
    do throws(RunError) {
      let routes = try ModelRoutes(
        configuration, options: options, environment: environment, mock: nil, connections: 1)
      console.secrets += routes.endpoints.compactMap(\.endpoint.key)
      for line in EndpointLines.of(routes.endpoints) { console.print(line) }
      return .success
    } catch {
      console.print(ErrorText.of(error))
      return ExitStatus(error.code)
    }
  }

  private func show(_ request: ChatRequest) {
    let models = ([request] + request.fallbacks).map(\.model).joined(separator: ", else ")
    console.print("model     \(models)\nthe first request, \(request.body.count) bytes:")
    // The request goes to standard output, below its heading.
    console.close()
    print(String(decoding: request.body, as: UTF8.self))
  }

  private func show(_ rendered: RenderCheck, _ configuration: RunConfiguration) -> ExitStatus {
    switch rendered.first {
    case .finished(.failed(let failure)):
      console.print("jobrun: the first item fails: \(failure.errorClass.rawValue): \(failure.message)")
      if let traceback = failure.traceback { console.print(traceback) }
      return failure.errorClass == .badInput ? .badInput : .job
    case .sleep: console.print("the first item waits before its first call")
    case .finished, .finishedPack, .fork, .wait, .divided: console.print("the first item asks for no call")
    case .call(let request): show(request)
    }
    guard rendered.isRepeatable else {
      console.print(
        """
        jobrun: the first request is another one at every rendering, so a later run could not reuse its answer
          keep clocks, random numbers and the order of `pairs` (use jobrun.sorted) out of requests
        """)
      return .job
    }
    return .success
  }
}
