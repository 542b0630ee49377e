import JobrunModel
import LuaBridge

/// `reply`: a table with the text in it, whose other fields are made when they are read.
///
/// Being a table, it can be changed in place by `on_reply`, and what was put there wins.
enum ReplyType {
  /// The field that holds the item's `ctx`, which leads from the table to the answer.
  static let contextKey = "_ctx"
  /// The field that says which of the item's answers it is; 1 without it.
  static let askKey = "_ask"
  /// The fields of a reply that keeps its answer itself.
  private static let bodyKey = "_body"
  private static let headersKey = "_headers"
  private static let requestKey = "_request"
  private static let apiKey = "_api"
  /// The text that was read as JSON last, and what it was.
  private static let readTextKey = "_read_text"
  private static let readJSONKey = "_read_json"

  /// Stack: [reply, .., text, json] -> [reply, .., json]
  @Loop
  private static func keep(text: Int32, json: Int32, on thread: LuaThread) {
    if thread.type(at: 1) == .table {
      thread.pushCopy(at: 1)
      thread.pushCopy(at: text - 1)
      thread.setField(readTextKey)
      thread.pushCopy(at: json - 1)
      thread.setField(readJSONKey)
      thread.pop()
    }
    thread.remove(at: text)
  }

  /// The fields that are made when they are read, from the answer.
  static var lazyFields: [HostField<ReplySource>] {
    [
      HostField("json", "any", "The text as JSON, a code fence around it removed; nil where it is none.") {
        source, thread in
        // The text as it is now: a hook may have changed it since it was read last.
        thread.field("text", of: 1)
        let text = thread.bytes(at: -1) ?? []
        thread.field(readTextKey, of: 1)
        let isRead = thread.bytes(at: -1) == text
        thread.pop()
        if isRead {
          thread.pop()
          thread.field(readJSONKey, of: 1)
        } else {
          if !pushIfJSON(CodeFence.removed(from: text), on: thread) { thread.pushNil() }
          keep(text: -2, json: -1, on: thread)
        }
      },
      HostField("message", "JobrunMessage?", "The message as it goes back into `messages`.") { source, thread in
        ReplyBody.pushMessage(of: source, on: thread)
      },
      HostField(
        "embeddings", "number[][]",
        "The vectors of an answer of the embeddings API, in the order of the input; empty else."
      ) {
        source, thread in ReplyEmbeddings.push(of: source, on: thread)
      },
      HostField("embedding", "number[]?", "The first of them.") { source, thread in
        ReplyEmbeddings.push(of: source, on: thread)
        thread.index(1, of: -1)
        thread.remove(at: -2)
      },
      HostField("tool_calls", "JobrunToolCall[]", "The calls that the model asks for; empty where there are none.") {
        source, thread in ReplyBody.pushToolCalls(of: source, on: thread)
      },
      HostField("model", "string", "The model as it was asked for.") { source, thread in
        push(source.model, on: thread)
      },
      HostField("finish_reason", "string?", "Why the model stopped, in the provider's word.") { source, thread in
        push(source.answer?.reply.finishReason, on: thread)
      },
      HostField("usage", "JobrunUsage?", "The tokens as the provider counted them; nil where it did not.") {
        source, thread in
        pushUsage(source.answer?.reply.usage, on: thread)
      },
      HostField("refusal", "string?", "The model's refusal, where it refused.") { source, thread in
        push(source.answer?.reply.refusal, on: thread)
      },
      HostField("request", "JobrunRequest", "The request as it was sent.") { source, thread in
        if !pushIfJSON(source.request, on: thread) { thread.pushNil() }
      },
      HostField("raw", "table", "The whole body of the answer, decoded.") { source, thread in
        if !pushIfJSON(source.answer?.json ?? [], on: thread) { thread.pushNil() }
      },
      HostField("latency_s", "number", "Seconds from the send to the last byte.") { source, thread in
        thread.push(source.answer?.latency.seconds ?? 0)
      },
      HostField("first_token_s", "number?", "Seconds from the send to the first piece of a streamed answer; nil else.")
      {
        source, thread in
        if let time = source.answer?.firstToken { thread.push(time.seconds) } else { thread.pushNil() }
      },
      HostField("cost_usd", "number?", "What it cost in US dollars; nil where the model has no price.") {
        source, thread in
        if let cost = source.answer?.costUSD { thread.push(cost) } else { thread.pushNil() }
      },
      HostField("attempts", "integer", "HTTP tries that the answer took, from 1.") { source, thread in
        thread.push(source.answer?.attempts ?? 0)
      },
      HostField("from_journal", "boolean", "It was bought in an earlier run, or for another item.") { source, thread in
        thread.push(source.answer?.isFromJournal ?? false)
      },
      HostField("request_id", "string?", "The provider's id of the request, from its headers.") { source, thread in
        let headers = HeaderLines(source.answer?.headers ?? [])
        push(headers["x-request-id"] ?? headers["request-id"], on: thread)
      },
      HostField("headers", "table<string, string>", "The answer's headers, by names in lower case.") { source, thread in
        thread.newTable(fieldCapacity: 16)
        for (name, value) in HeaderLines(source.answer?.headers ?? []).fields {
          thread.push(value)
          thread.setField(name)
        }
      },
    ]
  }

  /// The fields that every reply has from the start.
  static let eagerFields = [
    FieldSpec("ok", .boolean, isRequired: true, "True: this is an answer."),
    FieldSpec("text", .string, isRequired: true, "The answer's text; empty where there is none."),
  ]

