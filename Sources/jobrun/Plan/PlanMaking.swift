internal import JobrunModel
internal import JobrunScripting
internal import JobrunStorage

/// Makes the plan of a job: reads, renders, looks into the journal. Nothing is sent.
@Loop
struct PlanMaking {
  let opened: OpenedJob
  /// Requests to show.
  let shown: Int
  let console: Console

  private var configuration: RunConfiguration { opened.configuration }

  func plan() async throws(RunError) -> Plan {
    let (engine, source) = try opened.begin()
    var reading = PlanReading(job: opened.job, input: configuration.input, shown: shown)
    let console = console
    try await reading.read(source) { console.draw("counting: \(Figures.grouped($0)) items") }
    console.draw("")
    try reading.render(with: engine, scope: configuration.spec.identityScope)
    return plan(of: reading)
  }

  private func plan(of reading: PlanReading) -> Plan {
    let tally = reading.tally
    let finding = JournalGlance.look(at: configuration.journal, for: Set(tally.requests.flatMap(\.identities)))
    var glance: JournalGlance?
    if case .found(let found) = finding { glance = found }
    let purchase = Purchase(
      tally.requests, answers: glance?.answersByRequest ?? [:], sharesAnswers: configuration.spec.dedupe)
    let allowed = purchase.bought.compactMap(\.maximumOutput)
    let assumption = AnswerAssumption(
      glance, outputTokens: allowed.isEmpty ? nil : allowed.reduce(0) { $0 + Double($1) } / Double(allowed.count))
    let loads = purchase.loads(
      factor: Plan.factor(items: reading.items, malformed: reading.malformed, rendered: tally.rendered),
      output: assumption.outputTokens, limits: { configuration.limits(of: model($0)?.limits) },
      price: { model($0)?.price })
    return Plan(
      job: configuration.spec.name, input: FilePaths.shown(configuration.input.name),
      journal: FilePaths.shown(configuration.journal), items: reading.items, malformed: reading.malformed,
      faults: reading.faults, isBeginning: opened.job.asksAsItGoes, tally: tally, first: reading.first,
      finding: finding,
      purchase: purchase, assumption: assumption, loads: loads,
      forecast: Forecast(loads, concurrency: configuration.concurrency.maximum, latency: assumption.latency))
  }

  private func model(_ key: String) -> ModelSpec? { configuration.spec.models?.first { $0.key == key } }
}
