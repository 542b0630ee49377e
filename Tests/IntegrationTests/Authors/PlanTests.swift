import Foundation
import Testing

private let job = """
  return {
    input = "in.jsonl", output = "out.jsonl", model = "m", limits = { rpm = 60 },
    prompt = function(item, ctx)
      if item.skip then ctx:skip("told to") end
      if item.row then ctx:emit { a = 1 } return false end
      if item.bad then error("boom") end
      return { messages = { { role = "user", content = item.q } }, max_tokens = item.max }
    end,
    parse = function(reply, item, ctx) return { id = ctx.id } end,
  }
  """

@Suite(.serialized) struct PlanTests {
  @Test func `plan shows what packs ask, and what process asks first`() async throws {
    try await Program.inFolder { program in
      try program.write("in.jsonl", (1...7).map { "{\"n\":\($0)}" }.joined(separator: "\n") + "\n[]\n")
      try program.write(
        "job.lua",
        """
        return { input = "in.jsonl", output = "out.jsonl", model = "m", pack = 3,
          prompt = function(items) return table.concat({ #items, "items from", items[1].n }, " ") end,
          parse = function() return {} end }
        """)
      let packs = try await plan(program)
      #expect((packs["items"] as? [String: Int])?["asking"] == 7)
      #expect(packs["requests"] as? Int == 3)
      #expect(packs["requests_are_first"] as? Bool == false)
      let text = try await program.run("plan", "job.lua")
      #expect(text.output.contains("  requests  3 to m\n"), "\(text.output)")
      #expect(text.output.contains("\nitem 4 to 6, 69 bytes:\n"), "\(text.output)")
      #expect(text.output.contains("\"3 items from 4\""), "\(text.output)")

      try program.write(
        "job.lua",
        """
        return { input = "in.jsonl", output = "out.jsonl", model = "m",
          process = function(item, ctx)
            ctx:sleep(1)
            for _, reply in ipairs(ctx:call_all { "a" .. item.n, "b" .. item.n }) do ctx:call(reply.text) end
            return {}
          end }
        """)
      let process = try await plan(program)
      #expect((process["items"] as? [String: Int])?["asking"] == 7)
      #expect(process["requests"] as? Int == 14)
      #expect(process["requests_are_first"] as? Bool == true)
      let check = try await program.run("check", "job.lua", "--mock")
      #expect(check.status == 0, "\(check.errors)")
    }
  }

  private func plan(_ program: Program, _ arguments: String...) async throws -> [String: Any] {
    let result = try await program.run(["plan", "job.lua", "--json"] + arguments)
    #expect(result.output.split(separator: "\n").count == 1, "\(result.errors)")
    return try #require(try JSONSerialization.jsonObject(with: Data(result.output.utf8)) as? [String: Any])
  }

