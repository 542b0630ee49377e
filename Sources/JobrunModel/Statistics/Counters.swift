/// The numbers of a job's own, by their names: made by `jobrun.counter`, shown wherever the run's numbers are.
@Loop
public final class Counters {
  /// More names than these are a mistake, such as one for each item.
  public static let most = 1_000
  /// The longest name, in bytes.
  public static let longestName = 100

  private var names: [String] = []
  private var values: [StatisticValue] = []
  private var places: [String: Int] = [:]

  public nonisolated init() {}

  /// All of them, by name.
  public var all: [(name: String, value: StatisticValue)] {
    zip(names, values).map { ($0, $1) }.sorted { $0.0 < $1.0 }
  }

  /// The place of a counter, which begins at 0 with its first use.
  ///
  /// - Returns: nil where there are too many already.
  public func place(of name: String) -> Int? {
    if let place = places[name] { return place }
    guard names.count < Self.most else { return nil }
    places[name] = names.count
    names.append(name)
    values.append(.integer(0))
    return names.count - 1
  }

  /// Adds a finite number; the sum stays an integer while it can be one, and finite in any case.
  public func add(_ number: StatisticValue, at place: Int) {
    guard values.indices.contains(place) else { return }
    values[place] = Self.sum(values[place], number)
  }

  /// The value of a counter; nil where there is none of this name.
  public func value(of name: String) -> StatisticValue? { places[name].map { values[$0] } }

  nonisolated static func sum(_ a: StatisticValue, _ b: StatisticValue) -> StatisticValue {
    if case .integer(let a) = a, case .integer(let b) = b {
      let (sum, overflow) = a.addingReportingOverflow(b)
      if !overflow { return .integer(sum) }
    }
    let most = Double.greatestFiniteMagnitude
    return .number(max(-most, min(most, a.double + b.double)))
  }
}

extension StatisticValue {
  fileprivate var double: Double {
    switch self {
    case .integer(let value): Double(value)
    case .number(let value): value
    }
  }
}
