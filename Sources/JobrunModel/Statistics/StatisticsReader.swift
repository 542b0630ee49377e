/// A live number of a run.
public enum StatisticValue: Sendable, Equatable {
  case integer(Int)
  case number(Double)
}

/// The live numbers of a run, by the names of `stats` in job files and of `--json`: `items.ok`, `latency.p95`.
@Loop
public protocol StatisticsReader: AnyObject {
  /// The value, or nil while it is unknown. `name` is one of `StatisticName.all`.
  func value(of name: StatisticName) -> StatisticValue?

  /// The latency below which `percentile` (0–100) of the answers stayed, in seconds; nil before the first.
  func latency(percentile: Double) -> Double?

  /// The same of the time to the first piece of a streamed answer.
  func firstToken(percentile: Double) -> Double?

  /// The models that were asked, as the job calls them.
  var modelNames: [String] { get }

  /// The numbers of one model (see `StatisticName.isPerModel`); nil while it was not asked.
  func model(_ name: String) -> (any StatisticsReader)?

  /// The numbers of the job's own, by name.
  var counters: [(name: String, value: StatisticValue)] { get }
}

extension StatisticsReader {
  public var counters: [(name: String, value: StatisticValue)] { [] }

  public func firstToken(percentile: Double) -> Double? { nil }

  /// A count; 0 where it is unknown.
  public func count(_ name: StatisticName) -> Int {
    if case .integer(let value) = value(of: name) { value } else { 0 }
  }

  /// A number that is no count; nil where it is unknown.
  public func number(_ name: StatisticName) -> Double? {
    if case .number(let value) = value(of: name) { value } else { nil }
  }
}
