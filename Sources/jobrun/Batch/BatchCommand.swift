internal import ArgumentParser
internal import JobrunModel
internal import JobrunStorage

/// `jobrun batch`: a batch file without any Lua.
struct BatchCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "batch", abstract: "Run an OpenAI Batch file, or Anthropic's, without a job file.",
    discussion: """
      Lines are {"custom_id", "method": "POST", "url", "body"}, or {"custom_id", "params"} for Anthropic's Messages. Each \
      body goes out as it stands in the file; the results are lines of the batch API's output form, in the order of the \
      input. Lines that failed are in the output, too, and in *.failed.jsonl, which fits as input again.

      The same command goes on where it stopped, and asks again what failed: answers are in OUT.journal. Limits, time-outs, \
      keys, signals and exit statuses are those of jobrun run.

        jobrun batch in.jsonl -o out.jsonl --base-url http://localhost:8000/v1
      """)

  @OptionGroup var options: BatchOptions

  func run() throws {
    let options = options
    let color = options.telling.noColor
    try RunOptions.runOnLoop(noColor: color) { console in
      do throws(RunError) {
        let run = try options.runOptions()
        return await JobRun(
          options: run, console: console,
          load: { (environment) throws(RunError) in
            try await BatchFile(options: run, console: console).subject(environment)
          }
        ).run()
      } catch {
        console.print(ErrorText.of(error))
        return ExitStatus(error.code)
      }
    }
  }
}

/// A batch file as the subject of a run.
@Loop
private struct BatchFile {
  let options: RunOptions
  let console: Console

  func subject(_ environment: Environment) async throws(RunError) -> RunSubject {
    var spec = JobSpec(path: options.job, name: FilePaths.stem(of: options.job))
    spec.input = InputSpec(path: options.job, format: .jsonLines)
    for path in [options.job, options.output ?? "-"] {
      let ending = InputSpec.Format(endingOf: path)
      if ending == .csv || ending == .tsv {
        throw RunError(.usage, "\(path): a batch file is JSON lines", hint: "name it *.jsonl")
      }
    }
    let configuration = try RunConfiguration(spec: spec, options: options, environment: environment.value)
    let source = try InputOpener.source(for: configuration.input, limit: configuration.limit)
    let kind = try Self.kind(of: try await source.beginning(), in: configuration.input.path)
    spec.api = kind.api
    if kind.form == .anthropic { spec.endpoint = .preset("anthropic") }
    let console = console
    let isQuiet = options.telling.quiet
    let engine = BatchEngine(kind: kind) { if !isQuiet { console.print("warning: \($0)") } }
    var subject = RunSubject(spec: spec) { (_, _, _) throws(RunError) in (engine, nil) }
    subject.source = source
    subject.rowOfFailure = { engine.takeRow(of: $0) }
    if !OutputPlace.isFile(configuration.output.path) {
      subject.journalBase = options.job == "-" ? "stdin" : options.job
    }
    return subject
  }

  /// The first request decides for all.
  private static func kind(of records: [ItemRecord], in path: String) throws(RunError) -> BatchEngine.Kind {
    var first: BatchFault?
    for record in records {
      do throws(BatchFault) {
        return BatchEngine.Kind(try BatchLine(record))
      } catch {
        first = first ?? error
      }
    }
    guard let first else { return BatchEngine.Kind() }
    throw RunError(
      .badInput, "\(FilePaths.shown(path)) is no batch file: \(first.reason)",
      hint: """
        a line is {"custom_id": "…", "method": "POST", "url": "/v1/chat/completions", "body": {"model": "…", …}}, \
        or Anthropic's {"custom_id": "…", "params": {…}}
        """)
  }
}
