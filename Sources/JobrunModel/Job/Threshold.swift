/// A condition on a number of the run, such as `failed = "<1%"`: it is judged at the end.
public struct Threshold: Sendable, Equatable {
  /// What is compared; the raw value is its name in a job file.
  public enum Measure: String, Sendable, CaseIterable {
    case failed, skipped, unfinished, errors, p50, p90, p95, p99, mean, max
    case cost = "cost_usd"
    case requests, retries
    case elapsed = "elapsed_s"
  }

  public enum Comparison: String, Sendable, CaseIterable {
    // The longer first: each is looked for at the text's beginning.
    case atMost = "<="
    case atLeast = ">="
    case below = "<"
    case above = ">"
  }

  /// What the bound is given in. Milliseconds are read as seconds.
  public enum Unit: Sendable, Equatable {
    case count, percent, seconds, dollars
  }

  public let measure: Measure
  public let comparison: Comparison
  /// In `unit`.
  public let bound: Double
  public let unit: Unit
  /// As it was written.
  public let text: String

  /// - Parameter text: An operator, a number, and a unit where the measure has one: `<1%`, `<= 2.5 s`.
  /// - Throws: what would be right.
  public init(_ measure: Measure, _ text: String) throws(Malformed) {
    var rest = text[...].trimmed
    guard let comparison = Comparison.allCases.first(where: { rest.hasPrefix($0.rawValue) }) else {
      throw Malformed(measure, text)
    }
    rest = rest.dropFirst(comparison.rawValue.count).trimmed
    let digits = rest.prefix { $0.isASCII && ($0.isNumber || $0 == ".") }
    guard let number = Double(digits), number.isFinite,
      let (unit, scale) = measure.unit(named: rest.dropFirst(digits.count).trimmed),
      unit != .percent || number <= 100
    else { throw Malformed(measure, text) }
    self.measure = measure
    self.comparison = comparison
    self.unit = unit
    self.text = text
    bound = number * scale
  }

  /// - Parameter value: In the threshold's unit.
  public func holds(for value: Double) -> Bool {
    switch comparison {
    case .atMost: value <= bound
    case .atLeast: value >= bound
    case .below: value < bound
    case .above: value > bound
    }
  }

  /// A text that is no threshold of its measure.
  public struct Malformed: Error, Equatable {
    /// What would be right, and what was given.
    public let message: String

    init(_ measure: Measure, _ text: String) {
      message = "<, <=, > or >= and \(measure.expectation) expected, got \"\(text)\""
    }
  }
}

extension Threshold.Measure {
  /// One line for the reference page and the editor.
  public var meaning: String {
    switch self {
    case .failed: "Items that failed: `\"<1%\"` of the items, or a count such as `\"<10\"`."
    case .skipped: "Items for which no call was wanted: in % of the items, or a count."
    case .unfinished: "Items without an outcome: in % of the items, or a count."
    case .errors: "HTTP tries that failed, in % of all tries."
    case .p50, .p90, .p95, .p99: "A percentile of the latency: `\"<20s\"`, `\"<800ms\"`."
    case .mean: "The mean latency."
    case .max: "The highest latency."
    case .cost: "US dollars spent by the run; every model needs a `price`."
    case .requests: "HTTP requests sent by the run."
    case .retries: "HTTP requests that were not the first of their call."
    case .elapsed: "Seconds that the run took."
    }
  }

  fileprivate var expectation: String {
    switch self {
    case .failed, .skipped, .unfinished: "a number of items, or up to 100 with %, such as \"<1%\","
    case .errors: "a share of up to 100 %, such as \"<5%\","
    case .p50, .p90, .p95, .p99, .mean, .max: "a time in s or ms, such as \"<20s\","
    case .cost: "US dollars, such as \"<5\","
    case .requests, .retries: "a number, such as \"<1000\","
    case .elapsed: "seconds, such as \"<3600\","
    }
  }

  /// What a unit's name means for this measure, and what numbers in it are multiplied by; nil: it has no such unit.
  fileprivate func unit(named name: Substring) -> (Threshold.Unit, scale: Double)? {
    switch (self, name) {
    case (.failed, "%"), (.skipped, "%"), (.unfinished, "%"), (.errors, "%"): (.percent, 1)
    case (.failed, ""), (.skipped, ""), (.unfinished, ""), (.requests, ""), (.retries, ""): (.count, 1)
    case (.p50, "s"), (.p90, "s"), (.p95, "s"), (.p99, "s"), (.mean, "s"), (.max, "s"): (.seconds, 1)
    case (.p50, "ms"), (.p90, "ms"), (.p95, "ms"), (.p99, "ms"), (.mean, "ms"), (.max, "ms"): (.seconds, 1e-3)
    case (.elapsed, ""), (.elapsed, "s"): (.seconds, 1)
    case (.cost, ""): (.dollars, 1)
    default: nil
    }
  }
}

extension Substring {
  fileprivate var trimmed: Substring {
    let end = lastIndex { $0 != " " }.map { index(after: $0) } ?? startIndex
    return self[..<end].drop { $0 == " " }
  }
}
