import Foundation
import JobrunMock
import Testing

/// The recipe of docs/scripting.md, as it stands there. Skipped where pyarrow is not installed: `scripts/test` without
/// options installs it into `.venv-test`.
@Suite(.enabled(if: Pyarrow.folder != nil, "pyarrow is not installed")) struct ParquetRecipeTests {
  @Test func `the documented recipe reads a Parquet file`() async throws {
    let folder = try #require(Pyarrow.folder)
    let page = try String(contentsOf: Program.root.appendingPathComponent("docs/scripting.md"), encoding: .utf8)
    let start = try #require(page.range(of: "input = { cmd = { \"python3\""))
    let end = try #require(page.range(of: "\n```", range: start.lowerBound..<page.endIndex))
    let recipe = page[start.lowerBound..<end.lowerBound]
    try await Program.inFolder { program in
      let path = program.folder.appendingPathComponent("data/x.parquet").path
      try program.write("data/none", "")
      let maker = Process()
      maker.executableURL = URL(fileURLWithPath: folder + "/python3")
      maker.arguments = [
        "-c",
        """
        import sys, datetime, pyarrow as a, pyarrow.parquet as p
        p.write_table(a.table({"id": [1, 2], "text": ["é", None], "day": [datetime.date(2026, 1, 2)] * 2}), sys.argv[1])
        """, path,
      ]
      try maker.run()
      await Program.offPool { maker.waitUntilExit() }
      #expect(maker.terminationStatus == 0)
      try program.write(
        "job.lua",
        """
        return { \(recipe) output = "out.jsonl", model = "m",
          prompt = function(item) return item.day end,
          parse = function(reply, item) return item end }
        """)
      let result = try await program.run(
        "job.lua", "--mock=fast", "--output", "out.jsonl", environment: ["PATH": folder + ":/usr/bin:/bin"])
      #expect(result.status == 0, "\(result.errors)")
      #expect(
        try program.lines("out.jsonl") == [
          #"{"day":"2026-01-02","id":1,"text":"é"}"#, #"{"day":"2026-01-02","id":2,"text":null}"#,
        ])
    }
  }
}

/// Python with pyarrow.
private enum Pyarrow {
  /// A folder with a `python3` that has pyarrow.
  static let folder: String? = {
    let folders = [Program.root.appendingPathComponent(".venv-test/bin").path, "/usr/bin", "/usr/local/bin"]
    return folders.first { folder in
      let process = Process()
      process.executableURL = URL(fileURLWithPath: folder + "/python3")
      process.arguments = ["-c", "import pyarrow.parquet"]
      process.standardError = FileHandle.nullDevice
      guard (try? process.run()) != nil else { return false }
      process.waitUntilExit()
      return process.terminationStatus == 0
    }
  }()
}
