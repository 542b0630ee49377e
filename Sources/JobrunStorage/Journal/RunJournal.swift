public import JobrunModel

/// A run's journal: it collects on the loop what is to be kept, and has it committed in groups.
///
/// While a commit is under way the next group gathers; so commits are as large as the disk is slow, and nobody waits
/// longer than for two of them. An answer's `store` returns when its commit has.
@Loop
public final class RunJournal: AnswerJournal {
  /// What a run may do with the journal.
  public enum Mode: Sendable {
    /// Answers from the journal, and requests for the rest.
    case normal
    /// Answers from the journal only.
    case offline
    /// Requests only for the items that failed; the others keep their answers, whatever their requests are now.
    case failedOnly
  }

  /// How long a group waits for more, as a share of the usual latency; below a fifth of a millisecond it is not worth it.
  private static let lingerShare = 0.003
  private static let shortestLinger = Duration.microseconds(200)
  private static let longestLinger = Duration.milliseconds(20)
  /// How often notes are committed that no answer took along.
  private static let noteInterval = Duration.milliseconds(100)
  /// How long a full disk is waited for, and how often it is tried meanwhile.
  private static let patience = Duration.seconds(60)
  private static let retryInterval = Duration.seconds(1)

  public let sharesAnswers: Bool
  public var blocked: (@Loop (Bool) -> Void)?
  public var spentBefore: Spending { file.past.spent }
  public var hasUnclaimed: Bool { file.past.answers > 0 && (sharesAnswers || reused < file.past.answers) }
  private let mode: Mode
  private let file: JournalFile
  private let reader: JournalReader
  private let writer: JournalWriter
  private let hash = JournalHash()
  private let clock: any MonotonicClock
  private let notify: @Loop (String) -> Void
  private var batch = JournalBatch()
  private var waiters: [UnsafeContinuation<RunError?, Never>] = []
  /// Requests in flight, and their items beside them.
  private var open: [SentRequest] = []
  private var openItems: [Int] = []
  /// By requests that have ended.
  private var spent = Spending()
  /// Requests began or ended since the last commit.
  private var hasNews = false
  private let wakeUps = LoopSemaphore(permits: 0)
  private var isAwake = false
  private var hasEnded = false
  private var isPatient = true
  private var failure: RunError?
  private var latency = 0.0
  /// By its content the run in which an item failed last.
  private var failedItems: [Int64: Int64] = [:]
  /// Who of the failed items with the same content asks, by its index.
  private var buyers: [Int64: Int] = [:]

  /// - Parameters:
  ///   - file: An opened journal.
  ///   - notify: Tells the user of trouble that may pass.
  public init(
    _ file: JournalFile, mode: Mode, clock: any MonotonicClock, notify: @escaping @Loop (String) -> Void
  ) throws(RunError) {
    self.file = file
    self.mode = mode
    self.clock = clock
    self.notify = notify
    sharesAnswers = file.sharesAnswers
    reader = file.reader
    writer = file.writer
    if mode == .failedOnly { failedItems = try file.itemsThatFailed() }
  }

  // MARK: Claims

  public func identity(of body: [UInt8], scope: String) -> RequestIdentity {
    hash.identity(of: body, scope: scope)
  }

  public func reference(to record: ItemRecord, id: ItemID) -> ItemReference {
    ItemReference(id: id, index: record.index, content: hash.content(of: record))
  }

  public func reference(toPack records: [ItemRecord], id: ItemID) -> ItemReference {
    if records.count == 1, let record = records.first { return reference(to: record, id: id) }
    let contents = records.map { hash.content(of: $0) }
    let content = hash.content(of: contents)
    // A pack is asked again where one of its items failed.
    if mode == .failedOnly { failedItems[content] = contents.compactMap { failedItems[$0] }.max() }
    return ItemReference(id: id, index: records.first?.index ?? 0, content: content)
  }

  public func claim(_ identities: [RequestIdentity], for item: ItemReference) throws(RunError) -> JournalClaim {
    guard mode == .failedOnly, let failedIn = failedItems[item.content] else {
      if let exact = try exact(identities) { return .answer(exact) }
      switch mode {
      case .normal: return .none
      case .offline: return .withheld
      case .failedOnly: return try ofItem(item) ?? .withheld
      }
    }
    if try reader.hasAnswer(toContent: item.content, after: failedIn) {
      // A run that did not come to its end has asked again: what it bought is used, whatever the requests are now.
      if let exact = try exact(identities) { return .answer(exact) }
      return try ofItem(item) ?? .none
    }
    // Bought once for all that are the same: by the first of them, as often as it asks.
    if sharesAnswers, let buyer = buyers[item.content], buyer != item.index {
      for identity in identities { if let exact = try reader.share(identity) { return .answer(exact) } }
    } else {
      buyers[item.content] = item.index
    }
    return .none
  }

  private func exact(_ identities: [RequestIdentity]) throws(RunError) -> StoredAnswer? {
    for identity in identities {
      if let exact = sharesAnswers ? try reader.share(identity) : try reader.claim(identity) { return exact }
    }
    return nil
  }

