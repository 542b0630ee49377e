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
      fields: fields, methods: [call, callAll, sleep, skip, fail, retry, emit, log])
  }

  private static var fields: [HostField<Owner>] {
    [
      HostField(
        "id", "string|integer",
        "The item's `id` (or the column `input.id`), else its index; of a pack the list of them."
      ) {
        owner, thread in
        guard let pack = owner.item.pack else { return owner.item.id.push(on: thread) }
        thread.newTable(arrayCapacity: Int32(clamping: pack.count))
        thread.markArray(at: -1)
        for (offset, id) in pack.enumerated() {
          id.push(on: thread)
          thread.setIndex(offset + 1)
        }
      },
      HostField("index", "integer", "The item's position, from 1.") { owner, thread in
        thread.push(owner.item.index)
      },
      HostField(
        "ask", "integer", "How often an answer was asked for, this time included: 1, and more after `ctx:retry`."
      ) {
        owner, thread in
        thread.push(owner.item.strand(on: thread).ask)
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
        if let problem = refusal(ofRetryIn: owner.item.strand(on: call.thread), of: owner) { throw .message(problem) }
        let reason = call.thread.string(at: 2) ?? ""
        var changes: LuaReference?
        if call.count > 2, call.thread.type(at: 3) == .table {
          call.thread.pushCopy(at: 3)
          changes = owner.engine.state.reference(popping: call.thread)
        }
        call.thread.pushHeld(of: 1)
        let item = owner.engine.state.reference(popping: call.thread)
        return try end(
          owner, call, method: "retry", as: .retry(Strand.Retry(reason: reason, changes: changes, item: item)))
      })
  }

  private static var emit: HostEntry<Owner> {
    HostEntry(
      "emit", [HostParameter("row", .table)],
      "Adds a row before those of `parse`, as often as wanted. The rows are dropped if the item fails.",
      body: .swift { owner, call throws(HostError) in
        if owner.item.pack != nil {
          throw .message("ctx:emit has no item to add the row to: in a pack return the rows, one at each index")
        }
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

  /// Why an answer cannot be asked for again here; nil where it can.
  @Loop
  private static func refusal(ofRetryIn strand: Strand, of owner: Owner) -> String? {
    switch strand.stage {
    case .process:
      return "ctx:retry asks again for the answer to a request of `prompt`; in `process` write a loop around ctx:call"
    case .setup, .finish: return "ctx:retry belongs to an item's hooks"
    case .onError where owner.engine.hooks.process != nil:
      return "ctx:retry cannot begin `process` again; write a loop around ctx:call in it"
    case .onError where strand.request == nil: return "ctx:retry has no request to ask again: the item failed before it"
    case .onError: return nil
    default: break
    }
    if strand.answer != nil { return nil }
    return "ctx:retry asks again for an answer, and there is none yet; call it in on_reply or parse"
  }

  /// Leaves the hook for good: the coroutine yields and is never resumed.
  @Loop
  private static func end(
    _ owner: Owner, _ call: HostCall, method: String, as wish: Strand.Wish
  ) throws(HostError) -> HostResult {
    guard let strand = owner.item.strand(of: call) else {
      throw .message(
        "ctx:\(method) can be called in the item's own hooks only, not in a coroutine of your own or by another item")
    }
    guard call.isYieldable else {
      throw .message(
        "ctx:\(method) cannot be called here: not in a table.sort comparator, a string.gsub callback, "
          + "__tostring or a required file's top level")
    }
    strand.wish = wish
    return .yield(0)
  }
}
