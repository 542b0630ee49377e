/// A job file's settings, validated; what only Lua needs (hooks, `defaults`, the values of `params`) stays in Lua.
public struct JobSpec: Sendable, Equatable {
  /// The job file's absolute path; relative paths in the job begin at its folder.
  public var path: String
  public var name: String
  public var input: InputSpec?
  public var output: OutputSpec?
  public var order: OutputOrder = .input
  public var endpoint: EndpointSpec?
  /// The form of the requests; nil: the endpoint's.
  public var api: WireAPI?
  /// Whether answers come as streams of events.
  public var streams = false
  /// The model to ask, and those to ask where it is out or gave up.
  public var model: [String] = []
  /// Nil: any model may be named, all at the one endpoint.
  public var models: [ModelSpec]?
  /// Requests in flight.
  public var concurrency = Concurrency.fixed(10)
  /// Nil: as many as `concurrency`.
  public var connectionsPerHost: Int?
  /// The limits of each model without its own.
  public var limits = Limits()
  public var timeouts = Timeouts()
  public var retry = RetryLimits()
  /// Identical requests of different items are bought once.
  public var dedupe = false
  /// Items that share one request; nil: each has its own.
  public var pack: Int?
  /// What an answer that stopped at its output limit is.
  public var truncated = TruncationPolicy.accept
  /// Nil: no budget.
  public var budget: BudgetLimits?
  /// The run ends well once so many rows are there; nil: at the input's end.
  public var accept: Int?
  /// Conditions on the run's numbers, in the order of their measures.
  public var thresholds: [Threshold] = []
  public var hook = HookLimits()

  public init(path: String, name: String) {
    self.path = path
    self.name = name
  }
}

/// What becomes of an answer that stopped at its output limit.
public enum TruncationPolicy: String, Sendable, CaseIterable {
  /// It is an answer.
  case accept
  /// The call fails with class `truncated`.
  case fail
  /// It is asked again with twice the `max_tokens`.
  case retry
}

/// Where the items come from.
public struct InputSpec: Sendable, Equatable {
  public enum Format: String, Sendable, CaseIterable {
    case text = "txt"
    case jsonLines = "jsonl"
    case csv, tsv, json

    /// The format that a path's ending stands for, without that of a compression; nil where it stands for none.
    public init?(endingOf path: String) {
      let name = FileCompression.removingEnding(of: path).split(separator: "/").last ?? ""
      switch name.split(separator: ".", omittingEmptySubsequences: false).dropFirst().last?.lowercased() {
      case "txt": self = .text
      case "jsonl", "ndjson": self = .jsonLines
      case "json": self = .json
      case "csv": self = .csv
      case "tsv": self = .tsv
      default: return nil
      }
    }
  }

  /// A path, already resolved, or `-` for standard input; empty where there is none.
  public var path: String
  /// What stands at `path`, or where else the items come from.
  public var origin: InputOrigin
  /// Nil: by the path's ending.
  public var format: Format?
  /// The column or field that is the item's id; `idKey` without it.
  public var id: String?

  public init(path: String, origin: InputOrigin = .file, format: Format? = nil, id: String? = nil) {
    self.path = path
    self.origin = origin
    self.format = format
    self.id = id
  }
}

/// Where the rows go.
public struct OutputSpec: Sendable, Equatable {
  public enum Format: String, Sendable, CaseIterable {
    case jsonLines = "jsonl"
    case csv, tsv

    /// The format that a path's ending stands for; nil where it stands for none.
    public init?(endingOf path: String) {
      if FileCompression(endingOf: path) == .zstd { return nil }
      switch InputSpec.Format(endingOf: path) {
      case .jsonLines: self = .jsonLines
      case .csv: self = .csv
      case .tsv: self = .tsv
      case .text, .json, nil: return nil
      }
    }
  }

  /// A path, already resolved, or `-` for standard output.
  public var path: String
  public var format: Format
  /// JSON lines: keys that stand first in a row, in this order. CSV and TSV: all columns; where there are none given, the
  /// keys of the first row.
  public var columns: [String]
  /// Whether texts that a spreadsheet would run are changed in a CSV or TSV so that it does not.
  public var guardsFormulas = true

  /// - Parameter format: The format where the path's ending stands for none.
  public init(path: String, columns: [String] = [], format: Format = .jsonLines) {
    self.path = path
    self.columns = columns
    self.format = Format(endingOf: path) ?? format
  }
}

/// In which order the rows are written.
public enum OutputOrder: String, Sendable, CaseIterable {
  case input, completion
}

/// Whom a job asks.
public enum EndpointSpec: Sendable, Equatable {
  case preset(String)
  case custom(CustomEndpoint)
}

/// An endpoint that a job file spells out.
public struct CustomEndpoint: Sendable, Equatable {
  /// The URL before `/chat/completions`.
  public var baseURL: String
  /// The environment variable that holds the key; nil for no key.
  public var apiKeyEnvironment: String?
  public var headers: [String: String]
  /// A proxy's URL; nil for the environment's.
  public var proxy: String?
  /// The form of its requests; nil: chat.
  public var api: WireAPI?

  public init(
    baseURL: String, apiKeyEnvironment: String? = nil, headers: [String: String] = [:], proxy: String? = nil,
    api: WireAPI? = nil
  ) {
    self.baseURL = baseURL
    self.apiKeyEnvironment = apiKeyEnvironment
    self.headers = headers
    self.proxy = proxy
    self.api = api
  }
}

/// The limits of Lua.
public struct HookLimits: Sendable, Equatable {
  /// How long one hook may compute.
  public var timeout: Duration = .seconds(5)
  /// What the Lua state may hold.
  public var memoryBytes: Int = 1024 << 20

  public init() {}
}
