internal import JobrunModel
internal import JobrunScripting
internal import JobrunStorage

/// The requests of a job's items, rendered as a run would and not sent.
@Loop
struct JobRequests {
  /// What an item, or a pack, leads to.
  enum Rendered {
    case request(ChatRequest)
    /// It ends without a request.
    case ended(ItemResult)
    /// It waits, or asks several things at once, before there is one request.
    case notAlone
  }

  /// An item; of a pack the first, which its request is called by.
  struct Item {
    var id: ItemID
    /// One, or those of a pack.
    var records: [ItemRecord]
    var rendered: Rendered

    var index: Int { records.first?.index ?? 0 }
  }

  let opened: OpenedJob

  /// - Throws: `RunError` where the job cannot be loaded, or where its requests cannot stand in a batch file.
  init(_ options: RunOptions, console: Console) throws(RunError) {
    opened = try OpenedJob(options, console: console)
    let job = opened.job
    guard job.hasPrompt else {
      throw RunError(
        .job, "\(options.job): the requests of `process` are not known before their answers, so no batch can hold them",
        hint: "a job with `prompt` and `parse` can be exported; run this one with jobrun run")
    }
  }

  /// Renders the items, in the order of the input. `setup` runs before.
  ///
  /// - Returns: How many items there are.
  func each(_ body: (Item) throws(RunError) -> Void) async throws(RunError) -> Int {
    let (engine, source) = try opened.begin()
    var count = 0
    while let record = try await source.next() {
      var records = [record]
      while records.count < engine.packSize ?? 1, let next = try await source.next() { records.append(next) }
      count += records.count
      try render(records, with: engine, body)
    }
    return count
  }

  /// A pack that is divided before it has asked is rendered by halves, as a run does.
  private func render(
    _ records: [ItemRecord], with engine: LuaScriptEngine, _ body: (Item) throws(RunError) -> Void
  ) throws(RunError) {
    let (item, step) = engine.begin(records)
    engine.abandon(item)
    switch step {
    case .call(let request): try body(Item(id: item.id, records: records, rendered: .request(request)))
    case .finished(let result): try body(Item(id: item.id, records: records, rendered: .ended(result)))
    case .finishedPack(let results):
      for (record, result) in zip(records, results) {
        try body(Item(id: item.id, records: [record], rendered: .ended(result)))
      }
    case .divided where records.count > 1:
      let middle = (records.count + 1) / 2
      try render(Array(records[..<middle]), with: engine, body)
      try render(Array(records[middle...]), with: engine, body)
    case .divided, .sleep, .fork, .wait: try body(Item(id: item.id, records: records, rendered: .notAlone))
    }
  }

  // MARK: What a run would make of them

  /// What the journal calls a request to `model`.
  func identity(of request: ChatRequest) -> RequestIdentity {
    JournalGlance.identity(of: request.body, scope: opened.job.spec.identityScope(of: request.model))
  }

  /// The form of the requests to `model`.
  func api(of model: String) -> WireAPI {
    let own = opened.job.spec.models?.first { $0.key == model }
    return EndpointChoice.api(own, opened.configuration, environment: opened.environment)
  }
}
