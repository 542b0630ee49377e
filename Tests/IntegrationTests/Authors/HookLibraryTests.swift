import Foundation
import Testing

@Suite("The hook libraries of jobs/hooks") struct HookLibraryTests {
  @Test func `do what their own tests in Lua say`() async throws {
    try await Program.inFolder { program in
      let result = try await program.run("lua", Program.root.path + "/jobs/hooks/hooks_test.lua")
      #expect(result.status == 0, "\(result.errors)")
      #expect(result.output == "hooks: ok\n")
    }
  }

  @Test func `report writes a summary beside the output`() async throws {
    try await Program.inFolder { program in
      try program.write("in.txt", "a\nb\n")
      try program.write(
        "job.lua",
        """
        local report = require "hooks.report"
        return { input = "in.txt", output = "out.jsonl", model = "m", use = { report { file = "r.md", title = "T" } },
          prompt = function(item) return item.text end }
        """)
      let hooks = Program.root.path + "/jobs"
      let result = try await program.run("--mock", "job.lua", environment: ["JOBRUN_PATH": hooks])
      #expect(result.status == 0, "\(result.errors)")
      let text = try program.read("r.md")
      #expect(text.hasPrefix("# T\n"))
      #expect(text.contains("| items | 2 ok, 0 failed, 0 skipped |"))
    }
  }
}
