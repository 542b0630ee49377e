import Foundation
import JobrunMock
import Testing

/// What the pages show works: every code block of the README and of the page for script authors is run.
@Suite("The code blocks of the pages", .serialized) struct PageBlockTests {
  private static let blocks = PageBlock.all(of: "README.md") + PageBlock.all(of: "docs/scripting.md")

  private static func blocks(in language: String) -> [PageBlock] { blocks.filter { $0.language == language } }

  @Test func `have a language that a test here runs`() {
    #expect(Self.blocks.count > 15)
    for block in Self.blocks {
      #expect(["lua", "sh", "python", ""].contains(block.language), "\(block.testDescription)")
    }
  }

  /// Those that need a program which may not be here have a test of their own, which says so.
  private static let jobs = blocks(in: "lua").filter { !$0.code.contains("pyarrow") }

  @Test(arguments: jobs) func `a block in Lua is a job, or a part of one, that runs`(
    block: PageBlock
  ) async throws {
    try await Self.besideTheJobs { program in
      try program.write("jobs/block.lua", block.job)
      let result = try await program.run("--mock=fast", "jobs/block.lua", "--output", "rows.jsonl")
      let failures = (try? program.read("rows.failed.jsonl")) ?? ""
      // The mock's words are no person: the block asks again, with the problems, until its asks are used up.
      let isAskingAgain = block.code.contains("ctx:retry(\"not a person\"")
      #expect(result.status == (isAskingAgain ? 1 : 0), "\(result.errors)\(failures)\(block.job)")
      #expect(!failures.contains("\"class\":\"hook\""), "\(failures)")
      if isAskingAgain {
        #expect(failures.contains("\"class\":\"rejected\""), "\(failures)")
      } else {
        #expect(try program.lines("rows.jsonl").count >= 1)
      }
    }
  }

  @Test(arguments: blocks(in: "sh")) func `a block of commands runs as it is typed`(block: PageBlock) async throws {
    let server = try await MockServer.start(behavior: MockBehavior())
    try await Self.besideTheJobs { program in
      var environment = ["JOBRUN_BASE_URL": server.baseURL]
      for line in block.code.split(separator: "\n") {
        let words = line.prefix { $0 != "#" }.split(separator: " ").map(String.init)
        switch words.first {
        case "export":
          let pair = try #require(words.last?.split(separator: "=").map(String.init))
          // The dots of the page stand for a key.
          environment[pair[0]] = pair[1].replacingOccurrences(of: "…", with: "0123456789")
        case "scripts/jobrun":
          let result = try await program.run(Array(words.dropFirst()), environment: environment)
          #expect(result.status == 0, "\(line): \(result.errors)")
        // This runs in it.
        case "scripts/test":
          #expect(FileManager.default.isExecutableFile(atPath: Program.root.path + "/scripts/test"))
        case nil: break
        default: Issue.record("\(block.testDescription): \(line): no test runs this")
        }
      }
    }
    await server.stop()
  }

  @Test(
    .enabled(if: python != nil, "no Python with aiohttp here: scripts/bench installs one"),
    arguments: blocks(in: "python"))
  func `a block in Python does what the job beside it does`(block: PageBlock) async throws {
    let server = try await MockServer.start(behavior: MockBehavior())
    try await Self.besideTheJobs { program in
      let environment = ["OPENAI_BASE_URL": server.baseURL, "OPENAI_API_KEY": "sk-0123456789"]
      let (process, output, errors) = program.process([], environment: environment)
      process.executableURL = Self.python
      process.arguments = ["-c", block.code]
      try process.run()
      let result = await Program.result(of: process, output, errors)
      #expect(result.status == 0, "\(result.errors)")
      let job = try await program.run("jobs/pipeline.lua", "--output", "rows.jsonl", environment: environment)
      #expect(job.status == 0, "\(job.errors)")
      func rows(_ name: String) throws -> Set<[String: String]> {
        Set(try program.lines(name).map { try JSONDecoder().decode([String: String].self, from: Data($0.utf8)) })
      }
      #expect(try rows("numbers.jsonl") == rows("rows.jsonl"))
      #expect(try rows("rows.jsonl").count == 200)
    }
    await server.stop()
  }

  /// The Python of the benchmark, which has aiohttp.
  private static let python: URL? = {
    let path = Program.root.appendingPathComponent(".venv-bench/bin/python")
    return FileManager.default.isExecutableFile(atPath: path.path) ? path : nil
  }()

  @Test(arguments: blocks(in: "")) func `a session at the prompt shows what it shows`(block: PageBlock) async throws {
    try await Program.inFolder { program in
      let terminal = try #require(Terminal())
      let (process, _, _) = program.process(["lua"])
      (process.standardInput, process.standardOutput, process.standardError) = (
        terminal.far, terminal.far, terminal.far
      )
      let lines = block.code.split(separator: "\n")
      for line in lines where line.hasPrefix("> ") { terminal.type(line.dropFirst(2) + "\n") }
      terminal.type("\u{4}")
      try process.run()
      try terminal.far.close()
      let text = await terminal.readAll()
      await Program.offPool { process.waitUntilExit() }
      // Nobody's typing is echoed: the prompts remain, each before what its line showed.
      let shown = block.code.replacing(#/(?m)^> .*\n/#, with: "> ")
      #expect(text.contains(shown + "> "), "\(text)")
    }
  }

  /// Runs `body` in a folder with a copy of the repository's `jobs`.
  private static func besideTheJobs(_ body: (Program) async throws -> Void) async throws {
    try await Program.inFolder { program in
      try FileManager.default.copyItem(
        at: Program.root.appendingPathComponent("jobs"), to: program.folder.appendingPathComponent("jobs"))
      try? FileManager.default.removeItem(at: program.folder.appendingPathComponent("jobs/out"))
      try await body(program)
    }
  }
}
