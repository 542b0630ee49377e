import Foundation
import JobrunMock
import Testing

/// Items that ask several times, and packs that share an answer, lose nothing when the run is killed.
@Suite(.serialized) struct BranchKillTests {
  private static let slots = 8

  /// Kills the job `kills` times at requests drawn at random, then runs it to its end, then once more.
  ///
  /// - Parameter need: Requests that the job needs if it is never killed.
  private func check(
    job: String, input: [String], behavior: MockBehavior, need: Int, kills: Int = 3,
    rows: ([[String: Any]]) throws -> Void
  ) async throws {
    let seed = UInt64.random(in: .min ... .max)
    var random = SeededGenerator(state: seed)
    let comment = Comment(rawValue: "seed \(seed)")
    try await Program.inFolder { program in
      try program.write("job.lua", job)
      try program.write("in.txt", input.map { $0 + "\n" }.joined())
      try await MockServer.run(behavior) { server in
        let command = ["job.lua", "--base-url", server.baseURL, "--concurrency", "\(Self.slots)"]
        var crashes = 0
        for _ in 0..<kills {
          let goal = server.requestsReceived + Int.random(in: 1...(need / (kills + 1)), using: &random)
          let (process, output, errors) = program.process(command)
          try process.run()
          await withTaskGroup(of: Void.self) { race in
            race.addTask { await server.requests(atLeast: goal) }
            // A slow machine may have let the run before come so far that there are fewer to make.
            race.addTask { await Program.offPool { process.waitUntilExit() } }
            await race.next()
            kill(process.processIdentifier, SIGKILL)
            race.cancelAll()
          }
          let result = await Program.result(of: process, output, errors)
          // It may have been faster than the signal.
          #expect(process.terminationReason == .uncaughtSignal || result.status == 0, comment)
          crashes += 1
        }
        let end = try await program.run(command)
        #expect(end.status == 0, "seed \(seed): \(end.errors)")
        #expect(!end.errors.contains("items to ask"), "\(end.errors)")
        let bought = server.requestsReceived
        #expect(bought - need <= crashes * Self.slots, comment)
        #expect(bought >= need, comment)
        func parsed() throws -> [[String: Any]] {
          try program.lines("out.jsonl").map {
            try #require(try JSONSerialization.jsonObject(with: Data($0.utf8)) as? [String: Any])
          }
        }
        try rows(parsed())
        let before = try program.read("out.jsonl")
        let again = try await program.run(command)
        #expect(again.status == 0, "\(again.errors)")
        #expect(server.requestsReceived == bought, comment)
        #expect(try program.read("out.jsonl") == before, comment)
      }
    }
  }

  @Test func `calls of one item, in a row and at the same time, are kept one by one`() async throws {
    let provider = CountingProvider()
    try await check(
      job: """
        return { input = "in.txt", output = "out.jsonl", model = "m",
          process = function(item, ctx)
            local first = ctx:call("first " .. item.text)
            local asks = {}
            for n = 1, 10 do asks[n] = n .. " of " .. item.text end
            local texts = { first.text }
            for n, reply in ipairs(ctx:call_all(asks)) do texts[n + 1] = reply.text end
            return { id = ctx.id, texts = texts, last = ctx:call("last " .. first.text).text }
          end }
        """,
      input: (1...20).map { "item\($0)" }, behavior: provider.behavior(latency: .fixed(.milliseconds(3))),
      need: 20 * 12
    ) { rows in
      #expect(rows.compactMap { $0["id"] as? Int } == Array(1...20))
      for (offset, row) in rows.enumerated() {
        let texts = try #require(row["texts"] as? [String])
        #expect(texts.count == 11)
        #expect(texts[0].hasPrefix("first item\(offset + 1) #"))
        for n in 1...10 { #expect(texts[n].hasPrefix("\(n) of item\(offset + 1) #")) }
        // It was made of the answer that the row has, not of one that a dead run had.
        #expect((row["last"] as? String)?.hasPrefix("last \(texts[0]) #") == true)
      }
    }
  }

  @Test func `packs are the same in every run, halves too`() async throws {
    let behavior = MockBehavior(
      latency: .fixed(.milliseconds(3)),
      reply: .custom { request in
        let lines = (request.prompt ?? "").split(separator: "\n")
        // In company, "bad" is passed over.
        let answered = lines.enumerated().filter { !$0.element.hasSuffix("bad") || lines.count == 1 }
        return .completion(answered.map { "\($0.element.uppercased())" }.joined(separator: "\n"))
      })
    var input = (1...40).map { "item\($0)" }
    input[17] = "bad"
    try await check(
      job: """
        return { input = "in.txt", output = "out.jsonl", model = "m", pack = 4,
          prompt = function(items)
            local lines = {}
            for n, item in ipairs(items) do lines[n] = n .. ". " .. item.text end
            return table.concat(lines, "\\n")
          end,
          parse = function(reply, items, ctx)
            local rows = {}
            for n, text in reply.text:gmatch("(%d+)%. ([^\\n]+)") do
              rows[tonumber(n)] = { id = ctx.id[tonumber(n)], text = text }
            end
            return rows
          end }
        """,
      input: input, behavior: behavior, need: 10 + 4, kills: 2
    ) { rows in
      #expect(rows.compactMap { $0["id"] as? Int } == Array(1...40))
      #expect(rows.compactMap { $0["text"] as? String } == input.map { $0.uppercased() })
    }
  }
}
