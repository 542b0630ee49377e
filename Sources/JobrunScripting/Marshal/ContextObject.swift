import JobrunModel
import LuaBridge

/// `ctx`, as the hooks of an item see it.
enum ContextObject {
  /// What the fields and methods work on.
  struct Owner {
    var engine: LuaScriptEngine
    var item: RunningItem
  }

  static var object: HostObject<Owner> {
    HostObject(
      name: "ctx", className: "JobrunContext",
      doc: "What a hook knows of its item. Every field and method raises once the item has ended.",
      fields: fields, methods: [skip, fail, retry, emit, log])
  }

  private static var fields: [HostField<Owner>] {
    [
      HostField("id", "string|integer", "The item's `id` (or the column `input.id`), else its index.") {
        owner, thread in
        owner.item.id.push(on: thread)
      },
      HostField("index", "integer", "The item's position, from 1.") { owner, thread in
        thread.push(owner.item.index)
      },
      HostField(
        "ask", "integer", "How often an answer was asked for, this time included: 1, and more after `ctx:retry`."
      ) {
        owner, thread in
        thread.push(owner.item.ask)
      },
      HostField("params", "table<string, any>", "The job's `params`, with the values of `--param`.") { owner, thread in
        owner.engine.pushParameters(on: thread)
      },
      HostField("state", "table", "A table of this item's own, for passing things from hook to hook.") {
        owner, thread in
        owner.engine.pushState(of: owner.item, on: thread)
      },
      HostField("stats", "JobrunStats", "The run's live numbers.") { owner, thread in
        owner.engine.pushStatistics(on: thread)
      },
      HostField("run", "JobrunRun", "The run.") { owner, thread in owner.engine.pushRun(on: thread) },
    ]
  }

  private static var skip: HostEntry<Owner> {
    HostEntry(
      "skip", [HostParameter("reason", .string)], "Ends the item as skipped, here; `pcall` does not catch it.",
      body: .swift { owner, call throws(HostError) in
        try end(owner, call, method: "skip", as: .skip(reason: call.thread.string(at: 2) ?? ""))
      })
  }

  private static var fail: HostEntry<Owner> {
    HostEntry(
      "fail", [HostParameter("reason", .string)],
      "Ends the item as failed with class `rejected`, here; `pcall` does not catch it.",
      body: .swift { owner, call throws(HostError) in
        try end(owner, call, method: "fail", as: .fail(reason: call.thread.string(at: 2) ?? ""))
      })
  }

  private static var retry: HostEntry<Owner> {
    HostEntry(
      "retry", [HostParameter("reason", .string), HostParameter("changes", .table, isOptional: true)],
      "Ends the hook here and asks again, up to `retry.asks` times in all; `pcall` does not catch it. `changes` are merged "
        + "into the request as it was before `on_request`; a text `feedback` among them appends the answer and this text "
        + "as messages.",
      body: .swift { owner, call throws(HostError) in
        guard owner.item.answer != nil else {
          throw .message("ctx:retry asks again for an answer, and there is none yet; call it in on_reply or parse")
        }
        let reason = call.thread.string(at: 2) ?? ""
        var changes: LuaReference?
        if call.count > 2, call.thread.type(at: 3) == .table {
          call.thread.pushCopy(at: 3)
          changes = owner.engine.state.reference(popping: call.thread)
        }
        call.thread.pushHeld(of: 1)
        let item = owner.engine.state.reference(popping: call.thread)
        return try end(
          owner, call, method: "retry", as: .retry(RunningItem.Retry(reason: reason, changes: changes, item: item)))
      })
  }

  private static var emit: HostEntry<Owner> {
    HostEntry(
      "emit", [HostParameter("row", .table)],
      "Adds a row before those of `parse`, as often as wanted. The rows are dropped if the item fails.",
      body: .swift { owner, call throws(HostError) in
        do throws(BadHookResult) {
          owner.item.rows.append(try owner.engine.rowEncoder.row(at: 2, on: call.thread))
        } catch {
          throw .message("ctx:emit: \(error.message)")
        }
        return .values(0)
      })
  }

  private static var log: HostEntry<Owner> {
    HostEntry(
      "log", [HostParameter("...", .rest)], "Says something about the item, on standard error.",
      body: .swift { owner, call throws(HostError) in
        owner.engine.log("item \(owner.item.id): \(LogModule.text(of: call, from: 2))")
        return .values(0)
      })
  }

  /// Leaves the hook for good: the coroutine yields and is never resumed.
  @Loop
  private static func end(
    _ owner: Owner, _ call: HostCall, method: String, as ending: RunningItem.Ending
  ) throws(HostError) -> HostResult {
    guard let coroutine = owner.item.coroutine, call.isRunning(on: coroutine) else {
      throw .message(
        "ctx:\(method) can be called in the item's own hooks only, not in a coroutine of your own or by another item")
    }
    guard call.isYieldable else {
      throw .message(
        "ctx:\(method) cannot be called here: not in a table.sort comparator, a string.gsub callback, "
          + "a metamethod or a required file")
    }
    owner.item.ending = ending
    return .yield(0)
  }
}
