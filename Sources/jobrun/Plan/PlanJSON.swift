internal import JobrunModel
internal import JobrunStorage

/// A plan as one line of JSON. What is not known is null.
@Loop
struct PlanJSON {
  let plan: Plan

  var line: String {
    object([
      ("job", StatisticsJSON.quoted(plan.job)), ("input", StatisticsJSON.quoted(plan.input)), ("items", items),
      ("journal", journal), ("requests", number(plan.requests.rounded())),
      ("requests_are_first", "\(plan.isBeginning)"), ("models", models), ("tokens", tokens),
      ("cost_usd", plan.forecast.costUSD.map(number) ?? "null"),
      ("time_s", number(plan.forecast.time.seconds)), ("bound", bound),
      ("latency_s", number(plan.assumption.latency)),
      ("assumed", plan.assumption.isFromJournal ? "\"journal\"" : "\"default\""),
      (
        "first",
        list(
          plan.first.map { object([("index", "\($0.index)"), ("request", String(decoding: $0.body, as: UTF8.self))]) })
      ),
      ("problems", list((plan.faults + plan.tally.notices).map(StatisticsJSON.quoted))),
    ])
  }

  /// `total` and `malformed` are exact, the others scaled up from those `rendered`.
  private var items: String {
    object([
      ("total", "\(plan.items)"), ("malformed", "\(plan.malformed)"), ("rendered", "\(plan.tally.rendered)"),
      ("asking", "\(plan.scaled(plan.tally.asking))"), ("skipped", "\(plan.scaled(plan.tally.skipped))"),
      ("without_request", "\(plan.scaled(plan.tally.withoutRequest))"),
      ("failing", "\(plan.scaled(plan.tally.failing))"),
    ])
  }

  private var journal: String {
    var members = [("path", StatisticsJSON.quoted(plan.journal))]
    switch plan.finding {
    case .absent: members.append(("state", "\"absent\""))
    case .busy: members.append(("state", "\"busy\""))
    case .unreadable: members.append(("state", "\"unreadable\""))
    case .found(let glance):
      members += [
        ("state", "\"found\""), ("answers", "\(glance.answers)"), ("reused", "\(plan.scaled(plan.purchase.reused))"),
      ]
    }
    return object(members)
  }

  private var models: String {
    list(
      plan.loads.map { load in
        object([
          ("model", StatisticsJSON.quoted(load.model)), ("requests", number(load.requests.rounded())),
          ("input_tokens", number(load.inputTokens.rounded())), ("output_tokens", number(load.outputTokens.rounded())),
          ("priced", "\(load.price != nil)"),
        ])
      })
  }

  private var tokens: String {
    object([
      ("input", number(plan.inputTokens.rounded())), ("output", number(plan.outputTokens.rounded())),
      ("output_is_limited", "\(plan.purchase.unlimited == 0)"),
    ])
  }

  private var bound: String {
    switch plan.forecast.time.bound {
    case .rpm(_, let model): object([("limit", "\"rpm\""), ("model", StatisticsJSON.quoted(model))])
    case .tpm(_, let model): object([("limit", "\"tpm\""), ("model", StatisticsJSON.quoted(model))])
    case .itpm(_, let model): object([("limit", "\"itpm\""), ("model", StatisticsJSON.quoted(model))])
    case .otpm(_, let model): object([("limit", "\"otpm\""), ("model", StatisticsJSON.quoted(model))])
    case .concurrency: object([("limit", "\"concurrency\"")])
    }
  }

  private func number(_ value: Double) -> String {
    guard value.isFinite, abs(value) < 1e12 else { return "null" }
    return value == value.rounded() ? "\(Int(value))" : Figures.fixed(value, 6)
  }

  private func object(_ members: [(String, String)]) -> String {
    "{" + members.map { "\"\($0.0)\":\($0.1)" }.joined(separator: ",") + "}"
  }

  private func list(_ elements: [String]) -> String { "[" + elements.joined(separator: ",") + "]" }
}
