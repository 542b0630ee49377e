import JobrunModel
import JobrunTestSupport
import Testing

@testable import JobrunScripting

@Suite("jobrun.test") struct ItemTrialTests {
  /// What a script prints, in lines.
  private func printed(_ source: String) async throws -> [String] {
    try await onLoop {
      let log = Log()
      let runner = try ScriptRunner(path: nil, host: Script.host(log: log))
      do throws(ScriptFailure) {
        try runner.run(Array(source.utf8), name: "x_test.lua")
      } catch {
        log.entries.append("failed: \(error.message)")
      }
      return log.entries.map { $0.hasPrefix("print: ") ? String($0.dropFirst(7)) : $0 }
    }
  }

  @Test func `gives an item its replies in turn, errors among them`() async throws {
    let lines = try await printed(
      """
      local job = { model = "m", process = function(item, ctx)
        local ok, err = pcall(ctx.call, ctx, "a")
        ctx:sleep(3)
        local both = ctx:call_all { "b", "c" }
        return { id = ctx.id, ok = ok, class = err.class, b = both[1].text, x = both[2].json.x }
      end }
      local result = jobrun.test(job, { id = 7 }, { { class = "timeout" }, "bb", '{"x": 1}' })
      print(result.status, jobrun.json.encode(result.rows), #result.requests, result.requests[1].messages[1].content)
      """)
    #expect(lines == ["ok\t[{\"b\":\"bb\",\"class\":\"timeout\",\"id\":7,\"ok\":false,\"x\":1}]\t3\ta"])
  }

  @Test func `takes a list of items through a job with pack, and asks halves as a run does`() async throws {
    let lines = try await printed(
      """
      local job = { model = "m", pack = 4,
        prompt = function(items) return #items .. " from " .. items[1].text end,
        parse = function(reply, items, ctx)
          local rows = {}
          for n, word in reply.text:gmatch("(%d)(%a+)") do rows[tonumber(n)] = { text = word, used = reply.usage.output_tokens } end
          return rows
        end }
      local usage = { input_tokens = 3, output_tokens = 5 }
      local result = jobrun.test(job, { { text = "a" }, { text = "b" }, { text = "c" } },
        { { text = "1A 3C", usage = usage }, { text = "1A 2B", usage = usage }, { text = "1C", usage = usage } })
      print(result.status, jobrun.json.encode(result.rows))
      for _, request in ipairs(result.requests) do print(request.messages[1].content) end
      """)
    #expect(
      lines == [
        "ok\t[{\"text\":\"A\",\"used\":5},{\"text\":\"B\",\"used\":5},{\"text\":\"C\",\"used\":5}]", "3 from a",
        "2 from a",
        "1 from c",
      ])
  }

  @Test func `takes a library by itself, and says how an item failed`() async throws {
    let lines = try await printed(
      """
      local library = { on_reply = function(reply) reply.text = reply.text .. "!" end }
      print(jobrun.test(library, { text = "x" }, { "hi" }).rows[1].text)
      local failed = jobrun.test({ model = "m", prompt = function() error("bug") end }, {}, {})
      print(failed.status, failed.error.class, failed.error.message)
      """)
    #expect(lines == ["hi!", "failed\thook\tx_test.lua:3: bug"])
  }

  @Test(
    arguments: [
      ("{ model = 'm', prompt = print, limits = 3 }, {}", "jobrun.test: job.limits: table expected, got 3"),
      (
        "{ model = 'm', prompt = print, parse = print, pack = 2 }, { a = 1 }", "a job with `pack` takes a list of items"
      ),
      ("{ model = 'm', prompt = function() return 'x' end }, {}", "request 1 has no reply in the list"),
      ("{ model = 'm', prompt = function() return 'x' end }, {}, { 7 }", "replies[1]: string or table expected, got 7"),
      (
        "{ model = 'm', prompt = function() return 'x' end }, {}, { { class = 'x' } }",
        "one of the classes of `err` expected"
      ),
      ("1, {}", "job: table expected, got 1"),
    ])
  func `says what is wrong with its arguments`(arguments: String, message: String) async throws {
    let lines = try await printed("jobrun.test(\(arguments))")
    #expect(lines.count == 1)
    #expect(lines.first?.contains(message) == true, "\(lines)")
  }
}
