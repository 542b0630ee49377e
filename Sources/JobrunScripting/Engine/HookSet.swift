import LuaBridge

/// A hook as it stands in a job or a library.
struct NamedHook {
  var hook: Hook
  /// The name in failures, such as `on_reply` or `use[1].on_reply`.
  var name: String
  var function: LuaReference
  /// Where it is defined, such as `jobs/x.lua:12`; nil for a C function.
  var position: String?
}

/// All hooks of a job, each list in the order in which its hooks run.
struct HookSet {
  var setup: [NamedHook] = []
  var prompt: NamedHook?
  var process: NamedHook?
  var onRequest: [NamedHook] = []
  var onReply: [NamedHook] = []
  var parse: NamedHook?
  var onError: [NamedHook] = []
  var onTick: [NamedHook] = []
  var finish: [NamedHook] = []

  /// The hooks of a job and its libraries: outermost is the job, then `use[1]`, then `use[2]`.
  ///
  /// - Parameter position: Where a function is defined.
  init(job: LuaTableValue, libraries: [LuaTableValue], position: (LuaReference) -> String?) {
    func hook(_ hook: Hook, in table: LuaTableValue, prefix: String = "") -> NamedHook? {
      guard case .function(let function)? = table[hook.rawValue] else { return nil }
      return NamedHook(hook: hook, name: prefix + hook.rawValue, function: function, position: position(function))
    }
    func inLibraries(_ name: Hook) -> [NamedHook] {
      libraries.enumerated().compactMap { hook(name, in: $0.element, prefix: "use[\($0.offset + 1)].") }
    }
    prompt = hook(.prompt, in: job)
    process = hook(.process, in: job)
    parse = hook(.parse, in: job)
    setup = inLibraries(.setup) + [hook(.setup, in: job)].compactMap(\.self)
    onTick = inLibraries(.onTick) + [hook(.onTick, in: job)].compactMap(\.self)
    finish = inLibraries(.finish) + [hook(.finish, in: job)].compactMap(\.self)
    onRequest = [hook(.onRequest, in: job)].compactMap(\.self) + inLibraries(.onRequest)
    onError = inLibraries(.onError).reversed() + [hook(.onError, in: job)].compactMap(\.self)
    onReply = inLibraries(.onReply).reversed() + [hook(.onReply, in: job)].compactMap(\.self)
  }
}
