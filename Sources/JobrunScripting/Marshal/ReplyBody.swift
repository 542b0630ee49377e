import JobrunModel
import LuaBridge

/// What a reply takes out of the answer's body: of a Chat Completions API here, of others by their forms.
@Loop
enum ReplyBody {
  /// Pushes the message as it goes back into `messages`, of chat `choices[1].message`; or nil.
  static func pushMessage(of source: ReplySource, on thread: LuaThread) {
    let base = thread.top
    if let api = source.answer?.api, api != .chat { return push("message", source, api, on: thread) }
    if (try? thread.pushJSON(source.answer?.json ?? [])) != nil, thread.type(at: -1) == .table,
      thread.field("choices", of: -1) == .table, thread.index(1, of: -1) == .table,
      thread.field("message", of: -1) == .table
    {
      keepTop(above: base, on: thread)
    } else {
      thread.setTop(base)
      thread.pushNil()
    }
  }

  /// Pushes a list of `{id, name, arguments}`, their arguments decoded; empty where there are none.
  static func pushToolCalls(of source: ReplySource, on thread: LuaThread) {
    let base = thread.top
    if let api = source.answer?.api, api == .responses || api == .messages {
      return push("calls", source, api, on: thread)
    }
    pushMessage(of: source, on: thread)
    let hasCalls = thread.type(at: -1) == .table && thread.field("tool_calls", of: -1) == .table
    let calls = thread.top
    thread.newTable()
    thread.markArray(at: -1)
    let list = thread.top
    if hasCalls {
      let count = thread.rawLength(at: calls)
      for position in 0..<count {
        guard thread.index(position + 1, of: calls) == .table else {
          thread.setTop(list)
          continue
        }
        pushToolCall(on: thread)
        thread.pushCopy(at: list)
        thread.pushCopy(at: -2)
        thread.setIndex(thread.rawLength(at: list) + 1)
        thread.setTop(list)
      }
    }
    keepTop(above: base, on: thread)
  }

  private static func push(_ what: String, _ source: ReplySource, _ api: WireAPI, on thread: LuaThread) {
    guard let forms = source.forms, api != .embeddings, (try? thread.pushJSON(source.answer?.json ?? [])) != nil else {
      return thread.pushNil()
    }
    forms.replace(bodyOn: thread, by: what, api)
  }

  /// Stack: [call] -> [call, {id, name, arguments}]
  private static func pushToolCall(on thread: LuaThread) {
    let call = thread.top
    thread.newTable(fieldCapacity: 3)
    let made = thread.top
    thread.field("id", of: call)
    thread.setField("id")
    thread.field("function", of: call)
    let function = thread.top
    thread.pushCopy(at: made)
    thread.field("name", of: function)
    thread.setField("name")
    thread.field("arguments", of: function)
    if let text = thread.bytes(at: -1), (try? thread.pushJSON(text)) != nil { thread.remove(at: -2) }
    thread.setField("arguments")
    thread.setTop(made)
  }

  /// Stack: [base.., any.., value] -> [base.., value]
  private static func keepTop(above base: Int32, on thread: LuaThread) {
    thread.insert(at: base + 1)
    thread.setTop(base + 1)
  }
}
