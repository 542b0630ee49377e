import Foundation
import JobrunScripting
import Testing

@Suite(.serialized) struct InitTests {
  @Test func `init writes a job that is in order and runs with the mock as it is`() async throws {
    try await Program.inFolder { program in
      let result = try await program.run("init", "new/demo")
      #expect(result.status == 0, "\(result.errors)")
      #expect(result.output.isEmpty)
      #expect(result.errors.contains("wrote     new/demo/jobs/hello.lua\n"))
      #expect(result.errors.contains(" --mock new/demo/jobs/hello.lua "))
      #expect(try program.read("new/demo/types/jobrun.lua") == LuaTypes.generate())
      let job = "new/demo/jobs/hello.lua"
      let check = try await program.run("check", "--mock", job)
      #expect(check.status == 0, "\(check.errors)")
      let plan = try await program.run("plan", job)
      #expect(plan.status == 0, "\(plan.errors)")
      let run = try await program.run("--mock=fast", job)
      #expect(run.status == 0, "\(run.errors)")
      #expect(
        try program.lines("new/demo/jobs/out/hello.mock.jsonl").first
          == #"{"id":1,"translation":"[MOCK] GOOD MORNING.!","text":"Good morning."}"#)
    }
  }

  @Test func `init leaves what is there as it is, and writes the rest`() async throws {
    try await Program.inFolder { program in
      try program.write("jobs/hello.lua", "mine")
      try program.write(".gitignore", "mine, too")
      try FileManager.default.createSymbolicLink(
        atPath: program.folder.path + "/.luacheckrc", withDestinationPath: "nowhere")
      let result = try await program.run("init")
      #expect(result.status == 0)
      #expect(result.errors.contains("is there  jobs/hello.lua: it stays as it is\n"))
      #expect(result.errors.contains("is there  .luacheckrc: it stays as it is\n"))
      #expect(result.errors.contains("wrote     .luarc.json\n"))
      #expect(try program.read("jobs/hello.lua") == "mine")
      #expect(try program.read(".gitignore") == "mine, too")
      #expect(!program.exists("nowhere"))
      let again = try await program.run("init", "./")
      #expect(again.status == 0)
      #expect(!again.errors.contains("wrote"))
    }
  }

  @Test(arguments: [["file"], ["file/below"], ["/proc/jobrun-test"]])
  func `a folder that cannot be made is told with status 73`(arguments: [String]) async throws {
    try await Program.inFolder { program in
      try program.write("file", "x")
      let result = try await program.run(["init"] + arguments)
      #expect(result.status == 73)
      #expect(result.errors.hasPrefix("jobrun: "), "\(result.errors)")
      #expect(!result.errors.contains("next"))
      #expect(try program.files == ["file"])
    }
  }

  @Test func `what was written before a failure is told`() async throws {
    try await Program.inFolder { program in
      try program.write("jobs/hooks", "a file where a folder should be")
      let result = try await program.run("init")
      #expect(result.status == 73)
      #expect(result.errors.contains("wrote     jobs/hello.lua\n"))
      #expect(result.errors.contains("jobrun: jobs/hooks is no folder\n"))
    }
  }

  @Test(
    .enabled(
      if: LuaTypes.generate().contains("function jobrun.test("), "`jobrun.test` is not in this version"))
  func `the test of the hook library that init writes passes`() async throws {
    try await Program.inFolder { program in
      #expect(try await program.run("init").status == 0)
      let result = try await program.run("lua", "jobs/hooks/shout_test.lua")
      #expect(result.status == 0, "\(result.errors)")
      #expect(result.output == "shout: ok\n")
    }
  }
}

@Suite struct LuacheckTests {
  private static let luacheck = ["/usr/bin/luacheck", "/usr/local/bin/luacheck"].first {
    FileManager.default.isExecutableFile(atPath: $0)
  }

  private func check(_ paths: [String], in folder: URL) async throws -> (status: Int32, output: String) {
    let process = Process()
    process.executableURL = URL(fileURLWithPath: try #require(Self.luacheck))
    process.arguments = ["--no-color"] + paths
    process.currentDirectoryURL = folder
    let (output, errors) = (Pipe(), Pipe())
    (process.standardOutput, process.standardError) = (output, errors)
    try process.run()
    let result = await Program.result(of: process, output, errors)
    return (result.status, result.output + result.errors)
  }

  @Test(.enabled(if: luacheck != nil, "luacheck is not installed (Debian: lua-check)"))
  func `luacheck finds nothing in the Lua of this repository`() async throws {
    let result = try await check(["jobs", "scripts"], in: Program.root)
    #expect(result.status == 0, "\(result.output)")
    #expect(result.output.contains("jobs/translate.lua"))
  }

  @Test(.enabled(if: luacheck != nil, "luacheck is not installed (Debian: lua-check)"))
  func `luacheck finds nothing in what init writes, and finds a mistake`() async throws {
    try await Program.inFolder { program in
      #expect(try await program.run("init").status == 0)
      let result = try await check(["."], in: program.folder)
      #expect(result.status == 0, "\(result.output)")
      #expect(result.output.contains("in 3 files"))
      try program.write("jobs/wrong.lua", "retrun_value = jobrun.null\n")
      #expect(try await check(["."], in: program.folder).status == 1)
    }
  }
}
