import JobrunModel
import LuaBridge

/// `run`, the argument of `setup` and `finish` and the field of `ctx`.
enum RunObject {
  static var object: HostObject<LuaScriptEngine> {
    HostObject(
      name: "run", className: "JobrunRun", doc: "The run that the job is part of.",
      fields: [
        HostField("params", "table<string, any>", "The job's `params`, with the values of `--param`.") {
          engine, thread in
          engine.pushParameters(on: thread)
        },
        HostField("stats", "JobrunStats", "The run's live numbers.") { engine, thread in
          engine.pushStatistics(on: thread)
        },
        HostField("input", "string?", "The input's path; nil where the job has none.") { engine, thread in
          push(engine.inputPath, on: thread)
        },
        HostField("output", "string?", "The output's path; nil where the job names none.") { engine, thread in
          push(engine.outputPath, on: thread)
        },
      ],
      methods: RunMethods.all + [call])
  }

  private static var call: HostEntry<LuaScriptEngine> {
    HostEntry(
      "call", [HostParameter("request", .any, type: "string|JobrunMessage[]|JobrunRequest")], returns: "JobrunReply",
      "Asks the model, in `setup` and `finish`; as `ctx:call` otherwise. No `on_request` and no `on_reply` see it.",
      body: .swift { engine, call throws(HostError) in
        guard let item = engine.runItem, item.isActive, item.stage.isOfRun else {
          throw .message("run:call can be called in setup and finish only; an item's hooks have ctx:call")
        }
        let owner = ContextObject.Owner(engine: engine, item: item)
        let strand = try ContextObject.waiting(owner, call, in: "run:call")
        return try ContextObject.ask([2], isList: false, "run:call", strand, owner, call)
      })
  }

  @Loop
  private static func push(_ path: String?, on thread: LuaThread) {
    if let path { thread.push(path) } else { thread.pushNil() }
  }
}
