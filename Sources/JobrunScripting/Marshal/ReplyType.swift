import JobrunModel
import LuaBridge

/// `reply`: a table with the text in it, whose other fields are made when they are read.
///
/// Being a table, it can be changed in place by `on_reply`, and what was put there wins.
enum ReplyType {
  /// The field that holds the item's `ctx`, which leads from the table to the answer.
  static let contextKey = "_ctx"

  /// The fields that are made when they are read, from the item's answer.
  static var lazyFields: [HostField<RunningItem>] {
    [
      HostField("json", "any", "The text as JSON, a code fence around it removed; nil where it is none.") {
        item, thread in
        guard let answer = item.answer, pushIfJSON(CodeFence.removed(from: answer.reply.text), on: thread) else {
          return thread.pushNil()
        }
      },
      HostField("message", "JobrunMessage?", "The message as it goes back into `messages`.") { item, thread in
        ReplyBody.pushMessage(of: item, on: thread)
      },
      HostField("tool_calls", "JobrunToolCall[]", "The calls that the model asks for; empty where there are none.") {
        item, thread in ReplyBody.pushToolCalls(of: item, on: thread)
      },
      HostField("model", "string", "The model as it was asked for.") { item, thread in
        push(item.request?.model, on: thread)
      },
      HostField("finish_reason", "string?", "Why the model stopped, in the provider's word.") { item, thread in
        push(item.answer?.reply.finishReason, on: thread)
      },
      HostField("usage", "JobrunUsage?", "The tokens as the provider counted them; nil where it did not.") {
        item, thread in
        pushUsage(item.answer?.reply.usage, on: thread)
      },
      HostField("refusal", "string?", "The model's refusal, where it refused.") { item, thread in
        push(item.answer?.reply.refusal, on: thread)
      },
      HostField("request", "JobrunRequest", "The request as it was sent.") { item, thread in
        if !pushIfJSON(item.request?.body ?? [], on: thread) { thread.pushNil() }
      },
      HostField("raw", "table", "The whole body of the answer, decoded.") { item, thread in
        if !pushIfJSON(item.answer?.json ?? [], on: thread) { thread.pushNil() }
      },
      HostField("latency_s", "number", "Seconds from the send to the last byte.") { item, thread in
        thread.push(item.answer?.latency.seconds ?? 0)
      },
      HostField("cost_usd", "number?", "What it cost in US dollars; nil where the model has no price.") {
        item, thread in
        if let cost = item.answer?.costUSD { thread.push(cost) } else { thread.pushNil() }
      },
      HostField("attempts", "integer", "HTTP tries that the answer took, from 1.") { item, thread in
        thread.push(item.answer?.attempts ?? 0)
      },
      HostField("from_journal", "boolean", "It was bought in an earlier run, or for another item.") { item, thread in
        thread.push(item.answer?.isFromJournal ?? false)
      },
      HostField("request_id", "string?", "The provider's id of the request, from its headers.") { item, thread in
        let headers = HeaderLines(item.answer?.headers ?? [])
        push(headers["x-request-id"] ?? headers["request-id"], on: thread)
      },
      HostField("headers", "table<string, string>", "The answer's headers, by names in lower case.") { item, thread in
        thread.newTable(fieldCapacity: 16)
        for (name, value) in HeaderLines(item.answer?.headers ?? []).fields {
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
  @Loop
  static func metatable(in state: LuaState, item: @escaping (HostCall) throws(HostError) -> RunningItem) -> LuaReference
  {
    let fields = HostFieldTable(lazyFields, owner: "reply", others: eagerFields.map(\.name))
    let index = HostFunction("__index") { call throws(HostError) in
      let field = try fields.field(named: 2, of: call)
      call.thread.field(contextKey, of: 1)
      let item = try item(call)
      try field.push(item, call.thread)
      call.thread.pushCopy(at: 1)
      call.thread.pushCopy(at: -2)
      call.thread.setField(field.spec.name)
      call.thread.pop()
      return .values(1)
    }
    return state.table(of: [index])
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
    thread.newTable(fieldCapacity: 4)
    thread.push(usage.input)
    thread.setField("input_tokens")
    thread.push(usage.output)
    thread.setField("output_tokens")
    thread.push(usage.cached)
    thread.setField("cached_tokens")
    thread.push(usage.total)
    thread.setField("total_tokens")
  }
}
