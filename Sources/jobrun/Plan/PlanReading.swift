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
  /// Items that share one request.
  private let packSize: Int
  private var beginning: [[ItemRecord]] = []
  private var sample = RecordSample()
  private static let mostFaults = 5

  /// - Parameter shown: Requests to show.
  init(job: JobFile, input: InputSpec, shown: Int) {
    identifier = ItemIdentifier(job: job, input: input)
    self.shown = shown
    packSize = job.spec.pack ?? 1
  }

  /// Counts the records. Memory does not depend on their number.
  ///
  /// - Parameter progress: Told now and then how many there are so far.
  mutating func read(_ source: any ItemSource, progress: @Loop (Int) -> Void) async throws(RunError) {
    var pack: [ItemRecord] = []
    while let record = try await source.next() {
      items += 1
      if items % 65_536 == 0 { progress(items) }
      do {
        try check(record)
        pack.append(record)
        if pack.count == packSize { take(&pack) }
      } catch {
        malformed += 1
        if faults.count < Self.mostFaults { faults.append(VisibleText.make(error.reason)) }
      }
    }
    if !pack.isEmpty { take(&pack) }
  }

  private mutating func take(_ pack: inout [ItemRecord]) {
    if beginning.count < shown { beginning.append(pack) }
    sample.offer(pack)
    pack.removeAll(keepingCapacity: true)
  }

  /// A line of text and a record of a CSV are items if they could be read; JSON is parsed.
  private func check(_ record: ItemRecord) throws(BadRecord) {
    switch record.content {
    case .text, .columns: return
    case .json, .failedJSON, .malformed: _ = try identifier.id(of: record)
    }
  }

  /// Renders the first records and the sample, in the order of the input. `setup` has run.
  ///
  /// - Parameter scope: What tells a model's requests apart beside their bytes.
  mutating func render(with engine: LuaScriptEngine, scope: (String) -> String) throws(RunError) {
    let sampled = Set(sample.packs.map { $0[0].index })
    let others = beginning.filter { !sampled.contains($0[0].index) }
    for pack in (others + sample.packs).sorted(by: { $0[0].index < $1[0].index }) {
      let (calls, end) = Self.calls(of: pack, with: engine)
      if let request = calls.first, first.count < shown {
        first.append(Plan.First(index: pack[0].index, items: pack.count, body: request.body))
      }
      guard sampled.contains(pack[0].index) else { continue }
      guard calls.isEmpty else {
        tally.add(calls.map { Self.request($0, scope: scope) }, items: pack.count)
        continue
      }
      for record in pack { tally.add(end, of: record) }
    }
  }

  /// The requests with which the items of a pack begin, or how they end without one.
  private static func calls(
    of pack: [ItemRecord], with engine: LuaScriptEngine
  ) -> ([ChatRequest], ItemResult) {
    var (item, step) = engine.begin(pack)
    defer { engine.abandon(item) }
    var naps = 0
    while case .sleep = step, naps < 100 {
      step = engine.wake(item)
      naps += 1
    }
    switch step {
    case .call(let request): return ([request], .unfinished)
    case .fork(let branches): return (branches.compactMap(\.request), .unfinished)
    case .finished(let result): return ([], result)
    // A hook that waits before its request: what it will be is not known.
    case .sleep, .wait, .finishedPack, .divided: return ([], .unfinished)
    }
  }

  private static func request(_ request: ChatRequest, scope: (String) -> String) -> PlanTally.Request {
    let identities = ([request] + request.fallbacks).map {
      JournalGlance.identity(of: $0.body, scope: scope($0.model))
    }
    return PlanTally.Request(
      identities: identities, model: request.model, inputTokens: PromptTokens.estimate(request.body),
      maximumOutput: request.maximumOutputTokens)
  }
}
