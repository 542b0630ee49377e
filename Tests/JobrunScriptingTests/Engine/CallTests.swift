import JobrunModel
import JobrunTestSupport
import LuaBridge
import Testing

@testable import JobrunScripting

@Suite("Calls that hooks make") struct CallTests {
  /// Runs an item; every request is answered with "re:" and its last message.
  @Loop
  private static func life(
    _ source: String, files: [String: String] = [:], record: ItemRecord = .line("hello"),
    reply: ((ChatRequest, Int) -> Result<Answer, AttemptError>)? = nil
  ) throws -> Life {
    let script = try Script(source, files: files)
    return Life(script.engine, [record], reply: reply ?? Self.echo)
  }

  private static func echo(_ request: ChatRequest, _ number: Int) -> Result<Answer, AttemptError> {
    let text = "re\(number)"
    return .success(.text(text, body: #"{"choices":[{"message":{"role":"assistant","content":"\#(text)"}}]}"#))
  }

  private static let timeout = AttemptError(.timeout, status: 408, message: "no answer in 120 s", dispatched: .maybe)

  @Test func `process lives through several calls, one after another`() async throws {
    let life = try await onLoop {
      try Self.life(
        """
        return { model = "m", process = function(item, ctx)
          local draft = ctx:call("draft " .. item.text)
          local final = ctx:call { { role = "user", content = "better " .. draft.text } }
          return { id = ctx.id, draft = draft.text, final = final.text, model = final.model }
        end }
        """)
    }
    #expect(life.prompts == ["draft hello", "better re1"])
    #expect(life.rows == [#"{"draft":"re1","final":"re2","id":1,"model":"m"}"#])
  }

  @Test func `call_all asks at the same time, and the replies come in the order of the requests`() async throws {
    let life = try await onLoop {
      try Self.life(
        """
        return { model = "m", process = function(item, ctx)
          local texts = {}
          for i, reply in ipairs(ctx:call_all { "a", { { role = "user", content = "b" } }, { messages = { { role = "user", content = "c" } }, n = 1 } }) do
            texts[i] = reply.ok and reply.text or reply.class
          end
          return { texts = texts }
        end }
        """
      ) { request, number in number == 2 ? .failure(Self.timeout) : .success(.text("re\(number)")) }
    }
    #expect(life.prompts == ["a", "b", "c"])
    #expect(life.width == 3)
    #expect(life.rows == [#"{"texts":["re1","timeout","re3"]}"#])
  }

  @Test func `each call draws its own random numbers, in whatever order the answers come`() async throws {
    let source = """
      return { model = "m", on_request = function(request) request.seed = math.random(1000000000) end,
        process = function(item, ctx)
          ctx:call_all { "a", "b", "c" }
          ctx:call("d")
          ctx:call_all { "e", "f" }
          return { done = true }
        end }
      """
    let (first, last) = try await onLoop {
      (
        Life(try Script(source).engine, reply: Self.echo),
        Life(try Script(source).engine, lastFirst: true, reply: Self.echo)
      )
    }
    #expect(first.prompts == ["a", "b", "c", "d", "e", "f"])
    #expect(last.prompts == ["c", "b", "a", "d", "f", "e"])
    #expect(first.requests.sorted() == last.requests.sorted())
    let seeds = Set(first.requests.map { $0.split(separator: "\"seed\":").last?.prefix { $0.isNumber } ?? "" })
    #expect(seeds.count == 6, "\(first.requests)")
  }

  @Test func `a call that failed raises an err with the failure's fields`() async throws {
    let life = try await onLoop {
      try Self.life(
        """
        return { model = "m", process = function(item, ctx)
          local ok, err = pcall(ctx.call, ctx, "x")
          local has, text = pcall(function() return err.mesage end)
          return { ok = ok, class = err.class, status = err.status, message = err.message, dispatched = err.dispatched,
            attempts = err.attempts, text = tostring(err), isnil = err.code == nil, has = has, hint = text }
        end }
        """
      ) { _, _ in .failure(Self.timeout) }
    }
    #expect(
      life.rows == [
        #"{"attempts":1,"class":"timeout","dispatched":"maybe","has":false,"#
          + #""hint":"jobs/test.lua:3: err has no field \"mesage\" (did you mean \"message\"?)","isnil":true,"#
          + #""message":"no answer in 120 s","ok":false,"status":408,"text":"timeout: no answer in 120 s"}"#
      ])
  }

  @Test func `a failure that nobody catches fails the item as what it is`() async throws {
    let life = try await onLoop {
      try Self.life("return { model = 'm', process = function(item, ctx) ctx:call('x') return false end }") { _, _ in
        .failure(Self.timeout)
      }
    }
    #expect(life.failure?.errorClass == .timeout)
    #expect(life.failure?.status == 408)
    #expect(life.failure?.hook == "process")
    #expect(life.failure?.traceback?.contains("jobs/test.lua:1:") == true)
  }

  @Test(
    arguments: [
      ("pcall", "select(2, pcall(function() return ctx:call('x').text end))"),
      (
        "an iterator",
        "(function() for r in function(_, last) if not last then return ctx:call('x').text end end do return r end end)()"
      ),
      ("a metamethod", "(setmetatable({}, { __index = function(_, k) return ctx:call('x').text end })).field"),
      ("a metamethod of arithmetic", "setmetatable({}, { __add = function() return ctx:call('x').text end }) + 1"),
      ("a library's function", "require('lib').ask(ctx)"),
      ("xpcall", "select(2, xpcall(function() return ctx:call('x').text end, print))"),
      (
        "a to-be-closed variable",
        "(function() local t; do local c <close> = setmetatable({}, { __close = function() t = ctx:call('x').text end }) end return t end)()"
      ),
    ])
  func `waits`(inside name: String, expression: String) async throws {
    let life = try await onLoop {
      try Self.life(
        "return { model = 'm', process = function(item, ctx) return { v = \(expression) } end }",
        files: ["lib.lua": "return { ask = function(ctx) return ctx:call('x').text end }"])
    }
    #expect(life.rows == [#"{"v":"re1"}"#], "\(name)")
  }

  @Test(
    arguments: [
      ("table.sort({ 1, 2, 3 }, function(a, b) ctx:call('x') return a < b end)", "ctx:call cannot wait here"),
      ("string.gsub('a', 'a', function() return ctx:call('x').text end)", "ctx:call cannot wait here"),
      (
        "tostring(setmetatable({}, { __tostring = function() return ctx:call('x').text end }))",
        "ctx:call cannot wait here"
      ),
      ("coroutine.wrap(function() ctx:call('x') end)()", "ctx:call cannot wait in a coroutine of your own"),
      ("coroutine.wrap(function() ctx:sleep(1) end)()", "ctx:sleep cannot wait in a coroutine of your own"),
      ("ctx:call()", "ctx:call: a string, a list of messages or a request table expected, got nil"),
      ("ctx:call(7)", "ctx:call: a string, a list of messages or a request table expected, got 7"),
      ("ctx:call {}", "ctx:call was given an empty table"),
      ("ctx:call { { role = 'user' } }", "ctx:call: messages[1] has no content"),
      (
        "ctx:call_all { 'a', 7 }",
        "ctx:call_all (request 2): a string, a list of messages or a request table expected, got 7"
      ),
      ("ctx:call_all { 'a', {} }", "ctx:call_all was given an empty table"),
      ("ctx:call_all { 'a', x = 1 }", "ctx:call_all: a list of requests expected, got a table with the key \"x\""),
      ("ctx:sleep(-1)", "ctx:sleep: seconds from 0 up expected, got -1"),
      ("ctx:sleep(0/0)", "ctx:sleep: seconds from 0 up expected"),
      ("ctx.call('x')", "ctx expected, got string; use ctx:call with a colon"),
      ("ctx:retry('no')", "in `process` write a loop around ctx:call"),
      ("ctx.run:call('x')", "run:call can be called in setup and finish only"),
    ])
  func `says where it cannot wait, and what is no request`(statement: String, message: String) async throws {
    let life = try await onLoop {
      try Self.life(
        "return { model = 'm', process = function(item, ctx) local _ = \(statement) return false end }"
          .replacing("local _ = table.sort", with: "table.sort").replacing("local _ = ctx:retry", with: "ctx:retry")
          .replacing("local _ = ctx:sleep", with: "ctx:sleep"))
    }
    #expect(life.failure?.errorClass == .hook)
    #expect(life.failure?.message.contains(message) == true, "\(life.failure?.message ?? "")")
    #expect(life.requests.isEmpty)
  }

  @Test func `an empty call_all gives an empty list at once`() async throws {
    let life = try await onLoop {
      try Self.life("return { model = 'm', process = function(item, ctx) return { n = #ctx:call_all {} } end }")
    }
    #expect(life.rows == [#"{"n":0}"#])
  }

  @Test func `sleeps, and goes on`() async throws {
    let life = try await onLoop {
      try Self.life(
        "return { model = 'm', process = function(item, ctx) ctx:sleep(1.5) ctx:sleep(0) return { id = ctx.id } end }")
    }
    #expect(life.sleeps == [.milliseconds(1500), .zero])
    #expect(life.rows == [#"{"id":1}"#])
  }

  @Test func `prompt, parse and on_reply can wait too`() async throws {
    let life = try await onLoop {
      try Self.life(
        """
        return { model = "m",
          prompt = function(item, ctx) return "main " .. ctx:call("before").text end,
          on_reply = function(reply, item, ctx) reply.text = reply.text .. "+" .. ctx:call("check").text end,
          parse = function(reply, item, ctx) return { a = reply.text, b = ctx:call("after").text, c = reply.model } end }
        """)
    }
    #expect(life.prompts == ["before", "check", "main re1+re2", "check", "after", "check"])
    #expect(life.rows == [#"{"a":"re3+re4","b":"re5+re6","c":"m"}"#])
  }

  @Test func `a reply stays that of its own call`() async throws {
    let life = try await onLoop {
      try Self.life(
        """
        return { model = "m", process = function(item, ctx)
          local a, b = ctx:call("one"), ctx:call("two")
          return { a = a.raw.choices[1].message.content, b = b.raw.choices[1].message.content,
            ra = a.request.messages[1].content, rb = b.request.messages[1].content, m = a.message.role,
            tools = #a.tool_calls, usage = a.usage == nil, finish = a.finish_reason, headers = a.headers }
        end }
        """)
    }
    #expect(
      life.rows == [
        #"{"a":"re1","b":"re2","finish":"stop","headers":{},"m":"assistant","ra":"one","rb":"two","tools":0,"usage":true}"#
      ])
  }

