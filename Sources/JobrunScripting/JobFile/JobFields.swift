import JobrunModel

/// The fields of a job file and of a hook library.
enum JobFields {
  static let className = "JobrunJob"

  /// The paths of `input` that can be read, by format name.
  private static var formats: [String] { InputSpec.Format.allCases.map(\.rawValue) }

  static var input: [FieldSpec] {
    [
      FieldSpec("path", .string, isRequired: true, "The file, relative to the job file; `-` is standard input."),
      FieldSpec("format", .oneOf(formats), "The format, where the path's ending does not say it."),
      FieldSpec("id", .string, "The field or column that is the item's id; `id` without it."),
    ]
  }

  static var inputType: FieldType { .either([.string, .table(className: "JobrunInput", input)]) }

  static var output: [FieldSpec] {
    [
      FieldSpec("path", .string, "The file, relative to the job file; `out/<name>.jsonl` without it."),
      FieldSpec("columns", .list(.string), "Keys that stand first in a row, in this order; the others follow sorted."),
    ]
  }

  static var endpoint: [FieldSpec] {
    [
      FieldSpec("base_url", .string, isRequired: true, "The URL before `/chat/completions`."),
      FieldSpec("api_key_env", .string, "The environment variable that holds the key; none: no key is sent."),
      FieldSpec("headers", .map(.string), "Headers to send with every request."),
      FieldSpec("proxy", .string, "A proxy's URL; the environment's without it."),
    ]
  }

  static var timeouts: [FieldSpec] {
    [
      FieldSpec("connect", .positiveNumber, "Seconds for name look-up, TCP and TLS (30)."),
      FieldSpec("total", .positiveNumber, "Seconds from the send to the last byte (120)."),
    ]
  }

  static var hookLimits: [FieldSpec] {
    [
      FieldSpec("timeout_s", .positiveNumber, "Seconds that one hook may compute (5)."),
      FieldSpec("memory_mb", .wholeNumber(1...1_048_576), "Memory of the Lua state in MiB (1024)."),
    ]
  }

  /// The fields of a job, without its hooks.
  private static var settings: [FieldSpec] {
    [
      FieldSpec("name", .string, "The job's name; the file's name without it."),
      FieldSpec("input", inputType, "Where the items come from."),
      FieldSpec("output", .either([.string, .table(className: "JobrunOutput", output)]), "Where the rows go."),
      FieldSpec("order", .oneOf(OutputOrder.allCases.map(\.rawValue)), "The order of the rows (`\"input\"`)."),
      FieldSpec(
        "endpoint", .either([.string, .table(className: "JobrunEndpoint", endpoint)]),
        "Whom to ask: a preset's name, or where it is. Without it the environment decides."),
      FieldSpec("model", .string, "The model of every request that names none."),
      FieldSpec("defaults", .map(.any), "Merged into every request; a request's own keys win."),
      FieldSpec("concurrency", .wholeNumber(1...10_000), "Requests in flight (10)."),
      FieldSpec("connections_per_host", .wholeNumber(1...10_000), "Connections to a host (as many as `concurrency`)."),
      FieldSpec("timeouts", .table(className: "JobrunTimeouts", timeouts), "Limits of one HTTP try."),
      FieldSpec("params", .map(.any), "Defaults of `ctx.params`; `--param` sets them."),
      FieldSpec("hook", .table(className: "JobrunHookLimits", hookLimits), "Limits of one hook."),
      FieldSpec(
        "use", .list(.host("(JobrunHooks|fun(options: table): JobrunHooks)")),
        "Hook libraries, outermost first; a function is called without options."),
    ]
  }

  static var job: [FieldSpec] {
    settings + Hook.allCases.map { FieldSpec($0.rawValue, .hook($0), isRequired: $0 == .prompt, $0.doc) }
  }

  static var library: [FieldSpec] {
    Hook.allCases.filter(\.isInLibraries).map { FieldSpec($0.rawValue, .hook($0), $0.doc) }
  }
}
