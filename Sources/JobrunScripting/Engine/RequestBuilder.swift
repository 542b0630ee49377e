import JobrunModel
import LuaBridge

/// Makes request tables out of what hooks return, and requests out of these.
@Loop
struct RequestBuilder {
  /// A value of `defaults`; tables are kept as JSON, so that every request has its own.
  enum Default {
    case scalar(LuaValue)
    case json([UInt8])
  }

  let defaults: [(name: String, value: Default)]
  /// The model of requests that name none, and its fallbacks.
  var models: ModelNames
  /// Hooks may change a request: it gets a list of messages of its own, because a script may return the same list for
  /// each item.
  let isChangedLater: Bool
  let forms: WireForms

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
        if isChangedLater { try pushMessages(copying: index, on: thread) } else { thread.pushCopy(at: index) }
        thread.setField("messages")
      } else {
        try refuseNoRequest(at: index, on: thread)
        try ScriptTable.pushCopy(of: index, on: thread)
        if isChangedLater, messages == .table { try copyMessages(on: thread) }
      }
    case .nil, .none: throw BadHookResult.whole("returned nil (forgot `return`?)")
    default:
      throw BadHookResult.whole(
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

  private func refuseNoRequest(at index: Int32, on thread: LuaThread) throws(BadHookResult) {
    let role = thread.field("role", of: index)
    let content = thread.field("content", of: index)
    let messages = thread.field("messages", of: index)
    thread.pop(3)
    if role == .string, content != .nil, messages == .nil {
      throw BadHookResult.whole("returned one message; a list of messages expected: { {role = ..., content = ...} }")
    }
    if ScriptTable.isEmpty(index, on: thread) { throw BadHookResult.whole("returned an empty table") }
  }

  /// Stack: [request] -> [request]
  private func copyMessages(on thread: LuaThread) throws(BadHookResult) {
    thread.field("messages", of: -1)
    try pushMessages(copying: thread.top, on: thread)
    thread.remove(at: -2)
    thread.setField("messages")
  }

  /// Pushes a copy of a list of messages, with copies of the messages and of their parts.
  ///
  /// Stack: [] -> [list]
  private func pushMessages(copying index: Int32, on thread: LuaThread) throws(BadHookResult) {
    try ScriptTable.pushCopy(of: index, on: thread)
    let list = thread.top
    for position in 0..<thread.rawLength(at: list) {
      guard thread.index(position + 1, of: list) == .table else {
        thread.pop()
        continue
      }
      try ScriptTable.pushCopy(of: thread.top, on: thread)
      thread.remove(at: -2)
      if thread.field("content", of: -1) == .table {
        try pushParts(copying: thread.top, on: thread)
        thread.remove(at: -2)
        thread.setField("content")
      } else {
        thread.pop()
      }
      thread.pushCopy(at: list)
      thread.insert(at: -2)
      thread.setIndex(position + 1)
      thread.pop()
    }
  }

  /// Stack: [] -> [list]
  private func pushParts(copying index: Int32, on thread: LuaThread) throws(BadHookResult) {
    try ScriptTable.pushCopy(of: index, on: thread)
    let list = thread.top
    for position in 0..<thread.rawLength(at: list) {
      if thread.index(position + 1, of: list) == .table {
        try ScriptTable.pushCopy(of: thread.top, on: thread)
        thread.pushCopy(at: list)
        thread.insert(at: -2)
        thread.setIndex(position + 1)
        thread.pop()
      }
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
    guard let model = models.first else { return }
    let present = thread.field("model", of: -1)
    thread.pop()
    guard present == .nil else { return }
    thread.push(model)
    thread.setField("model")
  }

  /// Encodes the request table at `index`, once it is fit to be sent.
  func encode(requestAt index: Int32, on thread: LuaThread) throws(BadHookResult) -> ChatRequest {
    let key = try modelName(ofRequestAt: index, on: thread)
    if forms.api(of: key) != .embeddings { try checkMessages(of: index, on: thread) }
    var request = try encode(requestAt: index, model: key, on: thread)
    for fallback in models.fallbacks(of: key) {
      request.fallbacks.append(try encode(requestAt: index, model: fallback, on: thread))
    }
    return request
  }

  private func encode(
    requestAt index: Int32, model key: String, on thread: LuaThread
  ) throws(BadHookResult) -> ChatRequest {
    let name = try models.name(of: key)
    if models.areRenamed {
      thread.pushCopy(at: index)
      thread.push(name)
      thread.setField("model")
      thread.pop()
    }
    let api = forms.api(of: key)
    if api == .chat { return try bytes(ofRequestAt: index, model: key, on: thread) }
    return try forms.withRequest(at: index, as: api, on: thread) { thread, index throws(BadHookResult) in
      try bytes(ofRequestAt: index, model: key, on: thread)
    }
  }

  private func bytes(ofRequestAt index: Int32, model: String, on thread: LuaThread) throws(BadHookResult) -> ChatRequest
  {
    let stream = thread.field("stream", of: index)
    thread.pop()
    if stream != .nil { throw BadHookResult("the request has `stream`: that is a field of the job, `stream = true`") }
    do {
      let output = outputTokens(ofRequestAt: index, on: thread)
      return ChatRequest(body: try thread.encodeJSON(at: index), model: model, maximumOutputTokens: output)
    } catch {
      throw BadHookResult("\(error)")
    }
  }

  /// The output that the request allows, for all of its choices; nil where it does not say.
  private func outputTokens(ofRequestAt index: Int32, on thread: LuaThread) -> Int? {
    var tokens: Int?
    for name in OutputLimit.names where tokens == nil {
      if thread.field(name, of: index) == .number { tokens = thread.integer(at: -1) }
      thread.pop()
    }
    guard tokens != nil else { return nil }
    let choices = thread.field("n", of: index) == .number ? thread.integer(at: -1) : nil
    thread.pop()
    return OutputLimit.total(tokens, choices: choices)
  }

  private func modelName(ofRequestAt index: Int32, on thread: LuaThread) throws(BadHookResult) -> String {
    let type = thread.field("model", of: index)
    defer { thread.pop() }
    if type == .string, let name = thread.string(at: -1), !name.isEmpty { return name }
    if type == .nil { throw BadHookResult("the request names no model, and neither does the job (`model`)") }
    throw BadHookResult("model: string expected, got \(thread.describe(at: -1))")
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
      defer { thread.pop() }
      if !isTable { throw BadHookResult("messages[\(position)]: table expected, got \(thread.describe(at: -1))") }
      if !Self.hasContent(on: thread) {
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
    let output = thread.field("output", of: -2)
    thread.pop(2)
    return calls == .table || output == .table
  }
}
