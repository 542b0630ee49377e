import Foundation
import Testing

@Suite(.serialized) struct LuaCommandTests {
  @Test func `a script prints to standard output, in order, and has its own arguments`() async throws {
    try await Program.inFolder { program in
      try program.write(
        "s.lua", "io.write('a\\n') print('b', ...) io.stderr:write('c\\n') jobrun.log.warn('d') print(jobrun.version)")
      let result = try await program.run("lua", "s.lua", "--mock", "--json", "-h")
      #expect(result.status == 0)
      #expect(result.output.hasPrefix("a\nb\t--mock\t--json\t-h\n0."))
      #expect(result.errors == "c\nwarning: d\n")
    }
  }

  @Test func `a script that fails ends with 1, file and line, and traceback`() async throws {
    try await Program.inFolder { program in
      try program.write("jobs/hooks/x.lua", "return { twice = function(n) return 2 * n end }")
      try program.write(
        "jobs/hooks/x_test.lua", "print(require('hooks.x').twice(21))\nlocal function f() error('boom') end\nf()")
      let result = try await program.run("lua", "jobs/hooks/x_test.lua")
      #expect(result.status == 1)
      #expect(result.output == "42\n")
      #expect(result.errors.hasPrefix("jobrun: jobs/hooks/x_test.lua:2: boom\nstack traceback:\n"), "\(result.errors)")
      #expect(result.errors.contains("\tjobs/hooks/x_test.lua:3: in main chunk\n"))
    }
  }

  @Test(
    arguments: [
      (["lua", "nosuch.lua"], 66, "jobrun: cannot read nosuch.lua: No such file or directory\n"),
      (["lua", "."], 66, "jobrun: cannot read .: Is a directory\n"),
      (["lua", "-x"], 64, "Error: a script expected, got the option -x"),
    ] as [([String], Int32, String)])
  func `what is no script is told`(arguments: [String], status: Int32, message: String) async throws {
    try await Program.inFolder { program in
      let result = try await program.run(arguments)
      #expect(result.status == status)
      #expect(result.errors.hasPrefix(message), "\(result.errors)")
    }
  }

  @Test(arguments: [["lua"], ["lua", "-", "x"]])
  func `standard input that is no terminal is one script`(arguments: [String]) async throws {
    try await Program.inFolder { program in
      let script = "local n = 1\nprint(n, ...)\n1 + 1"
      let result = try await program.run(arguments, input: script)
      #expect(result.status == 1)
      #expect(result.output == "")
      #expect(result.errors.hasPrefix("jobrun: stdin:3: "))
      let right = try await program.run(arguments, input: String(script.dropLast(5)))
      #expect(right.status == 0)
      #expect(right.output == (["1"] + arguments.dropFirst(2)).joined(separator: "\t") + "\n")
    }
  }

  @Test func `output that nobody takes is told with status 74`() async throws {
    try await Program.inFolder { program in
      try program.write("s.lua", "print(1)")
      let (process, _, errors) = program.process(["lua", "s.lua"], after: "exec >/dev/full")
      try process.run()
      let text = await Program.readAll(errors)
      await Program.offPool { process.waitUntilExit() }
      #expect(process.terminationStatus == 74, "\(text)")
    }
  }

  @Test func `help is help, not a script`() async throws {
    try await Program.inFolder { program in
      let result = try await program.run("lua", "--help")
      #expect(result.status == 0)
      #expect(result.output.contains("jobrun lua [FILE [ARGUMENTS...]]"))
    }
  }

  @Test func `a terminal gets a prompt, values, and errors that do not end it`() async throws {
    try await Program.inFolder { program in
      let terminal = try #require(Terminal())
      let (process, _, _) = program.process(["lua"])
      process.standardInput = terminal.far
      process.standardOutput = terminal.far
      process.standardError = terminal.far
      terminal.type("1 + 1\nfor i = 1, 2 do\nprint('line ' .. i)\nend\nerror('boom')\n{ a = { 1 } }\n\u{4}")
      try process.run()
      try terminal.far.close()
      let text = await terminal.readAll()
      await Program.offPool { process.waitUntilExit() }
      #expect(process.terminationStatus == 0)
      for part in [
        "; Ctrl-D ends\n> 2\n> >> >> line 1\nline 2\n> jobrun: stdin:1: boom\nstack traceback:\n",
        "\tstdin:1: in main chunk\n> {\"a\": [1]}\n> \n",
      ] {
        #expect(text.contains(part), "\(part) is not in \(text)")
      }
    }
  }
}
