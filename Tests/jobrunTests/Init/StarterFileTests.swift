import Foundation
import Testing

@testable import jobrun

@Suite struct StarterFileTests {
  @Test func `each has a place of its own, a text, and a line break at its end`() {
    let files = StarterFile.all
    #expect(Set(files.map(\.path)).count == files.count)
    for file in files {
      #expect(file.contents.hasSuffix("\n") && !file.contents.hasSuffix("\n\n"), "\(file.path)")
      #expect(file.contents.utf8.count > 5, "\(file.path)")
    }
    for path in [StarterFile.jobPath, StarterFile.testPath, StarterFile.typesPath] {
      #expect(files.contains { $0.path == path }, "\(path)")
    }
  }

  @Test(arguments: [StarterSettings.languageServer, nil])
  func `.luarc.json is JSON that names a library which is there`(written: String?) throws {
    let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
      .deletingLastPathComponent().deletingLastPathComponent()
    let text = try written ?? String(contentsOf: root.appending(path: ".luarc.json"), encoding: .utf8)
    let settings = try #require(try JSONSerialization.jsonObject(with: Data(text.utf8)) as? [String: Any])
    #expect(settings["runtime.version"] as? String == "Lua 5.4")
    #expect(settings["diagnostics.globals"] as? [String] == ["jobrun"])
    let library = try #require((settings["workspace.library"] as? [String])?.first)
    if written == nil {
      #expect(FileManager.default.fileExists(atPath: root.appending(path: library).path))
    } else {
      #expect(StarterFile.typesPath.hasPrefix(library + "/"))
    }
  }

  @Test func `the next commands are as the program was called, quoted for a shell, in columns`() {
    let next = NextCommands(program: "scripts/jobrun", job: "my jobs/x.lua", test: "t.lua")
    #expect(
      next.text.contains(
        """
          scripts/jobrun check 'my jobs/x.lua'       is the job right? shows the first request
          scripts/jobrun plan 'my jobs/x.lua'        how many requests, tokens and minutes
          scripts/jobrun --mock 'my jobs/x.lua'      a run with replies that are not real
          scripts/jobrun lua t.lua                   the hook library's test
          scripts/jobrun 'my jobs/x.lua' --limit 3   three items, for real
        """))
  }
}
