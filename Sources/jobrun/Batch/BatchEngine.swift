internal import JobrunModel
internal import JobrunStorage

/// The script of a batch file: each line's body goes out as it stands, and its answer becomes a line of the output.
@Loop
final class BatchEngine: ScriptEngine {
  /// What all lines of a file have in common: one address and one form.
  struct Kind: Equatable {
    var form: BatchLine.Form
    var api: WireAPI

    init(form: BatchLine.Form = .openAI, api: WireAPI = .chat) {
      self.form = form
      self.api = api
    }

    init(_ line: BatchLine) { self.init(form: line.form, api: line.api) }

    var described: String {
      form == .anthropic ? "`params` (Anthropic's form)" : "the url \"/v1\(api.path)\""
    }
  }

  weak var control: (any RunControl)?
  let packSize: Int? = nil
  let hasTick = false
  let files: [(name: String, contents: [UInt8])] = []

  private struct Running {
    var customID: String
    var line: Int
    var index: Int
  }

  private let kind: Kind
  private let notify: @Loop (String) -> Void
  private var running: [Running] = []
  private var free: [Int] = []
  /// The rows of failed items, by their indices, until the sink takes them.
  private var rows: [Int: [UInt8]] = [:]
  /// Of each custom_id its hash of 64 bits, and its line: the only memory that grows with the file.
  private var lineOfHash: [Int: UInt32] = [:]
  private var faults = 0
  private static let mostFaults = 10

  /// - Parameter notify: Told of the first lines that cannot be used.
  init(kind: Kind, notify: @escaping @Loop (String) -> Void) {
    self.kind = kind
    self.notify = notify
  }

  /// The line of a failed item for the output.
  func takeRow(of outcome: ItemOutcome) -> [UInt8]? { rows.removeValue(forKey: outcome.record.index) }

  func begin(_ record: ItemRecord) -> (item: ScriptItem, step: ScriptStep) {
    let line: BatchLine
    do throws(BatchFault) {
      line = try BatchLine(record)
      try check(line, of: record)
    } catch {
      let id = error.customID.map { ItemID.string($0) } ?? .integer(record.index)
      rows[record.index] = BatchAnswerLine.encode(
        code: ErrorClass.badInput.rawValue, message: error.reason, customID: error.customID, line: record.line,
        form: kind.form)
      tell(error)
      return (ScriptItem(slot: -1, id: id), .finished(.failed(ItemFailure(.badInput, message: error.reason))))
    }
    let slot = take(Running(customID: line.customID, line: record.line, index: record.index))
    let request = ChatRequest(body: line.body, model: line.model, maximumOutputTokens: line.maximumOutputTokens)
    return (ScriptItem(slot: slot, id: .string(line.customID)), .call(request))
  }

  private func check(_ line: BatchLine, of record: ItemRecord) throws(BatchFault) {
    let number = UInt32(clamping: record.line)
    if let first = lineOfHash.updateValue(number, forKey: line.customID.hashValue) {
      lineOfHash[line.customID.hashValue] = first
      throw BatchFault(
        reason: "line \(record.line): custom_id: \"\(line.customID)\" stands on line \(first), too",
        customID: line.customID)
    }
    guard Kind(line) == kind else {
      throw BatchFault(
        reason: "line \(record.line): it has \(Kind(line).described), the file's first request \(kind.described)",
        customID: line.customID)
    }
  }

  private func tell(_ fault: BatchFault) {
    faults += 1
    if faults <= Self.mostFaults { notify(fault.reason) }
    if faults == Self.mostFaults + 1 { notify("more lines like these are in the output") }
  }

  private func take(_ item: Running) -> Int {
    guard let slot = free.popLast() else {
      running.append(item)
      return running.count - 1
    }
    running[slot] = item
    return slot
  }

  func resume(_ item: ScriptItem, with result: Result<Answer, AttemptError>) -> ScriptStep {
    let request = running[item.slot]
    free.append(item.slot)
    switch result {
    case .success(let answer):
      let row = BatchAnswerLine.encode(answer, customID: request.customID, line: request.line, form: kind.form)
      return .finished(.ok(rows: [row]))
    case .failure(let error):
      rows[request.index] = BatchAnswerLine.encode(
        error, customID: request.customID, line: request.line, form: kind.form)
      return .finished(.failed(ItemFailure(error)))
    }
  }

  func abandon(_ item: ScriptItem) { free.append(item.slot) }

  // MARK: What batch files do not have

  func beginSetup() -> (item: ScriptItem, step: ScriptStep)? { nil }

  func begin(pack records: [ItemRecord]) -> (item: ScriptItem, ids: [ItemID], step: ScriptStep) {
    (ScriptItem(slot: -1, id: .integer(0)), [], .finished(.unfinished))
  }

  func wake(_ item: ScriptItem) -> ScriptStep { .finished(.unfinished) }

  func tick() throws(RunError) {}

  func beginFinish() -> (item: ScriptItem, step: ScriptStep)? { nil }
}
