internal import JobrunModel
internal import JobrunScripting
internal import JobrunStorage

/// What `--strict` looks for before the first request: records that are no items, and ids that come twice.
///
/// Of each id its hash of 64 bits and its line are kept: 16 to 32 bytes an item, the only memory that grows with the
/// input. Among 10 million ids two different ones have the same hash in one of 370,000 runs.
@Loop
struct InputCheck {
  /// Sentences about the first few of something, and how many there are.
  private struct Findings {
    private(set) var count = 0
    private var first: [String] = []

    mutating func add(_ sentence: @autoclosure () -> String) {
      count += 1
      if first.count < 10 { first.append(VisibleText.make(sentence())) }
    }

    var lines: [String] {
      count > first.count ? first + ["… and \(Figures.grouped(count - first.count)) more like these"] : first
    }
  }

  private let identifier: ItemIdentifier
  private var items = 0
  private var malformed = Findings()
  private var repeated = Findings()
  private var lineOfHash: [Int: UInt32] = [:]

  /// Reads the whole input through, whatever part of it the run will take.
  ///
  /// - Throws: `.badInput` with what was found, `.usage` where the input cannot be read a second time.
  static func run(_ input: InputSpec, of job: JobFile) async throws(RunError) {
    let path = FilePaths.shown(input.name)
    let onlyOnce = RunError(
      .usage,
      "--strict reads the input twice, and \(input.path == "-" ? "standard input" : path) can be read only once",
      hint: "write it into a file first, or leave --strict out: a bad line then fails alone")
    guard input.isRepeatable else { throw onlyOnce }
    let source = try InputOpener.source(for: input)
    if input.origin == .file, source.bytesTotal == nil { throw onlyOnce }
    var check = InputCheck(identifier: ItemIdentifier(job: job, input: input))
    while let record = try await source.next() { check.take(record) }
    try check.end(path)
  }

  private init(identifier: ItemIdentifier) { self.identifier = identifier }

  private mutating func take(_ record: ItemRecord) {
    items += 1
    do {
      note(try identifier.id(of: record), of: record)
    } catch {
      malformed.add(error.reason)
    }
  }

  private mutating func note(_ id: ItemID, of record: ItemRecord) {
    // Lines of text that are named by their indices cannot have a name twice.
    if case .text = record.content, id == .integer(record.index) { return }
    let line = UInt32(clamping: record.line)
    if let first = lineOfHash.updateValue(line, forKey: id.hashValue) {
      lineOfHash[id.hashValue] = first
      repeated.add("line \(record.line): the id \(Self.shown(id)) stands on line \(first), too")
    }
  }

  private func end(_ path: String) throws(RunError) {
    var faults: [String] = []
    if malformed.count > 0 { faults.append("\(Figures.grouped(malformed.count)) cannot be read") }
    if repeated.count > 0 {
      faults.append(
        "\(Figures.grouped(repeated.count)) \(repeated.count == 1 ? "has" : "have") the id of an earlier one")
    }
    if faults.isEmpty { return }
    let lines = malformed.lines + repeated.lines + ["nothing was sent (--strict)"]
    throw RunError(
      .badInput,
      "\(path) (\(items == 1 ? "1 item" : "\(Figures.grouped(items)) items")): \(faults.joined(separator: ", "))",
      hint: lines.joined(separator: "\n"))
  }

  private static func shown(_ id: ItemID) -> String {
    guard case .string(let text) = id else { return "\(id)" }
    return text.count > 80 ? "\"\(text.prefix(80))…\"" : "\"\(text)\""
  }
}
