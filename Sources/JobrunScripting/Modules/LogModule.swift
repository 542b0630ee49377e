import LuaBridge

/// `jobrun.log`.
enum LogModule {
  static var module: HostModule {
    HostModule(
      name: "jobrun.log", doc: "Messages to the user, on standard error.",
      functions: [
        entry("info", .info, "Says something."),
        entry("warn", .warning, "Warns."),
        entry("error", .error, "Reports an error; the script goes on."),
      ])
  }

  private static func entry(_ name: String, _ level: ScriptLogLevel, _ doc: String) -> HostEntry<HostServices> {
    HostEntry(
      name, [HostParameter("...", .rest)], doc,
      body: .swift { services, call throws(HostError) in
        services.host.log(level, text(of: call, from: 1))
        return .values(0)
      })
  }

  /// The arguments as text, with blanks between them.
  static func text(of call: HostCall, from first: Int32) -> String {
    guard Int(first) <= call.count else { return "" }
    return (first...Int32(call.count)).map { call.thread.display(at: $0) }.joined(separator: " ")
  }
}
