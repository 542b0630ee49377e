import JobrunModel
import JobrunTestSupport
import Testing

@testable import JobrunScripting

@Suite("Hooks of a job and its libraries")
struct HookOrderTests {
  static let source = """
    local seen = {}
    local function note(name) seen[#seen + 1] = name end
    local function library(name)
      return {
        setup = function(run) note(name .. ".setup") end,
        on_request = function(request, item, ctx) note(name .. ".on_request") end,
        on_reply = function(reply, item, ctx) note(name .. ".on_reply") end,
        finish = function(stats, run) note(name .. ".finish") end,
      }
    end
    local job = library("job")
    job.model = "m"
    job.use = { library("use1"), library("use2") }
    job.prompt = function() note("prompt") return "x" end
    job.parse = function() note("parse") return false end
    job.finish = function() note("job.finish") return { seen = table.concat(seen, " ") } end
    return job
    """

  @Test("run from the job inward and back, setup and finish with the job last")
  func order() async throws {
    let files = try await onLoop {
      let script = try Script(Self.source)
      try script.engine.setupWithoutCalls()
      _ = script.rows()
      return try script.engine.finish().map { String(decoding: $0.contents, as: UTF8.self) }
    }
    #expect(
      files == [
        "use1.setup use2.setup job.setup prompt job.on_request use1.on_request use2.on_request "
          + "use2.on_reply use1.on_reply job.on_reply parse use1.finish use2.finish job.finish"
      ])
  }

  @Test("may be a library that is a function: it is called without options")
  func function() async throws {
    let rows = try await onLoop {
      try Script(
        """
        local function library(options)
          return { on_reply = function(reply) reply.text = reply.text .. (options.mark or "!") end }
        end
        return { model = "m", use = { library, library { mark = "?" } }, prompt = function() return "x" end,
          parse = function(reply) return reply.text end }
        """
      ).rows()
    }
    #expect(rows == [#"{"id":1,"output":"bonjour?!"}"#])
  }

  @Test("of on_request change the request in place or replace it")
  func request() async throws {
    let bodies = try await onLoop {
      [
        try Script(
          """
          return { model = "m", prompt = function() return "x" end,
            on_request = function(request, item, ctx) request.user = item.text .. ctx.id end }
          """
        ).request(),
        try Script(
          """
          return { model = "m", defaults = { n = 1 }, prompt = function() return "x" end,
            on_request = function(request) return { input = request.messages[1].content } end }
          """
        ).request(),
      ]
    }
    #expect(
      bodies == [
        #"{"messages":[{"content":"x","role":"user"}],"model":"m","user":"hello1"}"#, #"{"input":"x","model":"m"}"#,
      ])
  }

  @Test("of on_reply change the reply in place or replace it, with or without parse")
  func reply() async throws {
    let rows = try await onLoop {
      let head = "return { model = 'm', prompt = function() return 'x' end, "
      return [
        try Script(
          head + "on_reply = function(reply) reply.text = 'new' reply.score = 3 end, "
            + "parse = function(reply) return { t = reply.text, s = reply.score, ok = reply.ok } end }"
        ).rows(),
        try Script(
          head + "on_reply = function(reply) return { text = reply.text:upper() } end, "
            + "parse = function(reply) return { t = reply.text, j = reply.json } end }"
        ).rows(),
        try Script(head + "on_reply = function(reply) reply.text = 'new' end }").rows(),
      ]
    }
    #expect(
      rows == [
        [#"{"ok":true,"s":3,"t":"new"}"#], [#"{"t":"BONJOUR"}"#],
        [#"{"id":1,"input":"hello","model":"m","output":"new"}"#],
      ])
  }

  @Test(
    "of on_… fail the item where they return no table",
    arguments: [
      ("on_request = function() return 'x' end", "on_request", "must return a request table or nothing, got \"x\""),
      ("on_reply = function() return 12 end", "on_reply", "must return a reply table or nothing, got 12"),
      (
        "on_reply = function(reply) reply.text = {} end", "on_reply", ": the reply's text must be a string, got a table"
      ),
      (
        "on_request = function(r) r.messages[1].content = nil end", "on_request",
        ": messages[1] has no content (a misspelt field of the item?)"
      ),
      (
        "use = { { on_request = function() return 1 end } }", "use[1].on_request",
        "must return a request table or nothing, got 1"
      ),
    ])
  func wrong(hook: String, name: String, expected: String) async throws {
    let failure = try await onLoop {
      try Script("return { model = 'm', prompt = function() return 'x' end, \(hook) }").failure()
    }
    #expect(failure.errorClass == .hook)
    #expect(failure.hook == name)
    #expect(failure.message == "jobs/test.lua:1: \(name)\(expected.hasPrefix(":") ? "" : " ")\(expected)")
  }

  @Test("that raise are named with their library")
  func raises() async throws {
    let failure = try await onLoop {
      try Script(
        "return { model = 'm', prompt = function() return 'x' end, use = { {}, { on_reply = function() error('no') end } } }"
      ).failure()
    }
    #expect(failure.hook == "use[2].on_reply")
    #expect(failure.message == "jobs/test.lua:1: no")
  }
}
