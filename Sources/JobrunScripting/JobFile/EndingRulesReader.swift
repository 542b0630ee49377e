import JobrunModel
import LuaBridge

/// Reads what ends a run, or judges its end: `budget`, `accept`, `thresholds`. What has the wrong type is passed over.
struct EndingRulesReader {
  private(set) var problems: [JobProblem] = []

  /// - Parameter spec: With the models read already: where dollars count, each needs a price.
  mutating func read(_ job: LuaTableValue, into spec: inout JobSpec) {
    if let budget = Self.budget(job["budget"]) {
      spec.budget = budget
      if job["budget"]?.table?.entries.isEmpty == true {
        let names = BudgetLimits.Kind.allCases.map(\.rawValue).joined(separator: ", ")
        note("at least one of \(names) expected", at: .job.appending("budget"))
      }
      if budget.usd != nil { wantPrices(of: spec.models, for: .job.appending("budget").appending("usd")) }
    }
    if let accept = job["accept"]?.wholeNumber, accept > 0 { spec.accept = accept }
    spec.thresholds = thresholds(job["thresholds"])
    if spec.thresholds.contains(where: { $0.measure == .cost }) {
      wantPrices(
        of: spec.models, for: .job.appending("thresholds").appending(Threshold.Measure.cost.rawValue))
    }
  }

  /// Nil where there is no such table.
  static func budget(_ value: LuaValue?) -> BudgetLimits? {
    guard let table = value?.table else { return nil }
    var budget = BudgetLimits()
    for kind in BudgetLimits.Kind.allCases {
      if let limit = table[kind.rawValue]?.number, limit > 0, limit.isFinite { budget[kind] = limit }
    }
    return budget
  }

  private mutating func thresholds(_ value: LuaValue?) -> [Threshold] {
    var thresholds: [Threshold] = []
    for measure in Threshold.Measure.allCases {
      guard let text = value?.table?[measure.rawValue]?.text, !text.isEmpty else { continue }
      do throws(Threshold.Malformed) {
        thresholds.append(try Threshold(measure, text))
      } catch {
        note(error.message, at: .job.appending("thresholds").appending(measure.rawValue))
      }
    }
    return thresholds
  }

  private mutating func wantPrices(of models: [ModelSpec]?, for path: FieldPath) {
    guard let models else {
      return note("`models` with a `price` each expected: nothing else says what an answer costs", at: path)
    }
    for model in models where model.price == nil {
      note("a `price` expected: `\(path)` counts US dollars", at: .job.appending("models").appending(model.key))
    }
  }

  private mutating func note(_ message: String, at path: FieldPath) {
    problems.append(JobProblem(path: path, message: message))
  }
}
