internal import JobrunModel
internal import JobrunStorage

/// A plan as a person reads it.
struct PlanText {
  let plan: Plan
  /// Bytes of a request that are shown.
  private static let longest = 2_000

  var lines: [String] {
    var lines = ["\(plan.job): \(count(plan.items, "item")) in \(plan.input)"]
    lines.append(row("items", items))
    lines += (plan.faults + plan.tally.notices).map { row("", $0) }
    lines.append(row("journal", journal))
    lines.append(row("requests", requests))
    if plan.isBeginning {
      lines.append(
        row("", "`process` asks as it goes: these are the requests that its items begin with, a run makes more"))
    }
    if !plan.loads.isEmpty {
      lines += [row("tokens", input), row("", output), row("cost", cost), row("time", time), row("", otherTimes)]
    }
    for request in plan.first {
      let items = request.items == 1 ? "" : " to \(request.index + request.items - 1)"
      lines += ["", "item \(request.index)\(items), \(count(request.body.count, "byte")):", shown(request.body)]
    }
    return lines
  }

  private var items: String {
    let counts = [
      (plan.scaled(plan.tally.asking), "with a request"), (plan.scaled(plan.tally.skipped), "skipped"),
      (plan.scaled(plan.tally.withoutRequest), "without a request"), (plan.scaled(plan.tally.failing), "will fail"),
    ].filter { $0.0 > 0 || $0.1 == "with a request" }.map { "\(about)\(Figures.grouped($0.0)) \($0.1)" }
    let malformed = plan.malformed > 0 ? ["\(Figures.grouped(plan.malformed)) cannot be read"] : []
    let sample = plan.isExact ? "" : " (\(Figures.grouped(plan.tally.rendered)) were rendered)"
    return (counts + malformed).joined(separator: ", ") + sample
  }

  private var journal: String {
    switch plan.finding {
    case .absent: "none yet (\(plan.journal))"
    case .busy(let holder): "in use by \(holder): what it has is not counted here"
    case .unreadable(let reason): "cannot be read: \(reason) (\(plan.journal))"
    case .found(let glance):
      "\(count(glance.answers, "answer"))"
        + "; \(about)\(Figures.grouped(plan.scaled(plan.purchase.reused))) will be used again"
        + " (\(plan.journal))"
    }
  }

  private var requests: String {
    if plan.loads.isEmpty { return "none to send" }
    let models = plan.loads.map { "\(figure($0.requests)) to \($0.model)" }
    let shared = plan.scaled(plan.purchase.shared)
    return about + models.joined(separator: ", ")
      + (shared > 0 ? "; \(about)\(Figures.grouped(shared)) more have the same bytes (dedupe)" : "")
  }

  private var input: String {
    "in: about \(figure(plan.inputTokens)), \(figure(plan.inputTokens / plan.requests)) a request"
  }

  private var output: String {
    let total = figure(plan.outputTokens)
    let unlimited = plan.purchase.unlimited
    if unlimited == 0 { return "out: at most \(about)\(total) (max_tokens)" }
    let each = figure(plan.assumption.outputTokens)
    let source = plan.assumption.isFromJournal ? "\(each) each, as in the journal" : "\(each) each assumed"
    let which = unlimited == plan.purchase.bought.count ? "no max_tokens" : "some without max_tokens"
    return "out: not known (\(which)); about \(total) with \(source)"
  }

  private var cost: String {
    let without = plan.forecast.unpriced.joined(separator: ", ")
    let hint = "no price for \(without) (`price` in the job's `models`)"
    guard let cost = plan.forecast.costUSD else { return "not known: \(hint)" }
    let bound = plan.purchase.unlimited == 0 ? "at most about" : "about"
    return "\(bound) $" + Figures.fixed(min(cost, 1e12), 4) + (without.isEmpty ? "" : "; \(hint)")
  }

  private var time: String {
    "about \(Figures.time(plan.forecast.time.seconds)): \(text(plan.forecast.time.bound)) binds"
  }

  /// The bounds that do not bind, and the latency that was assumed.
  private var otherTimes: String {
    let others = plan.forecast.times.dropFirst().map { "\(text($0.bound)) \(Figures.time($0.seconds))" }
    let latency =
      "\(Figures.time(plan.assumption.latency)) a request \(plan.assumption.isFromJournal ? "as in the journal" : "assumed")"
    return (others.isEmpty ? "" : "alone: \(others.joined(separator: ", ")); ") + latency
  }

  private func text(_ bound: Forecast.Bound) -> String {
    switch bound {
    case .rpm(let limit, let model): "RPM \(Figures.rate(limit)) of \(model)"
    case .tpm(let limit, let model): "TPM \(Figures.rate(limit)) of \(model)"
    case .itpm(let limit, let model): "ITPM \(Figures.rate(limit)) of \(model)"
    case .otpm(let limit, let model): "OTPM \(Figures.rate(limit)) of \(model)"
    case .concurrency(let count): "concurrency \(count)"
    }
  }

  private func shown(_ body: [UInt8]) -> String {
    guard body.count > Self.longest else { return String(decoding: body, as: UTF8.self) }
    return String(decoding: body.prefix(Self.longest), as: UTF8.self) + "… (cut)"
  }

  private var about: String { plan.isExact ? "" : "about " }

  private func figure(_ number: Double) -> String { number < 1e15 ? Figures.grouped(Int(number.rounded())) : "?" }

  private func count(_ number: Int, _ what: String) -> String {
    number == 1 ? "1 \(what)" : "\(Figures.grouped(number)) \(what)s"
  }

  private func row(_ label: String, _ text: String) -> String {
    "  " + label + String(repeating: " ", count: max(1, 10 - label.count)) + text
  }
}
