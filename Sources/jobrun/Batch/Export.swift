internal import JobrunModel
internal import JobrunScripting
internal import JobrunStorage

/// Writes what a job has to ask into batch files.
@Loop
struct Export {
  let requests: JobRequests
  let files: BatchFiles
  let maxMB: Int
  /// Also what the journal has an answer to.
  let takesAll: Bool

  func run() async throws(RunError) -> ExportTally {
    var tally = ExportTally(name: requests.opened.job.spec.name)
    var answers = takesAll ? [:] : try JournalGlance.answerCounts(at: requests.opened.configuration.journal)
    // Under `dedupe` an answer serves all that ask the same, and is asked for once.
    let shares = requests.opened.job.spec.dedupe
    var asked: Set<RequestIdentity> = []
    tally.items = try await requests.each { (item) throws(RunError) in
      guard case .request(let request) = item.rendered else { return tally.add(item) }
      let identity = requests.identity(of: request)
      let identities = [identity] + request.fallbacks.map { requests.identity(of: $0) }
      if let answered = identities.first(where: { (answers[$0] ?? 0) > 0 }) {
        if !shares { answers[answered, default: 0] -= 1 }
        tally.answered += 1
        return
      }
      if shares, !asked.insert(identity).inserted {
        tally.shared += 1
        return
      }
      let api = requests.api(of: request.model)
      let id = ExportedID(index: item.index, identity: identity).text
      let line = BatchRequestLine.encode(request.body, customID: id, api: api)
      guard try files.add(line, model: request.model, api: api) else {
        return tally.fail(item, "its request is larger than the \(maxMB) MB of a file")
      }
    }
    tally.files = try files.finish()
    return tally
  }
}

/// What an export led to.
struct ExportTally {
  var name: String
  var items = 0
  var files: [BatchFiles.Written] = []
  /// Left out, because the journal has an answer, or because another item asks the same under `dedupe`.
  var answered = 0
  var shared = 0
  private(set) var skipped = 0
  private(set) var withoutRequest = 0
  private(set) var failed = 0
  /// The first few that are not in a file, one line each.
  private var notices: [String] = []
  private static let mostNotices = 10

  init(name: String) { self.name = name }

  /// Adds an item that has no request.
  mutating func add(_ item: JobRequests.Item) {
    switch item.rendered {
    case .request: break
    case .ended(.ok): withoutRequest += item.records.count
    case .ended(.skipped(let reason)):
      skipped += item.records.count
      note(item, "is skipped: \(reason)")
    case .ended(.failed(let failure)): fail(item, "\(failure.errorClass.rawValue): \(failure.message)")
    case .ended(.unfinished), .notAlone: fail(item, "it waits, or asks several things at once, before its request")
    }
  }

  mutating func fail(_ item: JobRequests.Item, _ reason: String) {
    failed += item.records.count
    note(item, "fails: \(reason)")
  }

  private mutating func note(_ item: JobRequests.Item, _ text: String) {
    guard notices.count < Self.mostNotices else { return }
    notices.append("item \(item.index), line \(item.records.first?.line ?? 0) \(text)")
  }

  /// For a person.
  var lines: [String] {
    let parts = [
      (answered, "answered in the journal"), (shared, "the same as another (dedupe)"), (skipped, "skipped"),
      (withoutRequest, "without a request"), (failed, "failed"),
    ].filter { $0.0 > 0 }.map { "\(Figures.grouped($0.0)) \($0.1)" }
    let written = files.reduce(0) { $0 + $1.lines }
    let requests = written == 1 ? "1 request" : "\(Figures.grouped(written)) requests"
    let head = "\(name): \(requests) of \(Figures.grouped(items)) items"
    return [head + (parts.isEmpty ? "" : "; " + parts.joined(separator: ", "))]
      + notices.map { "  " + $0 }
      + files.map {
        "  \(FilePaths.shown($0.path))  \(Figures.grouped($0.lines)) lines, \(Figures.grouped($0.bytes)) bytes, \($0.model)"
      } + (files.isEmpty ? ["  there is nothing to ask: no file is written"] : [])
  }
}
