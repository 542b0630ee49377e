internal import JobrunModel
internal import JobrunStorage

/// The journal of a run: opened, and what it holds from before.
@Loop
final class JournalOpening {
  let file: JournalFile
  private let configuration: RunConfiguration
  /// The input's, once it was computed: that reads all of it.
  private var knownDigest: InputDigest?

  private init(file: JournalFile, configuration: RunConfiguration) {
    self.file = file
    self.configuration = configuration
  }

  /// - Parameter path: The job file.
  /// - Throws: `RunError` where another process has the journal, or where it cannot be used.
  static func open(
    _ configuration: RunConfiguration, options: RunOptions, source path: String?
  ) throws(RunError) -> JournalOpening {
    let source = path.flatMap { try? ReadFile.bytes(at: $0, limit: 64 << 20) } ?? []
    var facts = RunFacts(
      version: JobrunCommand.version, job: configuration.spec.path, jobSource: source,
      input: configuration.input.name, output: configuration.output.path)
    facts.itemLimit = configuration.limit
    let file = try JournalFile(
      path: configuration.journal, run: facts, fresh: options.journal.fresh, sharesAnswers: configuration.spec.dedupe)
    return JournalOpening(file: file, configuration: configuration)
  }

  /// The longest input that is read through before a run begins that has answers to reuse: it takes a moment.
  private static let longestRead = 256 << 20

  /// The first line of a run that goes on: what is reused, what is new, what was perhaps billed in vain.
  ///
  /// - Parameter itemsAskOnce: An item has one answer, so that answers tell how many items are new.
  func tell(on console: Console, isQuiet: Bool, itemsAskOnce: Bool) async {
    let past = file.past
    if let path = past.setAside { console.print("the journal is set aside as \(FilePaths.shown(path))") }
    guard !isQuiet else { return }
    if past.answers > 0 { console.print(await reuse(itemsAskOnce: itemsAskOnce)) }
    if past.lost > 0 {
      let requests = past.lost == 1 ? "1 request" : "\(Figures.grouped(past.lost)) requests"
      var cost = ""
      if let mean = past.meanCostUSD { cost = ", about $" + Figures.fixed(mean * Double(past.lost), 4) }
      console.print(
        "the last run died with \(requests) in flight: perhaps billed\(cost), and asked again where still wanted")
    }
    if InputDigest.isStream(configuration.input) {
      console.print("the input is a stream: a later run finds its answers only where it gets the same items again")
    }
  }

  private func reuse(itemsAskOnce: Bool) async -> String {
    let past = file.past
    let answers = past.answers == 1 ? "1 answer" : "\(Figures.grouped(past.answers)) answers"
    var text = "going on: \(answers) to reuse"
    let digest = await digest()
    if itemsAskOnce, let lines = digest?.lines.map({ min($0, configuration.limit ?? .max) }) {
      let (new, left) = (max(0, lines - past.answers), max(0, past.answers - lines))
      text += ", about \(Figures.grouped(new)) of \(Figures.grouped(lines)) items to ask"
      if left > 0 { text += ", \(Figures.grouped(left)) answers left over" }
    }
    var changes: [String] = []
    if !past.isSameJob { changes.append("the job file") }
    if let before = past.inputHash, let digest, digest.sha256 != before { changes.append("the input") }
    if !changes.isEmpty {
      text += "; \(changes.joined(separator: " and ")) changed since: only requests whose bytes changed are asked anew"
    }
    return text
  }

  private func digest() async -> InputDigest? {
    guard let size = InputDigest.size(of: configuration.input), size <= Self.longestRead else { return nil }
    knownDigest = await InputDigest.compute(configuration.input)
    return knownDigest
  }

  /// Notes the input's hash; beside the run, because it may have to read all of it.
  func noteInput() async {
    if knownDigest == nil { knownDigest = await InputDigest.compute(configuration.input) }
    if let knownDigest { file.noteInput(sha256: knownDigest.sha256) }
  }
}
