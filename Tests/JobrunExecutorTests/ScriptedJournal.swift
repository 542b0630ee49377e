import JobrunModel

/// A journal in memory: what it has is what a test gave it, and what was stored since.
@Loop
final class ScriptedJournal: AnswerJournal {
  var sharesAnswers = false
  /// Answers of an earlier run, by request.
  var old: [String: [String]] = [:]
  /// Whether what it has not may be asked.
  var withholds = false
  /// Stores behind so many wait until `commit`.
  var storesAtOnce = Int.max
  var storeError: RunError?
  /// The model that gave the old answers.
  var oldModel = ""
  var blocked: (@Loop (Bool) -> Void)?
  var spentBefore = Spending()
  var hasUnclaimed: Bool { old.values.contains { !$0.isEmpty } }
  /// What each request counted as, when it had ended.
  private(set) var charges: [Spending?] = []
  private(set) var stored: [String] = []
  private(set) var sent: [String] = []
  private(set) var failed: [String] = []
  private(set) var failedItems: [Int] = []
  private(set) var events: [String] = []
  private var bodies: [RequestIdentity: String] = [:]
  private var waiting: [CheckedContinuation<Void, Never>] = []
  private let end = LoopSemaphore(permits: 0)

  var waitingStores: Int { waiting.count }

  func identity(of body: [UInt8], scope: String) -> RequestIdentity {
    let text = String(decoding: body, as: UTF8.self)
    let identity = RequestIdentity(high: UInt64(text) ?? 0, low: UInt64(scope.utf8.count))
    bodies[identity] = text + scope
    return identity
  }

  func reference(to record: ItemRecord, id: ItemID) -> ItemReference {
    ItemReference(id: id, index: record.index, content: Int64(record.index))
  }

  func reference(toPack records: [ItemRecord], id: ItemID) -> ItemReference {
    records.count == 1
      ? reference(to: records[0], id: id) : ItemReference(id: id, index: records.first?.index ?? 0)
  }

  func claim(_ identities: [RequestIdentity], for item: ItemReference) -> JournalClaim {
    let body = bodies[identities[0]]!
    guard var answers = old[body], !answers.isEmpty else { return withholds ? .withheld : .none }
    let text = sharesAnswers ? answers[0] : answers.removeFirst()
    old[body] = answers
    return .answer(
      StoredAnswer(
        status: 200, headers: [], body: Array(text.utf8), latency: .seconds(1), attempts: 2, costUSD: nil,
        model: oldModel))
  }

  func sent(_ identity: RequestIdentity, model: String, for item: ItemReference) -> SentRequest {
    sent.append(bodies[identity]!)
    return SentRequest(identity: identity, model: model, item: item)
  }

  func store(_ answer: Answer, to request: SentRequest) async throws(RunError) {
    if let storeError { throw storeError }
    charges.append(request.charge)
    if stored.count >= storesAtOnce { await withCheckedContinuation { waiting.append($0) } }
    let body = bodies[request.identity]!
    stored.append(body)
    if sharesAnswers { old[body, default: []].append(String(decoding: answer.reply.text, as: UTF8.self)) }
  }

  func commit() {
    storesAtOnce = .max
    for continuation in waiting { continuation.resume() }
    waiting = []
  }

  func failed(_ request: SentRequest, _ error: AttemptError) {
    failed.append(bodies[request.identity]!)
    charges.append(request.charge)
  }

  func itemFailed(_ item: ItemReference, _ failure: ItemFailure) { failedItems.append(item.index) }

  func run() async {
    events.append("run")
    _ = await end.acquire()
    events.append("end")
  }

  func giveUp() { events.append("give up") }

  func endNotes() { end.close() }
}
