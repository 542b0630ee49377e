import Foundation
import JobrunMock
import Testing

/// `--failed` where items have several answers, or share one.
@Suite struct FailedAgainTests {
  private func world(
    _ lines: [String], _ body: (Program, CountingProvider, [String]) async throws -> Void
  ) async throws {
    try await Program.inFolder { program in
      try program.write("in.txt", lines.map { $0 + "\n" }.joined())
      let provider = CountingProvider()
      try await MockServer.run(provider.behavior()) {
        try await body(program, provider, ["job.lua", "--base-url", $0.baseURL])
      }
    }
  }

  @Test func `an item with several calls asks all of them again, also where identical items share answers`()
    async throws
  {
    func job(_ ending: String) -> String {
      """
      return { input = "in.txt", output = "out.jsonl", model = "m", dedupe = true,
        process = function(item, ctx)
          local first = ctx:call("first " .. item.text)
          local second = ctx:call("second " .. first.text)
          \(ending)
        end }
      """
    }
    try await world(["a", "b", "a"]) { program, provider, command in
      try program.write("job.lua", job("if item.text == 'a' then error('bug') end return { said = second.text }"))
      #expect(try await program.run(command).status == 1)
      #expect(provider.total == 4)
      try program.write("job.lua", job("return { said = second.text }"))
      let again = try await program.run(command + ["--failed"])
      #expect(again.status == 0, "\(again.errors)")
      // Both calls, once for both items; b keeps its answers.
      #expect(provider.total == 6)
      let said = #"{"said":"second first a #2 #1"}"#
      #expect(try program.lines("out.jsonl") == [said, #"{"said":"second first b #1 #1"}"#, said])
      #expect(try await program.run(command + ["--failed"]).status == 0)
      #expect(provider.total == 6)
    }
  }

  @Test func `a pack is asked again where one of its items failed, and the others keep theirs`() async throws {
    func job(_ word: String, bug: String = "") -> String {
      """
      return { input = "in.txt", output = "out.jsonl", model = "m", pack = 2,
        prompt = function(items) return "\(word) " .. items[1].text .. " " .. (items[2] or items[1]).text end,
        parse = function(reply, items, ctx)
          \(bug)
          local rows = {}
          for n = 1, #items do rows[n] = { id = ctx.id[n], said = reply.text } end
          return rows
        end }
      """
    }
    try await world(["a", "b", "c", "d"]) { program, provider, command in
      try program.write("job.lua", job("old", bug: "if items[1].text == 'c' then error('bug') end"))
      #expect(try await program.run(command).status == 1)
      #expect(provider.total == 2)
      try program.write("job.lua", job("new"))
      let again = try await program.run(command + ["--failed"])
      #expect(again.status == 0, "\(again.errors)")
      #expect(provider.total == 3)
      let said = ["old a b #1", "old a b #1", "new c d #1", "new c d #1"]
      #expect(
        try program.lines("out.jsonl") == said.enumerated().map { #"{"id":\#($0.offset + 1),"said":"\#($0.element)"}"# }
      )
    }
  }
}
