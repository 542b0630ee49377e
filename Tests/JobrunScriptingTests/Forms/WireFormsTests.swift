import JobrunModel
import JobrunTestSupport
import Testing

@testable import JobrunScripting

/// Requests and replies of the APIs that are not chat.
@Suite("The forms of the APIs")
struct WireFormsTests {
  private func request(
    _ body: String, _ api: WireAPI, settings: String = "model = 'm'"
  ) async throws -> String {
    try await onLoop {
      try Script("return { \(settings), prompt = function(item, ctx) \(body) end }", api: api).request(.line("hello"))
    }
  }

  private static let talk = """
    return {
      { role = 'system', content = 'Be brief.' },
      { role = 'user', content = { { type = 'text', text = 'look' },
        { type = 'image_url', image_url = { url = 'data:image/png;base64,QUJD', detail = 'low' } } } },
      { role = 'assistant', content = jobrun.null, tool_calls = {
        { id = 'c1', type = 'function', ['function'] = { name = 'add', arguments = '{"a":1}' } },
        { id = 'c2', type = 'function', ['function'] = { name = 'now', arguments = '{}' } } } },
      { role = 'tool', tool_call_id = 'c1', content = '2' },
      { role = 'tool', tool_call_id = 'c2', content = 'noon' },
    }
    """

