import JobrunModel
import JobrunTestSupport
import Testing

@testable import JobrunScripting

@Suite("ctx")
struct ContextTests {
  private func result(_ prompt: String, parse: String = "return false") async throws -> ItemResult {
    try await onLoop {
      try Script(
        "return { model = 'm', prompt = function(item, ctx) \(prompt) end, "
          + "parse = function(reply, item, ctx) \(parse) end }"
      ).result()
    }
  }

  @Test(
    "knows the item's id",
    arguments: [
      (ItemRecord.line("x", index: 4), "4"), (.json(#"{"id":"a7"}"#), "\"a7\""), (.json(#"{"id":12}"#), "12"),
      (.json(#"{"id":12.0}"#), "12"), (.json(#"{"id":1.5}"#, index: 3), "3"), (.json(#"{"id":null}"#, index: 3), "3"),
      (.columns([("id", "007"), ("x", "y")]), "\"007\""),
      (.failed(#"{"id":"b","index":9,"item":{"id":"c"}}"#), "\"b\""),
      (.failed(#"{"item":{"id":"c"}}"#), "\"c\""),
    ])
  func id(record: ItemRecord, expected: String) async throws {
    let (row, id) = try await onLoop {
      let script = try Script(
        "return { model = 'm', prompt = function(_, ctx) ctx:emit { id = ctx.id } return false end }")
      return (script.rows(record), script.engine.begin(record).item.id)
    }
    #expect(row == ["{\"id\":\(expected)}"])
    #expect(expected.contains(id.description))
  }

  @Test("takes the id from the field that the input names")
  func idField() async throws {
    let rows = try await onLoop {
      try Script(
        """
        return { model = 'm', input = { path = 'x.csv', id = 'key' },
          prompt = function(_, ctx) ctx:emit { id = ctx.id, index = ctx.index } return false end }
        """
      ).rows(.columns([("id", "1"), ("key", "k")], index: 8))
    }
    #expect(rows == [#"{"id":"k","index":8}"#])
  }

  @Test("carries a table of the item's own from hook to hook")
  func state() async throws {
    let rows = try await onLoop {
      let script = try Script(
        """
        return { model = 'm', prompt = function(item, ctx) ctx.state.seen = item.text return 'x' end,
          parse = function(reply, item, ctx) return { seen = ctx.state.seen } end }
        """)
      let (a, _) = script.engine.begin(.line("a"))
      let (b, _) = script.engine.begin(.line("b", index: 2))
      return [a, b].map { script.engine.resume($0, with: .success(.text("y"))).result }
        .map { result -> String in
          guard case .ok(let rows)? = result, let row = rows.first else { return "" }
          return String(decoding: row, as: UTF8.self)
        }
    }
    #expect(rows == [#"{"seen":"a"}"#, #"{"seen":"b"}"#])
  }

  @Test("skips the item at once; pcall does not catch it")
  func skip() async throws {
    guard case .skipped(let reason) = try await result("pcall(function() ctx:skip('too long') end) error('no')") else {
      Issue.record("not skipped")
      return
    }
    #expect(reason == "too long")
  }

  @Test("fails the item at once, as rejected, without its rows")
  func fail() async throws {
    let result = try await result(
      "return 'x'", parse: "ctx:emit { a = 1 } pcall(ctx.fail, ctx, 'not French') error('no')")
    guard case .failed(let failure) = result else {
      Issue.record("not failed")
      return
    }
    #expect(failure.errorClass == .rejected)
    #expect(failure.message == "not French")
    #expect(failure.hook == "parse")
    #expect(failure.dispatched == .yes)
  }

  @Test("closes the variables of a hook that it ends")
  func close() async throws {
    let logs = try await onLoop {
      let script = try Script(
        """
        return { model = 'm', prompt = function(item, ctx)
          local guard <close> = setmetatable({}, { __close = function() print("closed") end })
          ctx:skip("x")
        end }
        """)
      _ = script.result()
      return script.log.entries
    }
    #expect(logs == ["print: closed"])
  }

  @Test(
    "says where skip and fail cannot be called",
    arguments: [
      (
        "local _, message = coroutine.resume(coroutine.create(function() ctx:skip('x') end)) error(message, 0)",
        "ctx:skip can be called in the item's own hooks only, not in a coroutine of your own or by another item"
      ),
      (
        "table.sort({ 2, 1 }, function() ctx:fail('x') end)",
        "ctx:fail cannot be called here: not in a table.sort comparator, a string.gsub callback, __tostring or "
          + "a required file's top level"
      ),
    ])
  func notHere(body: String, expected: String) async throws {
    guard case .failed(let failure) = try await result(body) else {
      Issue.record("not failed")
      return
    }
    #expect(failure.errorClass == .hook)
    #expect(failure.message == "jobs/test.lua:1: \(expected)")
  }

  @Test(
    "checks its arguments",
    arguments: [
      ("ctx:skip()", "bad argument #1 to 'skip' (reason: string expected, got nothing)"),
      ("ctx:emit('x')", "bad argument #1 to 'emit' (row: table expected, got \"x\")"),
      ("ctx.emit({})", "bad argument #1 to 'emit' (ctx expected, got table; use ctx:emit with a colon)"),
      ("ctx:emit({ 1 })", "ctx:emit: a row with names expected, got a list"),
      ("ctx:emit({ f = print })", "ctx:emit: f: a function cannot become JSON"),
      ("return ctx.idd", "ctx has no field \"idd\" (did you mean \"id\"?)"),
      ("return ctx.skp", "ctx has no field \"skp\" (did you mean \"skip\"?)"),
      ("ctx.id = 3", "ctx is read-only"),
    ])
  func arguments(body: String, expected: String) async throws {
    guard case .failed(let failure) = try await result(body) else {
      Issue.record("not failed")
      return
    }
    #expect(failure.message == "jobs/test.lua:1: \(expected)")
  }

  @Test(
    "raises once the item has ended",
    arguments: ["ctx.id", "ctx:log('x')", "ctx:emit {}", "ctx:skip('x')", "ctx.state"])
  func ended(use: String) async throws {
    let failure = try await onLoop {
      let script = try Script(
        """
        local old
        return { model = 'm', prompt = function(item, ctx)
          if not old then old = ctx return false end
          local ctx = old
          local x = \(use.hasSuffix(")") || use.hasSuffix("}") ? "(function() \(use) end)()" : use)
        end }
        """)
      _ = script.result()
      return try script.failure()
    }
    #expect(failure.message == "jobs/test.lua:5: the item has ended")
  }

  @Test("of another item can be read but not ended")
  func another() async throws {
    let failure = try await onLoop {
      let script = try Script(
        """
        local other
        return { model = 'm', prompt = function(item, ctx)
          if not other then other = ctx return 'x' end
          ctx:log(other.id)
          other:skip('x')
        end }
        """)
      _ = script.engine.begin(.line("a", index: 5))
      let failure = try script.failure(.line("b", index: 6))
      #expect(script.log.entries == ["info: item 6: 5"])
      return failure
    }
    #expect(failure.message.hasPrefix("jobs/test.lua:5: ctx:skip can be called in the item's own hooks only"))
  }

  @Test("has the run's params, stats and paths")
  func run() async throws {
    let rows = try await onLoop {
      let script = try Script(
        """
        return { model = 'm', input = '/in.txt', params = { to = 'French', n = 3 }, prompt = function(item, ctx)
          ctx:emit { to = ctx.params.to, same = ctx.params == ctx.run.params, ok = ctx.stats.items.ok,
            input = ctx.run.input, output = ctx.run.output }
          return false
        end }
        """)
      script.statistics.values[.itemsOK] = .integer(3)
      return script.rows()
    }
    #expect(rows == [#"{"input":"/in.txt","ok":3,"same":true,"to":"French"}"#])
  }
}
