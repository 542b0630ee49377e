import JobrunModel
import LuaBridge

/// A hook gave something that cannot be used; the message says what and what would be right.
struct BadHookResult: Error {
  var message: String

  init(_ message: String) { self.message = message }
}

/// Makes request tables out of what hooks return, and requests out of these.
@Loop
struct RequestBuilder {
  /// A value of `defaults`; tables are kept as JSON, so that every request has its own.
  enum Default {
    case scalar(LuaValue)
    case json([UInt8])
  }

  let defaults: [(name: String, value: Default)]
  /// The model of requests that name none.
  let model: String?

  /// Pushes the request table for the value of `prompt` that is at `index`: a string, a list or a table.
  func push(promptAt index: Int32, on thread: LuaThread) throws(BadHookResult) {
    switch thread.type(at: index) {
    case .string:
      thread.newTable(fieldCapacity: Int32(clamping: 2 + defaults.count))
      pushUserMessage(promptAt: index, on: thread)
      thread.setField("messages")
    case .table:
      let messages = thread.field("messages", of: index)
      thread.pop()
      if messages == .nil, thread.rawLength(at: index) > 0 {
        thread.newTable(fieldCapacity: Int32(clamping: 2 + defaults.count))
        thread.pushCopy(at: index)
        thread.setField("messages")
      } else {
        try refuseSingleMessage(at: index, on: thread)
        pushShallowCopy(of: index, on: thread)
      }
    case .nil, .none: throw BadHookResult("returned nil (forgot `return`?)")
    default:
      throw BadHookResult(
        "must return a string, a list of messages, a request table or false, got \(thread.describe(at: index))")
    }
    addDefaults(on: thread)
    addModel(on: thread)
  }

  /// Stack: [] -> [{ {role = "user", content = prompt} }]
  private func pushUserMessage(promptAt index: Int32, on thread: LuaThread) {
    thread.newTable(arrayCapacity: 1)
    thread.newTable(fieldCapacity: 2)
    thread.push("user")
    thread.setField("role")
    thread.pushCopy(at: index)
    thread.setField("content")
    thread.setIndex(1)
  }

  private func refuseSingleMessage(at index: Int32, on thread: LuaThread) throws(BadHookResult) {
    let role = thread.field("role", of: index)
    let content = thread.field("content", of: index)
    let messages = thread.field("messages", of: index)
    thread.pop(3)
    if role == .string, content != .nil, messages == .nil {
      throw BadHookResult("returned one message; a list of messages expected: { {role = ..., content = ...} }")
    }
    var keys = ScriptTable.Walk(index, on: thread)
    if !keys.next() { throw BadHookResult("returned an empty table") }
    thread.pop(2)
  }

  /// Stack: [] -> [copy]
  private func pushShallowCopy(of index: Int32, on thread: LuaThread) {
    thread.newTable(fieldCapacity: 8)
    let copy = thread.top
    var walk = ScriptTable.Walk(index, on: thread)
    while walk.next() {
      thread.pushCopy(at: copy)
      thread.pushCopy(at: copy + 1)
      thread.pushCopy(at: copy + 2)
      thread.setRaw()
      thread.pop()
    }
  }

  /// Stack: [request] -> [request]
  private func addDefaults(on thread: LuaThread) {
    for (name, value) in defaults {
      let present = thread.field(name, of: -1)
      thread.pop()
      guard present == .nil else { continue }
      switch value {
      case .scalar(let scalar): thread.push(scalar)
      case .json(let bytes): guard (try? thread.pushJSON(bytes)) != nil else { continue }
      }
      thread.setField(name)
    }
  }

  /// Stack: [request] -> [request]
  func addModel(on thread: LuaThread) {
    guard let model else { return }
    let present = thread.field("model", of: -1)
    thread.pop()
    guard present == .nil else { return }
    thread.push(model)
    thread.setField("model")
  }

  /// Encodes the request table at `index`, once it is fit to be sent.
  func encode(requestAt index: Int32, on thread: LuaThread) throws(BadHookResult) -> ChatRequest {
    let type = thread.field("model", of: index)
    let name = type == .string ? thread.string(at: -1) : nil
    let described = thread.describe(at: -1)
    thread.pop()
    guard let name, !name.isEmpty else {
      if type == .nil { throw BadHookResult("the request names no model, and neither does the job (`model`)") }
      throw BadHookResult("model: string expected, got \(described)")
    }
    try checkMessages(of: index, on: thread)
    do {
      return ChatRequest(body: try thread.encodeJSON(at: index), model: name)
    } catch {
      throw BadHookResult("\(error)")
    }
  }

  /// Refuses messages without content; `messages` may be missing, because a request goes out as written.
  private func checkMessages(of index: Int32, on thread: LuaThread) throws(BadHookResult) {
    let type = thread.field("messages", of: index)
    defer { thread.pop() }
    if type == .nil { return }
    guard type == .table else {
      throw BadHookResult("messages: list expected, got \(thread.describe(at: -1))")
    }
    let list = thread.top
    let count = thread.rawLength(at: list)
    if count == 0 { throw BadHookResult("messages: at least one message expected, got none") }
    for position in 1...count {
      let isTable = thread.index(position, of: list) == .table
      let described = isTable ? "" : thread.describe(at: -1)
      let hasContent = isTable && Self.hasContent(on: thread)
      thread.pop()
      if !isTable { throw BadHookResult("messages[\(position)]: table expected, got \(described)") }
      if !hasContent {
        throw BadHookResult("messages[\(position)] has no content (a misspelt field of the item?)")
      }
    }
  }

  /// Whether the message on top of the stack has content, or may lack it because it calls tools.
  private static func hasContent(on thread: LuaThread) -> Bool {
    let content = thread.field("content", of: -1)
    let isNull = content == .lightUserdata && thread.isNull(at: -1)
    thread.pop()
    if content != .nil, !isNull { return true }
    let calls = thread.field("tool_calls", of: -1)
    thread.pop()
    return calls == .table
  }
}