  @Test func `plan counts items, shows requests and estimates what they cost, without sending`() async throws {
    try await Program.inFolder { program in
      try program.write("job.lua", job)
      let lines = ["{\"q\":\"a\",\"max\":8}", "[1]", "{\"skip\":true}", "{\"row\":true}", "{\"bad\":true}", "nonsense"]
      try program.write("in.jsonl", (lines + ["{\"q\":\"b\",\"max\":8}"]).joined(separator: "\n"))
      // No endpoint and no key are needed.
      let result = try await program.run("plan", "job.lua")
      #expect(result.status == 1)
      #expect(result.errors == "")
      #expect(
        result.output.hasPrefix(
          """
          job: 7 items in in.jsonl
            items     2 with a request, 1 skipped, 1 without a request, 1 will fail, 2 cannot be read
                      line 2: not a JSON object
                      line 6: not a JSON object: 
          """), "\(result.output)")
      for line in [
        "            item 3, line 3 is skipped: told to", "            item 5, line 5 fails: hook: job.lua:6: boom",
        "  journal   none yet (out.jsonl.journal)", "  requests  2 to m", "  tokens    in: about 14, 7 a request",
        "            out: at most 16 (max_tokens)",
        "  cost      not known: no price for m (`price` in the job's `models`)",
        "  time      about 2.11 s: RPM 60.0 of m binds",
        "            alone: concurrency 10 0.66 s; 0.66 s a request assumed",
        "item 1, 71 bytes:", #"{"max_tokens":8,"messages":[{"content":"a","role":"user"}],"model":"m"}"#,
        "item 7, 71 bytes:",
      ] {
        #expect(result.output.contains(line + "\n"), "\(line) not in \(result.output)")
      }
      #expect(try program.files == ["in.jsonl", "job.lua"])
    }
  }

  @Test func `plan --json is one line with the same numbers`() async throws {
    try await Program.inFolder { program in
      try program.write(
        "job.lua",
        job.replacingOccurrences(
          of: "limits =",
          with: "models = { m = { price = { input = 1e6, output = 0 } } }, concurrency = 1, limits ="))
      try program.write("in.jsonl", "{\"q\":\"a\"}\n{\"q\":\"b\"}\n{\"skip\":1}\n")
      let plan = try await plan(program, "-n", "1", "--rpm", "6")
      #expect((plan["items"] as? [String: Int])?["asking"] == 2)
      #expect((plan["items"] as? [String: Int])?["skipped"] == 1)
      #expect((plan["journal"] as? [String: Any])?["state"] as? String == "absent")
      #expect(plan["requests"] as? Int == 2)
      #expect(plan["cost_usd"] as? Int == 14)
      #expect((plan["tokens"] as? [String: Any])?["output"] as? Int == 512)
      #expect((plan["tokens"] as? [String: Any])?["output_is_limited"] as? Bool == false)
      #expect((plan["bound"] as? [String: String]) == ["limit": "rpm", "model": "m"])
      #expect(plan["assumed"] as? String == "default")
      let first = try #require(plan["first"] as? [[String: Any]])
      #expect(first.count == 1)
      #expect((first[0]["request"] as? [String: Any])?["model"] as? String == "m")
      #expect((plan["problems"] as? [String]) == ["item 3, line 3 is skipped: told to"])
    }
  }

  @Test func `what the journal has is not planned again`() async throws {
    try await Program.inFolder { program in
      try program.write("job.lua", job)
      try program.write("in.jsonl", (1...10).map { "{\"q\":\"\($0)\"}" }.joined(separator: "\n"))
      #expect(try await program.run("job.lua", "--mock=fast", "--limit", "4", "-q").status == 0)
      let files = try program.files
      let result = try await program.run("plan", "job.lua", "--mock", "-n", "0")
      #expect(result.status == 0)
      #expect(
        result.output.contains("  journal   4 answers; 4 will be used again (out.jsonl.mock.journal)\n"),
        "\(result.output)")
      #expect(result.output.contains("  requests  6 to m\n"))
      #expect(result.output.contains(" each, as in the journal\n"))
      // Another provider's answers are in another journal.
      #expect(try await program.run("plan", "job.lua").output.contains("  requests  10 to m\n"))
      #expect(try program.files == files)
    }
  }

  @Test func `a long input is counted to its end, and a part of it is rendered`() async throws {
    try await Program.inFolder { program in
      try program.write("job.lua", job)
      let lines = (1...20_000).map { $0 % 2 == 0 ? "{\"q\":\"x\",\"max\":2}" : "{\"q\":\"x\",\"max\":4}" }
      try program.write("in.jsonl", lines.joined(separator: "\n"))
      let plan = try await plan(program)
      let items = try #require(plan["items"] as? [String: Int])
      #expect(items["total"] == 20_000)
      #expect(items["rendered"] == 625)
      #expect(items["asking"] == 20_000)
      #expect(plan["requests"] as? Int == 20_000)
      let limited = try await program.run("plan", "job.lua", "--limit", "5", "-n", "0")
      #expect(limited.output.contains("  requests  5 to m\n"))
      #expect(
        try await program.run("plan", "job.lua").output.contains(
          "  items     about 20,000 with a request (625 were rendered)\n"))
    }
  }

  @Test func `an input that is a pipe is read as it comes; an empty one leads to nothing`() async throws {
    try await Program.inFolder { program in
      try program.write("job.lua", job)
      let result = try await program.run("plan", "job.lua", "--input", "-", input: "{\"q\":\"a\"}\n")
      #expect(result.status == 0, "\(result.errors)")
      #expect(result.output.contains("  requests  1 to m\n"))
      let empty = try await program.run("plan", "job.lua", "--input", "-", input: "")
      #expect(empty.status == 0)
      #expect(empty.output.hasPrefix("job: 0 items in -\n  items     0 with a request\n"), "\(empty.output)")
      #expect(empty.output.contains("  requests  none to send\n"))
    }
  }

  @Test(
    arguments: [
      (["nosuch.lua"], 66, "there is no job file nosuch.lua"), (["job.lua", "--input", "nosuch.jsonl"], 66, "nosuch"),
      (["job.lua", "--number=-1"], 64, "0 to 1000 expected, got -1"),
      (["job.lua", "--number", "1001"], 64, "0 to 1000 expected, got 1001"),
      (["wrong.lua"], 78, "wrong.lua:1"), (["setup.lua"], 78, "setup: "),
      (["job.lua", "--strict"], 65, "cannot be read"),
    ] as [([String], Int32, String)])
  func `what cannot be planned is told as a run would tell it`(
    arguments: [String], status: Int32, message: String
  ) async throws {
    try await Program.inFolder { program in
      try program.write("job.lua", job)
      try program.write("in.jsonl", "[]\n")
      try program.write("wrong.lua", "return { prompt = 1 }")
      try program.write(
        "setup.lua",
        "return { input = 'in.jsonl', prompt = function() return 'x' end, setup = function() error('no') end }"
      )
      let result = try await program.run(["plan"] + arguments)
      #expect(result.status == status)
      #expect(result.errors.contains(message), "\(result.errors)")
      #expect(result.output == "")
    }
  }
}
