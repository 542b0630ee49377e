import JobrunModel
import JobrunTestSupport
import Testing

@testable import JobrunScripting

@Suite("The hook prompt")
struct PromptTests {
  private func request(
    _ body: String, settings: String = "model = 'm'", model: String? = nil, record: ItemRecord = .line("hello")
  ) async throws -> String {
    try await onLoop {
      try Script("return { \(settings), prompt = function(item, ctx) \(body) end }", model: model).request(record)
    }
  }

  private func failure(_ body: String, settings: String = "model = 'm'") async throws -> ItemFailure {
    try await onLoop {
      try Script("return { \(settings), prompt = function(item, ctx) \(body) end }").failure()
    }
  }

  @Test(
    "gives the request",
    arguments: [
      ("return 'hi'", #"{"messages":[{"content":"hi","role":"user"}],"model":"m"}"#),
      (
        "return { { role = 'user', content = item.text } }",
        #"{"messages":[{"content":"hello","role":"user"}],"model":"m"}"#
      ),
      (
        "return { messages = { { role = 'user', content = '' } }, top_p = 1 }",
        #"{"messages":[{"content":"","role":"user"}],"model":"m","top_p":1}"#
      ),
      ("return { input = 'x', model = 'own' }", #"{"input":"x","model":"own"}"#),
      (
        "return { { role = 'assistant', tool_calls = { { id = 'a' } } }, { role = 'tool', content = '3' } }",
        #"{"messages":[{"role":"assistant","tool_calls":[{"id":"a"}]},{"content":"3","role":"tool"}],"model":"m"}"#
      ),
      (
        "return { { role = 'assistant', content = jobrun.null, tool_calls = { { id = 'a' } } } }",
        #"{"messages":[{"content":null,"role":"assistant","tool_calls":[{"id":"a"}]}],"model":"m"}"#
      ),
      (
        "return { { role = 'user', content = { { type = 'text', text = 'x' } } } }",
        #"{"messages":[{"content":[{"text":"x","type":"text"}],"role":"user"}],"model":"m"}"#
      ),
    ])
  func requests(body: String, expected: String) async throws {
    #expect(try await request(body) == expected)
  }

  @Test("gets the defaults of the job; its own keys win and nested tables are not merged")
  func defaults() async throws {
    let settings = """
      model = 'm', defaults = {
        temperature = 0.7, max_tokens = 5, stop = { 'a', 'b' }, response_format = { type = 'json_object', strict = true } }
      """
    #expect(
      try await request("return 'x'", settings: settings)
        == #"{"max_tokens":5,"messages":[{"content":"x","role":"user"}],"model":"m","#
        + #""response_format":{"strict":true,"type":"json_object"},"stop":["a","b"],"temperature":0.7}"#)
    #expect(
      try await request(
        "return { prompt = 'x', temperature = 1, response_format = { type = 'text' } }", settings: settings)
        == #"{"max_tokens":5,"model":"m","prompt":"x","response_format":{"type":"text"},"stop":["a","b"],"temperature":1}"#
    )
  }

  @Test("gets the schema of the job, its empty lists as lists and its empty objects as objects")
  func schema() async throws {
    let settings = """
      model = 'm', schema = { type = 'object', required = {}, properties = {
        required = {}, tags = { type = 'array', items = { type = 'object', required = {}, properties = {} } },
        one = { anyOf = { { required = {} }, {} } } } }
      """
    let request = try await request("return 'x'", settings: settings)
    #expect(
      request.contains(
        #""schema":{"properties":{"one":{"anyOf":[{"required":[]},{}]},"required":{},"tags":{"items":"#
          + #"{"properties":{},"required":[],"type":"object"},"type":"array"}},"required":[],"type":"object"}"#),
      "\(request)")
  }

  @Test("gets the model of the command line instead of the job's, but keeps its own")
  func model() async throws {
    #expect(try await request("return { input = 'x' }", model: "n") == #"{"input":"x","model":"n"}"#)
    #expect(try await request("return { input = 'x', model = 'own' }", model: "n") == #"{"input":"x","model":"own"}"#)
  }

  @Test("may return the same table for each item; it is not changed")
  func shared() async throws {
    let body = try await onLoop {
      let script = try Script(
        """
        local shared = { input = 'x' }
        return {
          model = 'm', defaults = { stop = { 'a' } },
          on_request = function(request) request.count = (request.count or 0) + 1; request.stop[#request.stop + 1] = 'b' end,
          prompt = function(item) return shared end,
        }
        """)
      _ = try script.request()
      return try script.request()
    }
    #expect(body == #"{"count":1,"input":"x","model":"m","stop":["a","b"]}"#)
  }

  @Test(
    "may return the same messages for each item, though a hook adds one",
    arguments: ["shared", "{ messages = shared }"])
  func sharedMessages(result: String) async throws {
    let body = try await onLoop {
      let script = try Script(
        """
        local shared = { { role = 'user', content = 'x' } }
        return { model = 'm', prompt = function(item) return \(result) end,
          on_request = function(request) table.insert(request.messages, { role = 'user', content = 'y' }) end }
        """)
      _ = try script.request()
      return try script.request()
    }
    #expect(body == #"{"messages":[{"content":"x","role":"user"},{"content":"y","role":"user"}],"model":"m"}"#)
  }

  @Test(
    "fails its item where it returns something else",
    arguments: [
      ("", "prompt returned nil (forgot `return`?)"),
      ("return 12", "prompt must return a string, a list of messages, a request table or false, got 12"),
      ("return true", "prompt must return a string, a list of messages, a request table or false, got true"),
      ("return {}", "prompt returned an empty table"),
      (
        "local t = {} for i = 1, 400000 do t['k' .. i] = i end return t",
        "prompt returned a table with 400000 entries; fewer than 400000 expected"
      ),
      (
        "return { role = 'user', content = 'x' }",
        "prompt returned one message; a list of messages expected: { {role = ..., content = ...} }"
      ),
      ("return { 'x' }", "prompt: messages[1]: table expected, got \"x\""),
      ("return { messages = 'x' }", "prompt: messages: list expected, got \"x\""),
      ("return { messages = {} }", "prompt: messages: at least one message expected, got none"),
      (
        "return { { role = 'system', content = 'x' }, { role = 'user', content = item.txt } }",
        "prompt: messages[2] has no content (a misspelt field of the item?)"
      ),
      (
        "return { { role = 'user', content = jobrun.null } }",
        "prompt: messages[1] has no content (a misspelt field of the item?)"
      ),
      ("return { input = 'x', model = 5 }", "prompt: model: string expected, got 5"),
      ("return { { role = 'user', content = 'a\\xffb' } }", "prompt: messages[1].content: not valid UTF-8 at byte 1"),
      ("return { input = print }", "prompt: input: a function cannot become JSON"),
    ])
  func unusable(body: String, expected: String) async throws {
    let failure = try await failure(body, settings: "model = 'm', hook = { timeout_s = 600 }")
    #expect(failure.errorClass == .hook)
    #expect(failure.hook == "prompt")
    #expect(failure.dispatched == .no)
    #expect(failure.message == "jobs/test.lua:1: \(expected)")
  }

  @Test("fails its item where no model is named anywhere")
  func noModel() async throws {
    let failure = try await failure("return 'x'", settings: "order = 'input'")
    #expect(
      failure.message == "jobs/test.lua:1: prompt: the request names no model, and neither does the job (`model`)")
  }

