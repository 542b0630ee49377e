import JobrunModel
import LuaBridge

/// `err`: a table that says why a call or an item failed.
///
/// It is what `ctx:call` raises and what `on_error` gets. `tostring` gives its class and message.
struct ErrorType {
  static let fields: [FieldSpec] = [
    FieldSpec("ok", .boolean, isRequired: true, "False: there is no answer."),
    FieldSpec("class", .oneOf(ErrorClass.allCases.map(\.rawValue)), isRequired: true, "What went wrong."),
    FieldSpec(
      "status", .host("integer"), isRequired: true, "The HTTP status; 408 for our time-outs, 0 without an answer."),
    FieldSpec("code", .host("string"), "The provider's own code, or the name of the transport's error."),
    FieldSpec("message", .string, isRequired: true, "What happened, in words."),
    FieldSpec("attempts", .host("integer"), isRequired: true, "HTTP tries that were made."),
    FieldSpec("retry_after_s", .host("number"), "Seconds that the provider asks to wait."),
    FieldSpec(
      "dispatched", .oneOf(["no", "maybe", "yes"]), isRequired: true,
      "Whether the request may have reached the provider, and so may have cost money."),
    FieldSpec("reply", .host("JobrunReply"), "The answer, where one came."),
    FieldSpec("hook", .string, "The hook that failed or refused, where one did."),
  ]

  private let metatable: LuaReference

  @Loop
  init(in state: LuaState) {
    let names = Self.fields.map(\.name)
    let index = HostFunction("__index") { call throws(HostError) in
      guard let name = call.thread.string(at: 2), call.thread.type(at: 2) == .string else {
        throw .message("err has no field \(call.thread.describe(at: 2))")
      }
      guard names.contains(name) else {
        throw .message("err has no field \"\(name)\"\(NameSuggestion.hint(for: name, among: names))")
      }
      call.thread.pushNil()
      return .values(1)
    }
    let text = HostFunction("__tostring") { call throws(HostError) in
      call.thread.push(Self.text(of: call.thread))
      return .values(1)
    }
    metatable = state.table(of: [index, text])
  }

  /// Stack: [err]
  @Loop
  private static func text(of thread: LuaThread) -> String {
    func text(_ name: String) -> String? {
      thread.field(name, of: 1)
      defer { thread.pop() }
      return thread.string(at: -1)
    }
    return "\(text("class") ?? "error"): \(text("message") ?? "")"
  }

  /// Pushes the table of a failure.
  ///
  /// - Parameter reply: Pushes the answer, where there is one, and says whether it did.
  @Loop
  func push(
    _ failure: ItemFailure, retryAfter: Duration? = nil, on thread: LuaThread,
    reply: (LuaThread) -> Bool = { _ in false }
  ) {
    thread.newTable(fieldCapacity: 10)
    thread.push(false)
    thread.setField("ok")
    thread.push(failure.errorClass.rawValue)
    thread.setField("class")
    thread.push(failure.status)
    thread.setField("status")
    if let code = failure.code {
      thread.push(code)
      thread.setField("code")
    }
    thread.push(failure.message)
    thread.setField("message")
    thread.push(failure.attempts)
    thread.setField("attempts")
    if let retryAfter {
      thread.push(retryAfter.seconds)
      thread.setField("retry_after_s")
    }
    thread.push(failure.dispatched.rawValue)
    thread.setField("dispatched")
    if let hook = failure.hook {
      thread.push(hook)
      thread.setField("hook")
    }
    if reply(thread) { thread.setField("reply") }
    thread.setMetatable(metatable)
  }

  /// The failure of the error table on top of the stack; nil where that is something else. Scripts may have changed it.
  @Loop
  func failure(on thread: LuaThread) -> ItemFailure? {
    guard thread.type(at: -1) == .table, thread.hasMetatable(metatable, at: -1) else { return nil }
    func text(_ name: String) -> String? {
      let type = thread.field(name, of: -1)
      defer { thread.pop() }
      return type == .string ? thread.string(at: -1) : nil
    }
    func number(_ name: String) -> Int {
      let type = thread.field(name, of: -1)
      defer { thread.pop() }
      return type == .number ? thread.integer(at: -1) ?? 0 : 0
    }
    return ItemFailure(
      text("class").flatMap(ErrorClass.init(rawValue:)) ?? .hook, status: number("status"), code: text("code"),
      message: text("message") ?? "", attempts: number("attempts"),
      dispatched: text("dispatched").flatMap(Dispatched.init(rawValue:)) ?? .maybe, hook: text("hook"))
  }
}
