internal import ArgumentParser
internal import JobrunModel
internal import JobrunReactor

/// `jobrun init`: a first job, and what editors want to know.
struct InitCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "init",
    abstract: "Write a commented job, a hook library with a test, and settings for editors.",
    discussion: """
      A file that is there already stays as it is: run it in a folder of yours without fear. `jobrun types` renews \
      types/jobrun.lua for a newer jobrun.
      """)

  @Argument(help: "The folder; it is made if there is none.")
  var folder = "."

  func run() throws {
    ProcessLimits.set()
    let folder = folder.count > 1 && folder.hasSuffix("/") ? String(folder.dropLast()) : folder
    let status = Reactor.shared.runBlocking { () async -> ExitStatus in
      let console = Console(color: false)
      defer { console.close() }
      return Self.write(to: folder, console)
    }
    throw status.exit
  }

  @Loop
  private static func write(to folder: String, _ console: Console) -> ExitStatus {
    var starter = StarterFolder(folder)
    var failure: RunError?
    do throws(RunError) {
      try starter.write(StarterFile.all)
    } catch {
      failure = error
    }
    // What was written is told, whatever came behind it.
    for path in starter.written { console.print("wrote     \(starter.place(of: path))") }
    for path in starter.kept { console.print("is there  \(starter.place(of: path)): it stays as it is") }
    if let failure {
      console.print(ErrorText.of(failure))
      return ExitStatus(failure.code)
    }
    let next = NextCommands(
      program: CommandLine.arguments[0], job: starter.place(of: StarterFile.jobPath),
      test: starter.place(of: StarterFile.testPath))
    console.print("\n" + next.text)
    return .success
  }
}
