/// What to type after `jobrun init`.
struct NextCommands {
  /// As it was typed.
  var program: String
  var job: String
  var test: String

  var text: String {
    let steps = [
      (["check", job], "is the job right? shows the first request"),
      (["plan", job], "how many requests, tokens and minutes"),
      (["--mock", job], "a run with replies that are not real"),
      (["lua", test], "the hook library's test"),
      ([job, "--limit", "3"], "three items, for real"),
    ].map { (GoOnCommand.text([program] + $0.0, isWhole: false), $0.1) }
    let width = steps.map(\.0.count).max() ?? 0
    return
      ([
        "next, with the key of a provider in the environment (OPENAI_API_KEY, …) for the last:"
      ] + steps.map { "  " + $0.0 + String(repeating: " ", count: width - $0.0.count + 3) + $0.1 })
      .joined(separator: "\n")
  }
}
