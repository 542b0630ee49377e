internal import JobrunModel
internal import JobrunScripting
internal import JobrunStorage

/// Reads an input through for a plan: counts it, keeps a sample, and renders that.
@Loop
struct PlanReading {
  private(set) var items = 0
  private(set) var malformed = 0
  /// The first few records that are no items.
  private(set) var faults: [String] = []
  private(set) var tally = PlanTally()
  private(set) var first: [Plan.First] = []

  private let identifier: ItemIdentifier
  private let shown: Int
  private var beginning: [ItemRecord] = []
  private var sample = RecordSample()
  private static let mostFaults = 5

  /// - Parameter shown: Requests to show.
  init(job: JobFile, input: InputSpec, shown: Int) {
    identifier = ItemIdentifier(job: job, input: input)
    self.shown = shown
  }

  /// Counts the records. Memory does not depend on their number.
  ///
  /// - Parameter progress: Told now and then how many there are so far.
  mutating func read(_ source: any ItemSource, progress: @Loop (Int) -> Void) async throws(RunError) {
    while let record = try await source.next() {
      items += 1
      if items % 65_536 == 0 { progress(items) }
      do {
        try check(record)
        if beginning.count < shown { beginning.append(record) }
        sample.offer(record)
      } catch {
        malformed += 1
        if faults.count < Self.mostFaults { faults.append(VisibleText.make(error.reason)) }
      }
    }
  }

  /// A line of text and a record of a CSV are items if they could be read; JSON is parsed.
  private func check(_ record: ItemRecord) throws(BadRecord) {
    switch record.content {
    case .text, .columns: return
    case .json, .failedJSON, .malformed: _ = try identifier.id(of: record)
    }
  }

  /// Renders the first records and the sample, in the order of the input.
  ///
  /// - Parameter scope: What tells a model's requests apart beside their bytes.
  mutating func render(with engine: LuaScriptEngine, scope: (String) -> String) throws(RunError) {
    try engine.setupWithoutCalls()
    let sampled = Set(sample.records.map(\.index))
    let others = beginning.filter { !sampled.contains($0.index) }
    for record in (others + sample.records).sorted(by: { $0.index < $1.index }) {
      let (item, step) = engine.begin(record)
      engine.abandon(item)
      if case .call(let request) = step {
        if first.count < shown { first.append(Plan.First(index: record.index, body: request.body)) }
      }
      if sampled.contains(record.index) { add(step, of: record, scope: scope) }
    }
  }

  private mutating func add(_ step: ScriptStep, of record: ItemRecord, scope: (String) -> String) {
    switch step {
    case .finished(let result): tally.add(result, of: record)
    // A hook that waits before its request: what it will be is not known.
    case .sleep, .fork, .wait, .finishedPack, .divided: tally.add(.unfinished, of: record)
    case .call(let request):
      let identities = ([request] + request.fallbacks).map {
        JournalGlance.identity(of: $0.body, scope: scope($0.model))
      }
      tally.add(
        PlanTally.Request(
          identities: identities, model: request.model, inputTokens: PromptTokens.estimate(request.body),
          maximumOutput: request.maximumOutputTokens))
    }
  }
}
