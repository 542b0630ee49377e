internal import ArgumentParser
internal import JobrunModel
internal import JobrunStorage

/// `jobrun export`: a job's requests as batch files.
struct ExportCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "export", abstract: "Write a job's requests as batch files, for a batch API or jobrun batch.",
    discussion: """
      Each item's first request is rendered as a run would render it; with `pack` a line is a pack. What the journal has \
      an answer to is left out. Files hold one model each, and are split where they would be too large; several are \
      numbered. Nothing is sent. jobrun import brings the results back.

        jobrun export jobs/classify.lua -o batch.jsonl
        jobrun import jobs/classify.lua results.jsonl

      Exit status: 0, or 1 where some items fail before they ask.
      """)

  @OptionGroup var source: JobSourceOptions

  @Option(name: .customShort("o"), help: ArgumentHelp("Write the requests to FILE.", valueName: "file"))
  var file: String

  @Option(name: .long, help: ArgumentHelp("Lines of a file at most.", valueName: "n"))
  var maxLines = 50_000

  @Option(name: .long, help: ArgumentHelp("Megabytes (1,000,000 bytes) of a file at most.", valueName: "n"))
  var maxMB = 200

  @Flag(name: .long, help: "Also what the journal has an answer to.")
  var all = false

  @Flag(name: .shortAndLong, help: "Only errors on standard error.")
  var quiet = false

  func run() throws {
    let command = self
    try RunOptions.runOnLoop(noColor: true) { console in
      do throws(RunError) {
        return try await command.export(console)
      } catch {
        console.print(ErrorText.of(error))
        return ExitStatus(error.code)
      }
    }
  }

  @Loop
  private func export(_ console: Console) async throws(RunError) -> ExitStatus {
    guard (1...10_000_000).contains(maxLines) else {
      throw RunError(.usage, "--max-lines: 1 to 10000000 expected, got \(maxLines)")
    }
    guard (1...100_000).contains(maxMB) else {
      throw RunError(.usage, "--max-mb: 1 to 100000 expected, got \(maxMB)")
    }
    let requests = try JobRequests(source.runOptions(), console: console)
    let name = file
    let input = requests.opened.configuration.input.path
    let files = BatchFiles(
      path: file, limits: BatchLimits(lines: maxLines, bytes: maxMB * 1_000_000),
      isInput: { FilePaths.areOneFile(input, $0) }, numbered: { FilePaths.inserting("\($0)", into: name) })
    guard OutputPlace.isFile(file) else {
      throw RunError(.usage, "-o \(file): a file expected", hint: "a batch file is written whole, and may be several")
    }
    if FilePaths.areOneFile(input, file) {
      throw RunError(.usage, "\(file) is both input and output")
    }
    let export = Export(requests: requests, files: files, maxMB: maxMB, takesAll: all)
    let tally: ExportTally
    do throws(RunError) {
      tally = try await export.run()
    } catch {
      files.abandon()
      throw error
    }
    if !quiet {
      for line in tally.lines { console.print(VisibleText.make(line)) }
      for line in next(tally.files) { console.print(line) }
      if let stale = stale(tally.files) {
        console.print("warning: \(FilePaths.shown(stale)) is not of this export: it was there before")
      }
    }
    return tally.failed > 0 ? .someFailed : .success
  }

  /// What to do with the files.
  private func next(_ files: [BatchFiles.Written]) -> [String] {
    guard let first = files.first?.path else { return [] }
    let results = FilePaths.inserting("results", into: first)
    let words = (CommandLine.arguments.first.map { [$0] } ?? [])
    let several = files.count > 1 ? ", and so each" : ""
    let batch = GoOnCommand.text(words + ["batch", first, "-o", results], isWhole: false)
    let back = GoOnCommand.text(words + ["import"] + source.words + [results], isWhole: false)
    return [
      "next      upload \(files.count == 1 ? "it" : "them") to a batch API, or run \(files.count == 1 ? "it" : "them") here:",
      "          \(batch)\(several)", "then      \(back)",
    ]
  }

  /// A file that an earlier export may have left, and that would be taken for one of this.
  private func stale(_ files: [BatchFiles.Written]) -> String? {
    let numbered = files.count < 2 ? 1 : files.count + 1
    let candidates = [FilePaths.inserting("\(numbered)", into: file)] + (files.count == 1 ? [] : [file])
    return candidates.first(where: ReadFile.exists)
  }
}
