internal import JobrunModel

/// What the items of a sample lead to.
struct PlanTally {
  /// A request as far as a plan needs it.
  struct Request: Equatable {
    /// Its own, then those of its fallbacks: an answer to any of them counts.
    var identities: [RequestIdentity]
    var model: String
    /// Estimated.
    var inputTokens: Int
    /// Nil where the request does not say.
    var maximumOutput: Int?
  }

  private(set) var rendered = 0
  private(set) var requests: [Request] = []
  /// Items that ask something.
  private(set) var asking = 0
  private(set) var skipped = 0
  /// Items that end with rows of their own, without a request.
  private(set) var withoutRequest = 0
  private(set) var failing = 0
  /// The first few that are skipped or fail, one line each.
  private(set) var notices: [String] = []
  private static let mostNotices = 5

  /// Adds items that begin with these requests.
  mutating func add(_ requests: [Request], items: Int = 1) {
    rendered += items
    asking += items
    self.requests += requests
  }

  /// Adds an item that ended without a request.
  mutating func add(_ result: ItemResult, of record: ItemRecord) {
    rendered += 1
    switch result {
    case .ok: withoutRequest += 1
    case .skipped(let reason):
      skipped += 1
      note(record, "is skipped: \(reason)")
    case .failed(let failure):
      failing += 1
      note(record, "fails: \(failure.errorClass.rawValue): \(failure.message)")
    case .unfinished: break
    }
  }

  private mutating func note(_ record: ItemRecord, _ text: String) {
    guard notices.count < Self.mostNotices else { return }
    notices.append(VisibleText.make("item \(record.index), line \(record.line) \(text)"))
  }
}

/// Which of a sample's requests are bought: those that the journal has no answer to.
struct Purchase: Equatable {
  /// Answered from the journal.
  private(set) var reused = 0
  /// The same as one that is bought, under `dedupe`.
  private(set) var shared = 0
  private(set) var bought: [PlanTally.Request] = []

  /// - Parameters:
  ///   - answers: The journal's answers to each request. Each serves one item, unless they are shared.
  ///   - sharesAnswers: Identical requests share one answer.
  init(_ requests: [PlanTally.Request], answers: [RequestIdentity: Int], sharesAnswers: Bool) {
    var left = answers
    var asked: Set<RequestIdentity> = []
    for request in requests {
      if let identity = request.identities.first(where: { (left[$0] ?? 0) > 0 }) {
        reused += 1
        if !sharesAnswers { left[identity, default: 0] -= 1 }
      } else if sharesAnswers, let identity = request.identities.first, !asked.insert(identity).inserted {
        shared += 1
      } else {
        bought.append(request)
      }
    }
  }

  /// Requests that do not limit their output.
  var unlimited: Int { bought.count { $0.maximumOutput == nil } }

  /// What each model will be asked, in the order in which they come.
  ///
  /// - Parameters:
  ///   - factor: Items of the run for each of the sample.
  ///   - output: Tokens of an answer whose request does not limit them.
  func loads(
    factor: Double, output: Double, limits: (String) -> Limits, price: (String) -> Price?
  ) -> [Forecast.Load] {
    var loads: [Forecast.Load] = []
    for request in bought {
      let place = loads.firstIndex { $0.model == request.model } ?? loads.endIndex
      if place == loads.endIndex {
        loads.append(
          Forecast.Load(
            model: request.model, requests: 0, inputTokens: 0, outputTokens: 0, limits: limits(request.model),
            price: price(request.model)))
      }
      loads[place].requests += factor
      loads[place].inputTokens += factor * Double(request.inputTokens)
      loads[place].outputTokens += factor * (request.maximumOutput.map(Double.init) ?? output)
    }
    return loads
  }
}
