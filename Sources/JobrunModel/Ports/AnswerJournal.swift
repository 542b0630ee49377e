/// The port to the journal: every answer is in it before a hook sees it, and is never bought again.
///
/// What is noted without waiting reaches the disk with the next commit, in the order in which it was noted.
@Loop
public protocol AnswerJournal: AnyObject {
  /// Identical requests of different items share one answer, during the run and later.
  var sharesAnswers: Bool { get }

  /// What all runs before this one spent, failed tries and what was in flight when one died included.
  var spentBefore: Spending { get }

  /// Whether it may answer more without a request: answers of earlier runs are left that nobody has claimed.
  var hasUnclaimed: Bool { get }

  /// What tells requests apart: the exact bytes.
  ///
  /// - Parameter scope: Told apart as well; empty, unless several models are asked with the same bytes.
  func identity(of body: [UInt8], scope: String) -> RequestIdentity

  func reference(to record: ItemRecord, id: ItemID) -> ItemReference

  /// How the journal names items that share a request, whose first has this id; one alone is named as itself.
  func reference(toPack records: [ItemRecord], id: ItemID) -> ItemReference

  /// Looks for an answer of an earlier run that nobody has claimed yet, and claims it.
  ///
  /// - Parameter identities: The request's and its fallbacks': the first that has an answer counts.
  /// - Throws: `RunError` where the journal cannot be read.
  func claim(_ identities: [RequestIdentity], for item: ItemReference) throws(RunError) -> JournalClaim

  /// Notes that a request goes out; nobody waits for it. What it returns names it when it has ended.
  func sent(_ identity: RequestIdentity, model: String, for item: ItemReference) -> SentRequest

  /// Stores the answer to a request. Returns when it is on the disk.
  ///
  /// - Throws: `RunError` where it could not be stored; the run is to end then.
  func store(_ answer: Answer, to request: SentRequest) async throws(RunError)

  /// Notes that a request ended without an answer.
  func failed(_ request: SentRequest, _ error: AttemptError)

  /// Notes that an item failed, so that a later run can ask just those again.
  func itemFailed(_ item: ItemReference, _ failure: ItemFailure)

  /// Commits what is noted and stored, until `endNotes`. To be run beside the items.
  func run() async

  /// Told when the journal cannot be written for a while, and when it can again: nothing is to be sent meanwhile.
  var blocked: (@Loop (Bool) -> Void)? { get set }

  /// A full disk is waited for no longer: the user wants the end.
  func giveUp()

  /// Nothing will be noted or stored any more.
  func endNotes()
}

/// A request's identity: 128 bits of a SHA-256.
public struct RequestIdentity: Hashable, Sendable {
  public var high: UInt64
  public var low: UInt64

  public init(high: UInt64, low: UInt64) {
    self.high = high
    self.low = low
  }
}

/// A request that went out, as the journal knows it.
@Loop
public final class SentRequest {
  public nonisolated let identity: RequestIdentity
  public nonisolated let model: String
  public nonisolated let item: ItemReference
  /// The journal's place for it while it is in flight.
  public var place: Int
  /// What a budget counts for it: what was reserved, and what it took once it has ended; nil without a budget.
  public var charge: Spending?

  public init(identity: RequestIdentity, model: String, item: ItemReference, place: Int = 0) {
    self.identity = identity
    self.model = model
    self.item = item
    self.place = place
  }
}

/// An item as the journal names it.
public struct ItemReference: Sendable {
  public var id: ItemID
  /// The position in the input, from 1.
  public var index: Int
  /// A hash of the record's content: the item stays the same wherever it stands.
  public var content: Int64
  /// Which of the item's requests it is about, from 1, in the order in which they were made; 0: none of its own.
  public var request = 0

  public init(id: ItemID, index: Int, content: Int64 = 0) {
    self.id = id
    self.index = index
    self.content = content
  }
}

/// What the journal has for a request.
public enum JournalClaim: Sendable {
  case answer(StoredAnswer)
  /// Nothing: it is to be asked.
  case none
  /// Nothing, and this run may not ask it: the item stays unfinished.
  case withheld
}

/// A paid answer as it was stored: nothing in it was parsed again.
public struct StoredAnswer: Sendable {
  public var status: Int
  /// Those of the header lines that are kept, separated by CRLF.
  public var headers: [UInt8]
  public var body: [UInt8]
  public var latency: Duration
  /// HTTP tries it took.
  public var attempts: Int
  public var costUSD: Double?
  /// The model that gave it, as the job called it then.
  public var model: String

  public init(
    status: Int, headers: [UInt8], body: [UInt8], latency: Duration, attempts: Int, costUSD: Double?, model: String
  ) {
    self.model = model
    self.status = status
    self.headers = headers
    self.body = body
    self.latency = latency
    self.attempts = attempts
    self.costUSD = costUSD
  }
}