  @Test("fails its item with file, line and traceback where it raises")
  func raises() async throws {
    let failure = try await failure("\nlocal x = nil\nreturn x.y")
    #expect(failure.errorClass == .hook)
    #expect(failure.hook == "prompt")
    #expect(failure.message == "jobs/test.lua:3: attempt to index a nil value (local 'x')")
    #expect(failure.traceback?.contains("jobs/test.lua:3: in ") == true)
  }

  @Test("makes no call where it returns false: the item is skipped, or has the rows emitted")
  func noCall() async throws {
    let (skipped, rows) = try await onLoop {
      let skipped = try Script("return { model = 'm', prompt = function() return false end }").result()
      let script = try Script(
        "return { model = 'm', prompt = function(_, ctx) ctx:emit { b = 1, a = 2 } ctx:emit {} return false end }")
      return (skipped, script.rows())
    }
    guard case .skipped(let reason) = skipped else {
      Issue.record("not skipped")
      return
    }
    #expect(reason == "prompt returned false")
    #expect(rows == [#"{"a":2,"b":1}"#, "{}"])
  }

  @Test("ends after the job's time budget, even if it swallows the error")
  func budget() async throws {
    let failure = try await failure(
      "while true do pcall(function() while true do end end) end", settings: "model = 'm', hook = { timeout_s = 0.05 }")
    #expect(failure.errorClass == .hook)
    #expect(failure.message == "jobs/test.lua:1: time budget of 0.05 s exceeded")
  }

  @Test("ends at the job's memory limit, and the next item finds the engine whole")
  func memory() async throws {
    let (failure, next) = try await onLoop {
      let script = try Script(
        """
        return { model = 'm', hook = { memory_mb = 32 }, prompt = function(item)
          if item.text == "small" then return "x" end
          local t = {}
          while true do t[#t + 1] = ("x"):rep(10000) .. #t end
        end }
        """)
      return (try script.failure(), try script.request(.line("small")))
    }
    #expect(failure.errorClass == .hook)
    #expect(failure.message == "not enough memory (hook.memory_mb is 32)")
    #expect(next == #"{"messages":[{"content":"x","role":"user"}],"model":"m"}"#)
  }
}
