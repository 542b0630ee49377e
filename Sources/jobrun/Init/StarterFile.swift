internal import JobrunScripting

/// A file that `jobrun init` writes.
struct StarterFile: Equatable {
  /// Where it stands in the folder.
  var path: String
  var contents: String

  /// All of them, in the order in which they are told.
  static var all: [StarterFile] {
    [
      StarterFile(path: "jobs/hello.lua", contents: StarterJob.job),
      StarterFile(path: "jobs/data/hello.txt", contents: StarterJob.input),
      StarterFile(path: "jobs/hooks/shout.lua", contents: StarterLibrary.library),
      StarterFile(path: "jobs/hooks/shout_test.lua", contents: StarterLibrary.test),
      StarterFile(path: typesPath, contents: LuaTypes.generate()),
      StarterFile(path: ".luarc.json", contents: StarterSettings.languageServer),
      StarterFile(path: ".luacheckrc", contents: StarterSettings.luacheck),
      StarterFile(path: ".gitignore", contents: StarterSettings.gitignore),
    ]
  }

  static let jobPath = "jobs/hello.lua"
  static let testPath = "jobs/hooks/shout_test.lua"
  static let typesPath = "types/jobrun.lua"
}
