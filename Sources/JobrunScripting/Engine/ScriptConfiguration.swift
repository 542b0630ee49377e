public import JobrunModel

/// What a run adds to its job file: the command line's overrides, and what scripts may look at.
public struct ScriptConfiguration {
  /// Replaces the job's `model`.
  public var model: String?
  /// Values for the job's `params`.
  public var parameters: ParameterOverrides
  /// The input that is read, with its path resolved; nil for the job's own.
  public var input: InputSpec?
  /// The output that is written, with its path resolved; nil for the job's own.
  public var output: OutputSpec?
  /// The forms of requests: that of models that are not among `apis`, and those of the job's models by key.
  public var api = WireAPI.chat
  public var apis: [String: WireAPI] = [:]
  /// The numbers behind `stats`.
  public var statistics: any StatisticsReader

  public init(
    model: String? = nil, parameters: ParameterOverrides = ParameterOverrides(), input: InputSpec? = nil,
    output: OutputSpec? = nil, statistics: any StatisticsReader
  ) {
    self.model = model
    self.parameters = parameters
    self.input = input
    self.output = output
    self.statistics = statistics
  }
}