  @Test(
    "A string and a list of messages take the form of the API",
    arguments: [
      (.responses, "return 'hi'", #"{"input":[{"content":"hi","role":"user"}],"model":"m"}"#),
      (.messages, "return 'hi'", #"{"max_tokens":4096,"messages":[{"content":"hi","role":"user"}],"model":"m"}"#),
      (.embeddings, "return 'hi'", #"{"input":"hi","model":"m"}"#),
      (.embeddings, "return { 'a', 'b' }", #"{"input":["a","b"],"model":"m"}"#),
      (.embeddings, "return { 'a' }", #"{"input":["a"],"model":"m"}"#),
      (
        .responses, Self.talk,
        #"{"input":[{"content":"Be brief.","role":"system"},{"content":[{"text":"look","type":"input_text"},"#
          + #"{"detail":"low","image_url":"data:image/png;base64,QUJD","type":"input_image"}],"role":"user"},"#
          + #"{"arguments":"{\"a\":1}","call_id":"c1","name":"add","type":"function_call"},"#
          + #"{"arguments":"{}","call_id":"c2","name":"now","type":"function_call"},"#
          + #"{"call_id":"c1","output":"2","type":"function_call_output"},"#
          + #"{"call_id":"c2","output":"noon","type":"function_call_output"}],"model":"m"}"#
      ),
      (
        .messages, Self.talk,
        #"{"max_tokens":4096,"messages":[{"content":[{"text":"look","type":"text"},"#
          + #"{"source":{"data":"QUJD","media_type":"image/png","type":"base64"},"type":"image"}],"role":"user"},"#
          + #"{"content":[{"id":"c1","input":{"a":1},"name":"add","type":"tool_use"},"#
          + #"{"id":"c2","input":{},"name":"now","type":"tool_use"}],"role":"assistant"},"#
          + #"{"content":[{"content":"2","tool_use_id":"c1","type":"tool_result"},"#
          + #"{"content":"noon","tool_use_id":"c2","type":"tool_result"}],"role":"user"}],"#
          + #""model":"m","system":"Be brief."}"#
      ),
      // A table that is in the form already goes out as written.
      (.responses, "return { input = 'x', store = false }", #"{"input":"x","model":"m","store":false}"#),
      (
        .messages, "return { messages = { { role = 'user', content = 'x' } }, max_tokens = 9, system = 's' }",
        #"{"max_tokens":9,"messages":[{"content":"x","role":"user"}],"model":"m","system":"s"}"#
      ),
      (.embeddings, "return { input = { 1, 2 } }", #"{"input":[1,2],"model":"m"}"#),
    ] as [(WireAPI, String, String)])
  func forms(api: WireAPI, body: String, expected: String) async throws {
    #expect(try await request(body, api) == expected)
  }

  @Test(
    "Settings of chat take the API's names",
    arguments: [
      (.responses, #"{"input":[{"content":"x","role":"user"}],"max_output_tokens":7,"model":"m","stop":["a"],"#),
      (.messages, #"{"max_tokens":7,"messages":[{"content":"x","role":"user"}],"model":"m","#),
    ] as [(WireAPI, String)])
  func settings(api: WireAPI, start: String) async throws {
    let settings = "model = 'm', defaults = { max_tokens = 7, stop = { 'a' } }, schema = { type = 'object' }"
    let request = try await request("return 'x'", api, settings: settings)
    #expect(request.hasPrefix(start), "\(request)")
    #expect(!request.contains("response_format"))
    let format =
      api == .responses
      ? #""text":{"format":{"name":"answer","schema":{"type":"object"},"type":"json_schema"}}}"#
      : #""output_config":{"format":{"schema":{"type":"object"},"type":"json_schema"}},"stop_sequences":["a"]}"#
    #expect(request.hasSuffix(format), "\(request)")
  }

  @Test("The limit of the output counts, whoever set it")
  func limits() async throws {
    try await onLoop {
      for (api, limit) in [(WireAPI.messages, 4096), (.responses, nil), (.chat, nil)] as [(WireAPI, Int?)] {
        let script = try Script("return { model = 'm', prompt = function() return 'x' end }", api: api)
        guard case .call(let request) = script.engine.begin(.line("a")).step else {
          Issue.record("no call")
          return
        }
        #expect(request.maximumOutputTokens == limit)
      }
    }
  }

  @Test("Of a list of models each gets the form of its own")
  func fallbacks() async throws {
    try await onLoop {
      let script = try Script(
        """
        return { model = { 'a', 'b' }, models = { a = { name = 'x' }, b = { name = 'y' } },
          prompt = function() return 'hi' end }
        """, apis: ["a": .messages, "b": .responses])
      guard case .call(let request) = script.engine.begin(.line("a")).step else {
        Issue.record("no call")
        return
      }
      let bodies = ([request] + request.fallbacks).map { String(decoding: $0.body, as: UTF8.self) }
      #expect(
        bodies == [
          #"{"max_tokens":4096,"messages":[{"content":"hi","role":"user"}],"model":"x"}"#,
          #"{"input":[{"content":"hi","role":"user"}],"model":"y"}"#,
        ])
    }
  }

  @Test(
    "What cannot be embedded is told",
    arguments: [
      ("return { { role = 'user', content = 'a' }, { role = 'system', content = 'b' } }", "item 2 of the list is none"),
      ("return { 'a', '' }", "text 2 to embed is empty"), ("return { 'a', 5 }", "item 2 of the list is none"),
    ])
  func notEmbedded(body: String, message: String) async throws {
    let failure = try await onLoop {
      try Script("return { model = 'm', prompt = function() \(body) end }", api: .embeddings).failure()
    }
    #expect(failure.message.contains(message), "\(failure.message)")
    #expect(failure.errorClass == .hook)
  }

  // MARK: Replies

  private func value(_ expression: String, _ api: WireAPI, _ body: String) async throws -> String {
    try await onLoop {
      try Script(
        "return { model = 'm', prompt = function() return 'x' end, "
          + "parse = function(reply, item, ctx) return { v = \(expression) } end }", api: api
      ).rows(answer: .text("hi", body: body, api: api)).first.map { String($0.dropFirst("{\"v\":".count).dropLast()) }
        ?? ""
    }
  }

  private static let response =
    #"{"output":[{"type":"reasoning","id":"r"},{"type":"message","content":[{"type":"output_text","text":"hi"}]},"#
    + #"{"type":"function_call","call_id":"c1","name":"add","arguments":"{\"a\":[]}"}]}"#
  private static let message =
    #"{"content":[{"type":"text","text":"hi"},{"type":"tool_use","id":"c1","name":"add","input":{"a":[]}}]}"#
  private static let embeddings =
    #"{"data":[{"index":1,"embedding":[0.1,-2,1e-3]},{"index":0,"embedding":"AACAPwAAAMDNzMw9"}]}"#

  @Test(
    "A reply reads the same in all of them",
    arguments: [
      (.responses, Self.response, "reply.tool_calls", #"[{"arguments":{"a":[]},"id":"c1","name":"add"}]"#),
      (.messages, Self.message, "reply.tool_calls", #"[{"arguments":{"a":[]},"id":"c1","name":"add"}]"#),
      (.responses, Self.response, "{ reply.message.role, reply.message.content }", #"["assistant","hi"]"#),
      (
        .messages, Self.message, "reply.message",
        #"{"content":"# + Self.message.dropFirst(11).dropLast() + #","role":"assistant"}"#
      ),
      (.embeddings, Self.embeddings, "reply.embeddings", "[[1.0,-2.0,0.10000000149011612],[0.1,-2,0.001]]"),
      (.embeddings, Self.embeddings, "reply.embedding", "[1.0,-2.0,0.10000000149011612]"),
      (.embeddings, Self.embeddings, "reply.message == nil and #reply.tool_calls", "0"),
      (.chat, Self.message, "#reply.embeddings", "0"), (.embeddings, "{}", "#reply.embeddings", "0"),
      (.responses, "{}", "reply.tool_calls", "[]"),
    ] as [(WireAPI, String, String, String)])
  func replies(api: WireAPI, body: String, expression: String, expected: String) async throws {
    let value = try await value(expression, api, body)
    // The order of an object's keys is theirs.
    #expect(value == expected || value.count == expected.count && value.sorted() == expected.sorted(), "\(value)")
  }

  @Test(
    "The message of a reply goes back into the next request, thoughts and calls included",
    arguments: [
      (.responses, Self.response, #"{"type":"reasoning","id":"r"}"#),
      (.messages, Self.message, #""type":"tool_use""#),
    ] as [(WireAPI, String, String)])
  func goesBack(api: WireAPI, body: String, part: String) async throws {
    try await onLoop {
      let script = try Script(
        """
        return { model = 'm', process = function(item, ctx)
          local messages = { { role = 'user', content = item.text } }
          local reply = ctx:call(messages)
          messages[2] = reply.message
          messages[3] = { role = 'tool', tool_call_id = reply.tool_calls[1].id, content = '3' }
          return { text = ctx:call(messages).text }
        end }
        """, api: api)
      let life = Life(script.engine) { _, _ in .success(.text("hi", body: body, api: api)) }
      #expect(life.rows == [#"{"text":"hi"}"#])
      let second = try #require(life.requests.last)
      let sorted = part.contains("reasoning") ? #"{"id":"r","type":"reasoning"}"# : part
      #expect(second.contains(sorted), "\(second)")
      #expect(second.contains(api == .responses ? "function_call_output" : "tool_result"), "\(second)")
    }
  }

  @Test("ctx:retry appends feedback in the API's form", arguments: [WireAPI.responses, .messages])
  func feedback(api: WireAPI) async throws {
    try await onLoop {
      let script = try Script(
        """
        return { model = 'm', prompt = function() return 'q' end,
          parse = function(reply, item, ctx)
            if ctx.ask == 1 then ctx:retry('no', { feedback = 'shorter' }) end
            return { text = reply.text }
          end }
        """, api: api)
      let life = Life(script.engine) { _, _ in .success(.text("hi", api: api)) }
      let key = api == .responses ? "input" : "messages"
      let list =
        #""\#(key)":[{"content":"q","role":"user"},{"content":"hi","role":"assistant"},"#
        + #"{"content":"shorter","role":"user"}]"#
      #expect(life.requests.last?.contains(list) == true, "\(life.requests)")
    }
  }
}
