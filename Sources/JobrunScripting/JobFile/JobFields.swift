import JobrunModel

/// The fields of a job file and of a hook library.
enum JobFields {
  static let className = "JobrunJob"

  /// The paths of `input` that can be read, by format name.
  private static var formats: [String] { InputSpec.Format.allCases.map(\.rawValue) }

  static var input: [FieldSpec] {
    [
      FieldSpec("path", .string, "The file, relative to the job file; `-` is standard input."),
      FieldSpec("format", .oneOf(formats), "The format, where the path's ending does not say it; of `cmd` (`jsonl`)."),
      FieldSpec("id", .string, "The field or column that is the item's id; `id` without it, of `glob` `path`."),
      FieldSpec("glob", .string, "Files instead, by a pattern of paths: `*`, `?`, `[...]`, and `**` for any folders."),
      FieldSpec("count", .wholeNumber(1...1_000_000_000_000), "So many items without a field instead."),
      FieldSpec("sqlite", .string, "Rows of an SQLite file instead; it is only read."),
      FieldSpec("sql", .string, "The `SELECT` over the file of `sqlite`."),
      FieldSpec("cmd", .list(.string), "The output of a program with its arguments instead, run in the job's folder."),
    ]
  }

  static var inputType: FieldType {
    .either([
      .string, .table(className: "JobrunInput", input), .function("fun(run: JobrunRun): (fun(): table?)|table[]"),
    ])
  }

  static var output: [FieldSpec] {
    [
      FieldSpec("path", .string, "The file, relative to the job file; `out/<name>.jsonl` without it."),
      FieldSpec(
        "columns", .list(.string),
        "All columns of a CSV or TSV (the keys of its first row); else keys that stand first, the others follow sorted."
      ),
    ]
  }

  static var endpoint: [FieldSpec] {
    [
      FieldSpec("base_url", .string, isRequired: true, "The URL before `/chat/completions`."),
      FieldSpec("api_key_env", .string, "The environment variable that holds the key; none: no key is sent."),
      FieldSpec("api", apiType, "The form of the requests there (`\"chat\"`)."),
      FieldSpec("headers", .map(.string), "Headers to send with every request."),
      FieldSpec("proxy", .string, "A proxy's URL; the environment's without it."),
    ]
  }

  static var endpointType: FieldType { .either([.string, .table(className: "JobrunEndpoint", endpoint)]) }

  /// The forms of requests.
  static var apiType: FieldType { .oneOf(WireAPI.allCases.map(\.rawValue)) }

  static var timeouts: [FieldSpec] {
    [
      FieldSpec("connect", .positiveNumber, "Seconds for name look-up, TCP and TLS (30)."),
      FieldSpec("send", .positiveNumber, "Seconds without progress while the request goes out (30)."),
      FieldSpec("first_byte", .positiveNumber, "Seconds from the request to the first byte of the answer (90)."),
      FieldSpec("idle", .positiveNumber, "Seconds without progress while the answer comes (60)."),
      FieldSpec(
        "total", .either([.positiveNumber, .oneOf(["adaptive"])]),
        "Seconds from the send to the last byte (120); `\"adaptive\"`: from the model's own latencies."),
    ]
  }

  static var limits: [FieldSpec] {
    [
      FieldSpec("rpm", .positiveNumber, "Requests a minute."),
      FieldSpec("tpm", .positiveNumber, "Tokens a minute, in and out together."),
      FieldSpec("itpm", .positiveNumber, "Input tokens a minute."),
      FieldSpec("otpm", .positiveNumber, "Output tokens a minute."),
      FieldSpec("burst_s", .positiveNumber, "Requests that may go at once after a pause, as seconds of the rate (1)."),
    ]
  }

  static var retry: [FieldSpec] {
    [
      FieldSpec("attempts", .wholeNumber(1...100), "HTTP tries of a call (5); waits for a rate limit are none."),
      FieldSpec("base_s", .positiveNumber, "The longest wait before the second try; it doubles with each (0.5)."),
      FieldSpec("cap_s", .positiveNumber, "The longest wait before any try (60)."),
      FieldSpec("max_elapsed_s", .positiveNumber, "Seconds after which a call is not tried again (900)."),
      FieldSpec("asks", .wholeNumber(1...100), "How often an item's answer may be asked for, by `ctx:retry` (3)."),
    ]
  }

  static var concurrency: [FieldSpec] {
    [
      FieldSpec("min", .wholeNumber(1...10_000), "Requests in flight at least (1)."),
      FieldSpec("max", .wholeNumber(1...10_000), "Requests in flight at most (64)."),
    ]
  }

  static var price: [FieldSpec] {
    [
      FieldSpec("input", .nonNegativeNumber, isRequired: true, "US dollars a million input tokens."),
      FieldSpec("output", .nonNegativeNumber, isRequired: true, "US dollars a million output tokens."),
      FieldSpec("cached", .nonNegativeNumber, "US dollars a million cached input tokens (as `input`)."),
    ]
  }

