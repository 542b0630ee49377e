import JobrunModel
import LuaBridge

/// The functions of `jobrun` that count.
extension JobrunModule {
  static var counter: HostEntry<HostServices> {
    HostEntry(
      "counter", [HostParameter("name", .string)], returns: "JobrunCounter",
      "A number of the job's own, which begins at 0: `jobrun.counter(\"hits\"):add(n)`. It is `stats.counters.hits`, and in "
        + "the summary and `--json`.",
      body: .swift { services, call throws(HostError) in
        try CounterObject.push(call.thread.string(at: 1) ?? "", services, on: call.thread)
        return .values(1)
      })
  }

  static var countTokens: HostEntry<HostServices> {
    HostEntry(
      "count_tokens", [HostParameter("text", .string)], returns: "integer",
      "An estimate of how many tokens a text is, without the model's vocabulary; see docs/scripting.md for its error.",
      body: .swift { _, call throws(HostError) in
        call.thread.push(call.thread.withBytes(at: 1) { TokenCount.estimate($0) } ?? 0)
        return .values(1)
      })
  }
}