  /// What the item has for this one of its requests, whatever it asked then. What has no content, such as the calls of
  /// `setup`, is no item that could be told from another.
  private func ofItem(_ item: ItemReference) throws(RunError) -> JournalClaim? {
    if item.content == 0 { return nil }
    return try reader.claim(request: item.request, ofContent: item.content).map { .answer($0) }
  }

  /// Answers of earlier runs that were used.
  public var reused: Int { reader.claimCount }

  // MARK: Notes

  public func sent(_ identity: RequestIdentity, model: String, for item: ItemReference) -> SentRequest {
    let request = SentRequest(identity: identity, model: model, item: item, place: open.count)
    open.append(request)
    openItems.append(item.index)
    hasNews = true
    return request
  }

  /// The place of a request that another program sent.
  static let neverSent = -1

  /// The request is in flight no longer.
  private func end(_ request: SentRequest) {
    guard request.place != Self.neverSent, let last = open.popLast() else { return }
    openItems.removeLast()
    if last !== request {
      open[request.place] = last
      openItems[request.place] = last.item.index
      last.place = request.place
    }
    hasNews = true
  }

  public func failed(_ request: SentRequest, _ error: AttemptError) {
    end(request)
    spent += request.charge ?? Spending(requests: error.dispatched == .no ? 0 : 1)
    guard error.mayBeBilled || (200..<300).contains(error.status) else { return }
    batch.failedTries.append(JournalBatch.FailedTry(request: request, error: error, endedAt: WallTime.milliseconds))
    wake()
  }

  public func itemFailed(_ item: ItemReference, _ failure: ItemFailure) {
    batch.failedItems.append(JournalBatch.FailedItem(item: item, failure: failure))
  }

  public func store(_ answer: Answer, to request: SentRequest) async throws(RunError) {
    if let failure { throw failure }
    end(request)
    spent += request.charge ?? Spending(answer)
    let supersedes = mode == .failedOnly
    batch.answers.append(
      JournalBatch.Stored(
        request: request, answer: answer, receivedAt: WallTime.milliseconds, supersedes: supersedes))
    latency += (answer.latency.seconds - latency) / 16
    wake()
    if let error = await withUnsafeContinuation({ waiters.append($0) }) { throw error }
  }

  // MARK: Commits

  private func wake() {
    guard !isAwake else { return }
    isAwake = true
    wakeUps.release()
  }

  public func run() async {
    await withDiscardingTaskGroup { group in
      group.addImmediateTask { @Loop in
        while (try? await self.clock.sleep(for: Self.noteInterval)) != nil {
          if self.hasNews || !self.batch.isEmpty { self.wake() }
        }
      }
      while await wakeUps.acquire() {
        if linger > .zero, !hasEnded { try? await clock.sleep(for: linger) }
        await commit()
      }
      while hasNews || !batch.isEmpty, failure == nil { await commit() }
      group.cancelAll()
    }
  }

  public func giveUp() { isPatient = false }

  public func endNotes() {
    hasEnded = true
    wakeUps.close()
  }

  private var linger: Duration {
    let share = Duration.clamped(seconds: latency * Self.lingerShare)
    return share < Self.shortestLinger ? .zero : min(share, Self.longestLinger)
  }

  /// Commits what has gathered. What gathers meanwhile is for the next.
  private func commit() async {
    isAwake = false
    if hasNews {
      batch.inFlight = openItems
      batch.spent = open.reduce(into: spent) { $0 += $1.charge ?? Spending(requests: 1) }
    }
    hasNews = false
    if !batch.isEmpty, failure == nil {
      let (group, waiting) = (batch, waiters)
      (batch, waiters) = (JournalBatch(), [])
      isAwake = true
      failure = await written(group)
      isAwake = false
      for waiter in waiting { waiter.resume(returning: failure) }
    }
    if let failure {
      for waiter in waiters { waiter.resume(returning: failure) }
      waiters = []
    } else if !waiters.isEmpty {
      wake()
    }
  }

  private func written(_ group: JournalBatch) async -> RunError? {
    var began: MonotonicInstant?
    while let fault = await writer.commit(group) {
      switch fault {
      case .broken(let words):
        return RunError(
          .inputOutput, "cannot write the journal \(file.path): \(words)",
          hint: "\(lost(group)); what is in the journal is whole: mend the disk and run the same command again")
      case .full(let words):
        let start = began ?? clock.now
        if began == nil {
          blocked?(true)
          notify("cannot write the journal \(file.path): \(words); nothing is sent, trying again for 60 s")
        }
        began = start
        if !isPatient || start.duration(to: clock.now) >= Self.patience {
          return RunError(
            .inputOutput, "cannot write the journal \(file.path): \(words)",
            hint: "\(lost(group)); make room on the disk and run the same command again")
        }
        try? await clock.sleep(for: Self.retryInterval)
      }
    }
    if began != nil {
      notify("the journal is written again; going on")
      blocked?(false)
    }
    return nil
  }

  /// The stuck group, and what gathered behind it.
  private func lost(_ group: JournalBatch) -> String {
    let count = group.answers.count + batch.answers.count
    return count == 1 ? "1 answer could not be stored" : "\(count) answers could not be stored"
  }
}
