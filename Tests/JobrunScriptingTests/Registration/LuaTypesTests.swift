import Foundation
import JobrunTestSupport
import Testing

@testable import JobrunScripting

@Suite("The editor types")
struct LuaTypesTests {
  static let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
    .deletingLastPathComponent().deletingLastPathComponent()

  @Test("in jobs/types/jobrun.lua are those of this version: `jobrun types > jobs/types/jobrun.lua` renews them")
  func file() throws {
    let file = Self.root.appending(path: "jobs/types/jobrun.lua")
    if ProcessInfo.processInfo.environment["JOBRUN_WRITE_TYPES"] != nil {
      try Data(LuaTypes.generate().utf8).write(to: file)
    }
    let text = try String(contentsOf: file, encoding: .utf8)
    #expect(text == LuaTypes.generate())
  }

  @Test(
    "say what the registration tables say",
    arguments: [
      "---@class JobrunJob\n", "---@field timeouts? JobrunTimeouts Limits of one HTTP try.",
      "---@field order? \"input\"|\"completion\" ", "---@field use? (JobrunHooks|fun(options: table): JobrunHooks)[] ",
      "---@field prompt? fun(item: JobrunItem, ctx: JobrunContext): string|JobrunMessage[]|JobrunRequest|false ",
      "function ctx:skip(reason) end", "function latency:percentile(n) end", "function jobrun.json.encode(value) end",
      "---@field latency JobrunStatsLatency ", "---@field rate_limit integer ", "---@param ... any", "---@meta\n",
    ])
  func content(line: String) {
    #expect(LuaTypes.generate().contains(line))
  }

  @Test("are Lua")
  func lua() async throws {
    let problems = try await onLoop { try Script.problems("do \(LuaTypes.generate()) end") }
    #expect(
      problems == [
        "jobs/test.lua:\(LuaTypes.generate().split(separator: "\n", omittingEmptySubsequences: false).count - 1): a job file returns one table, got nothing (forgot `return`?)"
      ] || problems.first?.contains("job.") == true)
  }
}
