import JobrunModel
import LuaBridge

/// The methods of `run`: how a job steers the run that it is part of. Each acts at once.
enum RunMethods {
  static var all: [HostEntry<LuaScriptEngine>] { [set, pause, resume, stop] }

  private static var set: HostEntry<LuaScriptEngine> {
    HostEntry(
      "set", [HostParameter("settings", .table, type: JobFields.settingsClassName)],
      "Changes settings from now on, in the shapes of the job file; what is not named stays. Raises with everything that "
        + "is wrong, and changes nothing then.",
      body: .swift { engine, call throws(HostError) in
        var reader = RunSettingsReader(of: engine.job.spec)
        let (settings, model) = try reader.settings(from: call.thread.value(at: 2).table ?? LuaTableValue())
        do throws(RunError) {
          try engine.control?.set(settings)
        } catch {
          throw .message("run:set: \(error.message)")
        }
        if let model { engine.ask(model) }
        return .values(0)
      })
  }

  private static var pause: HostEntry<LuaScriptEngine> {
    HostEntry(
      "pause", [], "Lets no request out until `run:resume()`; those in flight end.",
      body: .swift { engine, _ throws(HostError) in
        engine.control?.pause()
        return .values(0)
      })
  }

  private static var resume: HostEntry<LuaScriptEngine> {
    HostEntry(
      "resume", [], "Ends a pause.",
      body: .swift { engine, _ throws(HostError) in
        engine.control?.resume()
        return .values(0)
      })
  }

  private static var stop: HostEntry<LuaScriptEngine> {
    HostEntry(
      "stop", [HostParameter("reason", .string)],
      "Ends the run: nothing new starts, the requests in flight end, and the same command goes on (exit 75).",
      body: .swift { engine, call throws(HostError) in
        engine.control?.stop(reason: call.thread.string(at: 2) ?? "")
        return .values(0)
      })
  }
}