  @Test func `on_request and on_reply go around each call, and not around calls in themselves`() async throws {
    let life = try await onLoop {
      try Self.life(
        """
        return { model = "m",
          process = function(item, ctx)
            local list = ctx:call_all { "a", "b" }
            return { one = ctx:call("c").text, list = list[1].text .. "," .. list[2].text }
          end,
          on_request = function(request, item, ctx) request.n = #item.text request.ask = ctx.ask end,
          on_reply = function(reply, item, ctx) reply.text = reply.text .. "!" .. ctx:call("inner").text end }
        """)
    }
    #expect(life.requests.filter { $0.contains(#""n":5"#) }.count == 3)
    #expect(life.prompts.filter { $0 == "inner" }.count == 3)
    #expect(life.rows == [#"{"list":"re1!re3,re2!re4","one":"re5!re6"}"#])
  }

  @Test func `on_reply retries the call it belongs to`() async throws {
    let life = try await onLoop {
      try Self.life(
        """
        return { model = "m",
          process = function(item, ctx)
            local list = ctx:call_all { "a", "b" }
            return { a = list[1].text, b = list[2].ok, class = list[2].class, text = list[2].reply.text, ask = ctx.ask }
          end,
          on_reply = function(reply, item, ctx)
            pcall(function()
              if reply.request.messages[1].content == "b" or ctx.ask == 1 then ctx:retry("no", { temperature = ctx.ask }) end
            end)
          end }
        """)
    }
    #expect(life.prompts == ["a", "b", "a", "b", "b"])
    #expect(life.requests.last?.contains(#""temperature":2"#) == true)
    #expect(life.rows == [#"{"a":"re3","ask":1,"b":false,"class":"rejected","text":"re5"}"#])
  }

