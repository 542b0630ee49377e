import JobrunModel
import JobrunTestSupport
import LuaBridge
import Testing

@testable import JobrunScripting

@Suite("The engine")
struct EngineRobustnessTests {
  @Test("keeps ten thousand items apart and gives every coroutine back")
  func many() async throws {
    let (live, wrong) = try await onLoop {
      let script = try Script(
        """
        local count = 0
        return { model = 'm', prompt = function(item, ctx) count = count + 1 ctx.state.n = count return item.text end,
          parse = function(reply, item, ctx) return { n = ctx.state.n, text = item.text, id = ctx.id } end }
        """)
      let begun = (1...10_000).map { script.engine.begin(.line("t\($0)", index: $0)).item }
      var wrong = 0
      for (position, item) in begun.enumerated().reversed() {
        guard case .ok(let rows)? = script.engine.resume(item, with: .success(.text("x"))).result,
          rows.map({ String(decoding: $0, as: UTF8.self) })
            == [#"{"id":\#(position + 1),"n":\#(position + 1),"text":"t\#(position + 1)"}"#]
        else {
          wrong += 1
          continue
        }
      }
      return (script.engine.state.coroutines.liveCount, wrong)
    }
    #expect(wrong == 0)
    #expect(live == 0)
  }

  @Test(
    "gives the coroutine back however an item ends",
    arguments: [
      "return false", "error('x')", "ctx:skip('x')", "ctx:fail('x')", "return nil", "return 'x'", "coroutine.yield()",
      "return { f = print }", "return setmetatable({}, { __gc = function() ctx:log('late') end })",
    ])
  func ends(body: String) async throws {
    let live = try await onLoop {
      let script = try Script("return { model = 'm', prompt = function(item, ctx) \(body) end }")
      for index in 1...3 {
        let (item, step) = script.engine.begin(.line("x", index: index))
        if case .call = step { script.engine.abandon(item) }
      }
      return script.engine.state.coroutines.liveCount
    }
    #expect(live == 0)
  }

  @Test("leaves nothing in memory that an item made")
  func leaks() async throws {
    let growth = try await onLoop {
      let script = try Script(
        """
        return { model = 'm', prompt = function(item, ctx) ctx.state.big = ("x"):rep(10000) .. item.text return item.text end,
          parse = function(reply, item, ctx) local _ = reply.raw, reply.headers return reply.text end }
        """)
      @Loop func round() {
        for index in 1...500 { _ = script.result(.line("t\(index)", index: index)) }
        script.engine.state.collectGarbage()
      }
      round()
      let before = script.engine.state.memoryUsed
      round()
      return script.engine.state.memoryUsed - before
    }
    #expect(growth < 20_000)
  }

  @Test(
    "survives a script that closes, resumes or abuses the coroutine of another item",
    arguments: [
      "coroutine.close(other)", "coroutine.resume(other)", "coroutine.resume(other, 1, 2)",
      "debug.traceback(other) coroutine.wrap(function() coroutine.close(other) end)()",
    ])
  func abused(attack: String) async throws {
    let (failure, next) = try await onLoop {
      let script = try Script(
        """
        local other
        return { model = 'm', prompt = function(item, ctx)
          if item.text == "victim" then other = coroutine.running() return "x" end
          if item.text == "attacker" then \(attack) end
          return "x"
        end, parse = function(reply) return reply.text end }
        """)
      let (victim, _) = script.engine.begin(.line("victim"))
      _ = script.result(.line("attacker", index: 2))
      let result = script.engine.resume(victim, with: .success(.text("y"))).result
      guard case .failed(let failure)? = result else {
        return (ItemFailure(.server, message: "\(result as Any)"), [""])
      }
      return (failure, script.rows(.line("next", index: 3)))
    }
    #expect(failure.errorClass == .hook)
    #expect(failure.message == "the item's coroutine was closed or resumed by the script")
    #expect(next == [#"{"id":3,"output":"bonjour"}"#])
  }

  @Test("answers a call for an item that it does not know")
  func unknown() async throws {
    let results = try await onLoop {
      let script = try Script("return { model = 'm', prompt = function() return false end }")
      let (item, _) = script.engine.begin(.line("x"))
      script.engine.abandon(item)
      script.engine.abandon(ScriptItem(slot: 99, id: .integer(1)))
      return [item, ScriptItem(slot: -1, id: .integer(1))].map {
        script.engine.resume($0, with: .success(.text("x")))
      }
    }
    for result in results {
      guard case .wait = result else {
        Issue.record("\(result as Any)")
        return
      }
    }
  }

  @Test("may go while the script's finalizers still want something of it")
  func finalizers() async throws {
    let entries = try await onLoop {
      let log = Log()
      @Loop func run() throws {
        let job = try Script.load(
          """
          local kept
          return { model = 'm', prompt = function(item, ctx)
            kept = setmetatable({}, { __gc = function()
              local ok, message = pcall(function() return ctx.run end)
              print(message)
              for row in jobrun.rows 'x.jsonl' do print(row) end
            end })
            return false
          end }
          """, log: log)
        let engine = try LuaScriptEngine(job: job, configuration: ScriptConfiguration(statistics: FixedStatistics()))
        _ = engine.begin(.line("x"))
      }
      try run()
      return log.entries
    }
    #expect(entries.count == 1)
    #expect(entries.first?.contains("the run has ended") == true)
  }

  @Test("is the only one of its job file")
  func once() async throws {
    let message = try await onLoop {
      let job = try Script.load("return { prompt = print }")
      let configuration = ScriptConfiguration(statistics: FixedStatistics())
      let engine = try LuaScriptEngine(job: job, configuration: configuration)
      defer { _ = engine }
      do throws(RunError) {
        _ = try LuaScriptEngine(job: job, configuration: configuration)
        return ""
      } catch {
        return error.message
      }
    }
    #expect(message == "jobs/test.lua: the job file has an engine already")
  }

  @Test("survives hooks that return a thousand values or nest deeply")
  func wide() async throws {
    let (rows, failure) = try await onLoop {
      let script = try Script(
        """
        return { model = 'm', prompt = function(item)
          if item.text == "wide" then return "x", table.unpack({}, 1, 5000) end
          local t = {} local inner = t
          for _ = 1, 1000 do inner.a = {} inner = inner.a end
          return t
        end }
        """)
      return (script.rows(.line("wide")), try script.failure(.line("deep")))
    }
    #expect(rows.count == 1)
    #expect(failure.message.contains("nested") || failure.message.contains("deep"))
  }
}
