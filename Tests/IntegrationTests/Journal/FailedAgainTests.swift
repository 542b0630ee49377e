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

  @Test func `each call of an item keeps its own answer, whichever run has bought it`() async throws {
    func job(_ words: (String, String), _ middle: String, _ ending: String = "") -> String {
      """
      return { input = "in.txt", output = "out.jsonl", model = "m",
        process = function(item, ctx)
          local first = ctx:call("\(words.0) " .. item.text)
          \(middle)
          local second = ctx:call("\(words.1) " .. item.text)
          \(ending)
          return { first = first.text, second = second.text }
        end }
      """
    }
    try await world(["a", "b"]) { program, provider, command in
      try program.write("job.lua", job(("one", "two"), "error('too early')"))
      #expect(try await program.run(command).status == 1)
      try program.write("job.lua", job(("one", "two"), "", "if item.text == 'b' then error('bug') end"))
      #expect(try await program.run(command).status == 1)
      #expect(provider.total == 4)
      // Asked again, but not to its end.
      try program.write("job.lua", job(("uno", "due"), "if item.text == 'b' then ctx.run:stop('enough') end"))
      #expect(try await program.run(command + ["--failed"]).status == 75)
      #expect(provider.total == 5)
      try program.write("job.lua", job(("eins", "zwei"), ""))
      let again = try await program.run(command + ["--failed"])
      #expect(again.status == 0, "\(again.errors)")
      #expect(provider.total == 6)
      #expect(
        try program.lines("out.jsonl") == [
          #"{"first":"one a #1","second":"two a #1"}"#, #"{"first":"uno b #1","second":"zwei b #1"}"#,
        ])
    }
  }

  @Test func `packs that were asked again are not once more when the run goes on`() async throws {
    func job(_ bug: String) -> String {
      """
      return { input = "in.txt", output = "out.jsonl", model = "m", pack = 2,
        prompt = function(items) return items[1].text .. items[2].text end,
        parse = function(reply, items, ctx)
          \(bug)
          return { { said = reply.text }, { said = reply.text } }
        end }
      """
    }
    try await world(["a", "b", "c", "d"]) { program, provider, command in
      try program.write("job.lua", job("error('bug')"))
      #expect(try await program.run(command).status == 1)
      try program.write("job.lua", job(""))
      #expect(try await program.run(command + ["--failed", "--limit", "2"]).status == 0)
      #expect(provider.total == 3)
      let rest = try await program.run(command + ["--failed"])
      #expect(rest.status == 0, "\(rest.errors)")
      #expect(provider.hits == ["ab": 2, "cd": 2])
    }
  }
}