  @Test func `a call's answer does not keep rows that a retry of the item drops`() async throws {
    let life = try await onLoop {
      try Self.life(
        """
        return { model = "m", prompt = function(item) return item.text end, on_reply = function() end,
          parse = function(reply, item, ctx)
            ctx:emit { ask = ctx.ask }
            ctx:call("check")
            if ctx.ask == 1 then ctx:retry("again") end
            return false
          end }
        """)
    }
    #expect(life.rows == [#"{"ask":2}"#])
  }

  @Test func `ctx:fail in a call's on_reply ends the item, and the other call's answer is dropped`() async throws {
    let life = try await onLoop {
      try Self.life(
        """
        return { model = "m", process = function(item, ctx) ctx:call_all { "a", "b", "c" } return { no = true } end,
          on_reply = function(reply, item, ctx) if reply.text == "re2" then ctx:fail("enough") end end }
        """)
    }
    #expect(life.failure?.errorClass == .rejected)
    #expect(life.failure?.message == "enough")
    #expect(life.requests.count == 3)
  }

  @Test func `an error in a call's on_reply is raised by the call`() async throws {
    let life = try await onLoop {
      try Self.life(
        """
        return { model = "m", process = function(item, ctx)
            local ok, err = pcall(ctx.call, ctx, "a")
            return { ok = ok, class = err.class, message = err.message }
          end,
          on_reply = function(reply) error("broken") end }
        """)
    }
    #expect(life.rows == [#"{"class":"hook","message":"jobs/test.lua:5: broken","ok":false}"#])
  }