  /// The metatable of replies.
  ///
  /// - Parameter source: The answer of the item whose `ctx` is on top of the stack and the reply at 1.
  @Loop
  static func metatable(
    in state: LuaState, forms: WireForms, source: @escaping (HostCall) throws(HostError) -> ReplySource
  ) -> LuaReference {
    let fields = HostFieldTable(lazyFields, owner: "reply", others: eagerFields.map(\.name))
    let index = HostFunction("__index") { call throws(HostError) in
      let field = try fields.field(named: 2, of: call)
      let isOfItem = call.thread.field(contextKey, of: 1) == .userdata
      var source = isOfItem ? try source(call) : keptSource(on: call.thread)
      source.forms = forms
      try field.push(source, call.thread)
      // `json` is kept with its text; what is no table keeps nothing.
      guard field.spec.name != "json", call.thread.type(at: 1) == .table else { return .values(1) }
      call.thread.pushCopy(at: 1)
      call.thread.pushCopy(at: -2)
      call.thread.setField(field.spec.name)
      call.thread.pop()
      return .values(1)
    }
    return state.table(of: [index])
  }

  /// Pushes a reply that keeps its answer itself, for answers that no item keeps.
  @Loop
  static func pushKept(_ answer: Answer, _ request: ChatRequest?, metatable: LuaReference?, on thread: LuaThread) {
    thread.newTable(fieldCapacity: 16)
    thread.push(true)
    thread.setField("ok")
    thread.push(answer.reply.text)
    thread.setField("text")
    push(request?.model, on: thread)
    thread.setField("model")
    push(answer.reply.finishReason, on: thread)
    thread.setField("finish_reason")
    push(answer.reply.refusal, on: thread)
    thread.setField("refusal")
    pushUsage(answer.reply.usage, on: thread)
    thread.setField("usage")
    thread.push(answer.latency.seconds)
    thread.setField("latency_s")
    if let time = answer.firstToken {
      thread.push(time.seconds)
      thread.setField("first_token_s")
    }
    if let cost = answer.costUSD {
      thread.push(cost)
      thread.setField("cost_usd")
    }
    thread.push(answer.attempts)
    thread.setField("attempts")
    thread.push(answer.isFromJournal)
    thread.setField("from_journal")
    thread.push(answer.json)
    thread.setField(bodyKey)
    thread.push(answer.headers)
    thread.setField(headersKey)
    if answer.api != .chat {
      thread.push(answer.api.rawValue)
      thread.setField(apiKey)
    }
    thread.push(request?.body ?? [])
    thread.setField(requestKey)
    if let metatable { thread.setMetatable(metatable) }
  }

  /// Whether the table at `index` is a reply.
  @Loop
  static func isReply(at index: Int32, on thread: LuaThread) -> Bool {
    let type = thread.field(contextKey, of: index)
    thread.pop()
    if type == .userdata { return true }
    let body = thread.field(bodyKey, of: index)
    thread.pop()
    return body == .string
  }

  /// What a reply has that keeps its answer itself: the reply at 1.
  @Loop
  private static func keptSource(on thread: LuaThread) -> ReplySource {
    func bytes(_ name: String) -> [UInt8] {
      thread.field(name, of: 1)
      defer { thread.pop() }
      return thread.bytes(at: -1) ?? []
    }
    let api = WireAPI(rawValue: String(decoding: bytes(apiKey), as: UTF8.self)) ?? .chat
    let answer = Answer(
      status: 200, headers: bytes(headersKey), body: bytes(bodyKey), reply: ReplyFields(text: []), api: api,
      latency: .zero)
    return ReplySource(answer: answer, model: nil, request: bytes(requestKey))
  }

  /// Whether the bytes were JSON and their value is on the stack.
  @Loop
  private static func pushIfJSON(_ bytes: [UInt8], on thread: LuaThread) -> Bool {
    do {
      try thread.pushJSON(bytes)
      return true
    } catch {
      return false
    }
  }

  @Loop
  private static func push(_ text: String?, on thread: LuaThread) {
    if let text { thread.push(text) } else { thread.pushNil() }
  }

  @Loop
  private static func pushUsage(_ usage: TokenUsage?, on thread: LuaThread) {
    guard let usage else { return thread.pushNil() }
    thread.newTable(fieldCapacity: 5)
    thread.push(usage.input)
    thread.setField("input_tokens")
    thread.push(usage.output)
    thread.setField("output_tokens")
    thread.push(usage.cached)
    thread.setField("cached_tokens")
    thread.push(usage.reasoning)
    thread.setField("reasoning_tokens")
    thread.push(usage.total)
    thread.setField("total_tokens")
  }
}

/// What the fields of a reply are made from.
struct ReplySource {
  var answer: Answer?
  var model: String?
  /// The request's body.
  var request: [UInt8]
  /// What reads the bodies of other APIs.
  var forms: WireForms?
}

extension ReplySource {
  /// The answer of an item's own request.
  @Loop
  init(_ item: RunningItem, ask: Int) {
    let isEarlier = ask < item.ask && item.earlier.indices.contains(ask - 1)
    let (answer, sent) = isEarlier ? item.earlier[ask - 1] : (item.answer, item.request)
    self.answer = answer
    model = sent?.model
    request = sent?.body ?? []
  }
}
