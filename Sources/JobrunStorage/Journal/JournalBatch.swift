internal import JobrunModel

/// What is committed together.
struct JournalBatch: Sendable {
  struct Stored: Sendable {
    let request: SentRequest
    let answer: Answer
    let receivedAt: Int64
    /// The item's older answers are no longer to be used.
    var supersedes = false
  }

  struct FailedTry: Sendable {
    let request: SentRequest
    let error: AttemptError
    let endedAt: Int64
  }

  struct FailedItem: Sendable {
    let item: ItemReference
    let failure: ItemFailure
  }

  /// The items whose requests are in flight; nil: they are the same as before.
  var inFlight: [Int]?
  /// What the run has spent so far; written with `inFlight`.
  var spent = Spending()
  var answers: [Stored] = []
  var failedTries: [FailedTry] = []
  var failedItems: [FailedItem] = []

  var isEmpty: Bool { inFlight == nil && answers.isEmpty && failedTries.isEmpty && failedItems.isEmpty }
}