  @Test func `setup and finish call the model by run:call`() async throws {
    let lives = try await onLoop {
      let script = try Script(
        """
        local answer
        return { model = "m", prompt = print,
          setup = function(run) answer = run:call("hello").text end,
          finish = function(stats, run) return { ["a.txt"] = answer .. run:call("bye").text } end }
        """)
      let setup = Life(script.engine, script.engine.beginSetup(), reply: Self.echo)
      let finish = Life(script.engine, script.engine.beginFinish(), reply: Self.echo)
      return (setup.prompts, finish.prompts, script.engine.files.map { String(decoding: $0.contents, as: UTF8.self) })
    }
    #expect(lives == (["hello"], ["bye"], ["re1re1"]))
  }

  @Test func `a chain of 20,000 calls and 200 rounds of call_all leave no stack and little memory behind`() async throws
  {
    let (rows, grown) = try await onLoop {
      let script = try Script(
        """
        return { model = "m", process = function(item, ctx)
          local n = 0
          for i = 1, 20000 do n = n + #ctx:call("x").text end
          for i = 1, 200 do n = n + #ctx:call_all { "a", "b" } end
          return { n = n }
        end }
        """)
      let answer = Answer.text(String(repeating: "y", count: 1_000))
      let before = script.engine.state.memoryUsed
      let life = Life(script.engine) { _, _ in .success(answer) }
      return (life.rows, script.engine.state.memoryUsed - before)
    }
    #expect(rows == [#"{"n":20000400}"#])
    #expect(grown < 16 << 20)
  }
}