  static var model: [FieldSpec] {
    [
      FieldSpec("name", .string, "The name that the provider knows (the key)."),
      FieldSpec("endpoint", endpointType, "Whom to ask (the job's)."),
      FieldSpec("api", apiType, "The form of its requests (the job's)."),
      FieldSpec("limits", .table(className: "JobrunLimits", limits), "What the provider allows (the job's)."),
      FieldSpec("price", .table(className: "JobrunPrice", price), "What it costs."),
      FieldSpec("timeouts", .table(className: "JobrunTimeouts", timeouts), "Limits of one HTTP try (the job's)."),
    ]
  }

  static var hookLimits: [FieldSpec] {
    [
      FieldSpec("timeout_s", .positiveNumber, "Seconds that one hook may compute (5)."),
      FieldSpec("memory_mb", .wholeNumber(1...1_048_576), "Memory of the Lua state in MiB (1024)."),
    ]
  }

  static var budget: [FieldSpec] {
    let most = FieldType.wholeNumber(1...1_000_000_000_000_000)
    return [
      FieldSpec("usd", .positiveNumber, "US dollars; every model needs a `price`."),
      FieldSpec("input_tokens", most, "Input tokens."),
      FieldSpec("output_tokens", most, "Output tokens."),
      FieldSpec("requests", most, "HTTP requests sent, those of failed tries among them."),
    ]
  }

  static var thresholds: [FieldSpec] {
    Threshold.Measure.allCases.map { FieldSpec($0.rawValue, .string, $0.meaning) }
  }

  /// The fields of a job, without its hooks.
  private static var settings: [FieldSpec] {
    [
      FieldSpec("name", .string, "The job's name; the file's name without it."),
      FieldSpec("input", inputType, "Where the items come from."),
      FieldSpec("output", .either([.string, .table(className: "JobrunOutput", output)]), "Where the rows go."),
      FieldSpec("order", .oneOf(OutputOrder.allCases.map(\.rawValue)), "The order of the rows (`\"input\"`)."),
      FieldSpec(
        "endpoint", endpointType,
        "Whom to ask: a preset's name, or where it is. Without it the environment decides."),
      FieldSpec(
        "api", apiType, "The form of the requests: what a string or a list of messages becomes (the endpoint's own)."),
      FieldSpec(
        "stream", .boolean,
        "Answers come as streams of events: their gaps are seen, and the time to the first token is measured (false)."),
      FieldSpec(
        "model", .either([.string, .list(.string)]),
        "The model of every request that names none; of a list the next is asked when one is out or gave up."),
      FieldSpec(
        "models", .map(.table(className: "JobrunModel", model)),
        "The models that may be asked, by the names that the job gives them; each has its own limiter."),
      FieldSpec("defaults", .map(.any), "Merged into every request; a request's own keys win."),
      FieldSpec(
        "concurrency",
        .either([
          .wholeNumber(1...10_000), .table(className: "JobrunConcurrency", concurrency), .oneOf(["auto"]),
        ]),
        "Requests in flight (10); a table or `\"auto\"` finds the best number between `min` and `max`."),
      FieldSpec("connections_per_host", .wholeNumber(1...10_000), "Connections to a host (as many as `concurrency`)."),
      FieldSpec("limits", .table(className: "JobrunLimits", limits), "What the provider allows each model a minute."),
      FieldSpec("retry", .table(className: "JobrunRetry", retry), "How often and how long a call is tried."),
      FieldSpec("timeouts", .table(className: "JobrunTimeouts", timeouts), "Limits of one HTTP try."),
      FieldSpec(
        "pack", .wholeNumber(1...10_000),
        "One request for up to so many items: hooks get lists, and `parse` returns a row at each index."),
      FieldSpec(
        "schema", .map(.any),
        "JSON Schema of the answer: sent as `response_format`, and checked; what does not fit is asked again."),
      FieldSpec(
        "truncated", .oneOf(TruncationPolicy.allCases.map(\.rawValue)),
        "An answer that stopped at its output limit: take it (`\"accept\"`), fail, or ask with twice the `max_tokens`."),
      FieldSpec("dedupe", .boolean, "Identical requests of different items are bought once (false)."),
      FieldSpec(
        "budget", .table(className: "JobrunBudget", budget),
        "What may be spent in the journal's whole life; what is in flight is reserved. Then the run ends, exit 75."),
      FieldSpec(
        "accept", .wholeNumber(1...1_000_000_000_000_000), "Rows with which the run ends, exit 0 (at the input's end)."),
      FieldSpec(
        "thresholds", .table(className: "JobrunThresholds", thresholds),
        "Conditions on the run's numbers at its end, such as `{failed=\"<1%\", p95=\"<20s\"}`; exit 99 where one fails."
      ),
      FieldSpec("params", .map(.any), "Defaults of `ctx.params`; `--param` sets them."),
      FieldSpec("hook", .table(className: "JobrunHookLimits", hookLimits), "Limits of one hook."),
      FieldSpec(
        "use", .list(.host("(JobrunHooks|fun(options: table): JobrunHooks)")),
        "Hook libraries, outermost first; a function is called without options."),
    ]
  }

  static var job: [FieldSpec] {
    settings + Hook.allCases.map { FieldSpec($0.rawValue, .hook($0), $0.doc) }
  }

  static var library: [FieldSpec] {
    Hook.allCases.filter(\.isInLibraries).map { FieldSpec($0.rawValue, .hook($0), $0.doc) }
  }
}
