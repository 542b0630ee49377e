/// The hooks of this version, by their names in job files.
enum Hook: String, CaseIterable, Hashable, Sendable {
  case setup
  case prompt
  case parse
  case process
  case onRequest = "on_request"
  case onReply = "on_reply"
  case onError = "on_error"
  case onTick = "on_tick"
  case finish

  /// Whether a hook library may have it too.
  var isInLibraries: Bool {
    switch self {
    case .prompt, .parse, .process: false
    case .setup, .onRequest, .onReply, .onError, .onTick, .finish: true
    }
  }

  var parameters: [HostParameter] {
    let item = HostParameter("item", .table, type: "JobrunItem")
    let context = HostParameter("ctx", .any, type: "JobrunContext")
    let reply = HostParameter("reply", .table, type: "JobrunReply")
    let run = HostParameter("run", .any, type: "JobrunRun")
    return switch self {
    case .setup: [run]
    case .prompt: [item, context]
    case .parse: [reply, item, context]
    case .process: [item, context]
    case .onRequest: [HostParameter("request", .table, type: "JobrunRequest"), item, context]
    case .onReply: [reply, item, context]
    case .onError: [HostParameter("err", .table, type: "JobrunError"), item, context]
    case .onTick, .finish: [HostParameter("stats", .any, type: "JobrunStats"), run]
    }
  }

  /// What it returns, in LuaCATS; nil for nothing.
  var returns: String? {
    switch self {
    case .setup, .onTick: nil
    case .prompt: "string|JobrunMessage[]|JobrunRequest|false"
    case .parse, .process, .onError: "string|table|table[]|false" + (self == .onError ? "|nil" : "")
    case .onRequest: "JobrunRequest?"
    case .onReply: "JobrunReply?"
    case .finish: "table<string, string>?"
    }
  }

  var doc: String {
    switch self {
    case .setup: "Runs once, before the first item."
    case .prompt:
      "Runs for each item. A string is one user message, a list is the messages, a table with `messages` is the "
        + "whole request; `false` makes no call."
    case .parse:
      "Runs for each answer. A string gives the row `{id, output}`, a table is the row, a list of tables is many "
        + "rows; `false` gives none. Without this hook the row is `{id, input, output, model}`."
    case .process:
      "Instead of `prompt` and `parse`: the item's whole life, with as many `ctx:call` as wanted; returns what `parse` does."
    case .onError:
      "Runs when an item is about to fail, whatever the cause. What it returns, as `parse` does, is used instead; nil leaves it."
    case .onRequest: "Runs before each request; a returned table replaces it, nil leaves it."
    case .onReply: "Runs after each answer; a returned table replaces it, nil leaves it."
    case .onTick: "Runs every second, also while the run is paused. It may steer the run; it may not wait."
    case .finish: "Runs once, at the end; the returned texts are written beside the output under their names."
    }
  }

  var signature: String {
    let list = parameters.map { "\($0.name): \($0.type)" }.joined(separator: ", ")
    return "fun(\(list))" + (returns.map { ": \($0)" } ?? "")
  }
}
