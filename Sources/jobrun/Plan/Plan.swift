internal import JobrunModel
internal import JobrunStorage

/// What is known of a run before it: the items, what is asked, and what that costs.
struct Plan {
  /// A request as it will go out.
  struct First: Equatable {
    var index: Int
    /// Items that share it.
    var items = 1
    var body: [UInt8]
  }

  var job: String
  var input: String
  /// The journal's path.
  var journal: String
  var items: Int
  /// Records that are no items, and what is the matter with the first few.
  var malformed: Int
  var faults: [String]
  /// The items ask as they go: only the requests with which they begin are known.
  var isBeginning: Bool
  var tally: PlanTally
  var first: [First]
  var finding: JournalGlance.Finding
  var purchase: Purchase
  var assumption: AnswerAssumption
  var loads: [Forecast.Load]
  var forecast: Forecast

  /// Items of the run for each that was rendered.
  static func factor(items: Int, malformed: Int, rendered: Int) -> Double {
    rendered == 0 ? 0 : Double(items - malformed) / Double(rendered)
  }

  /// Every item was rendered: the counts are exact.
  var isExact: Bool { tally.rendered == items - malformed }

  /// A count of the sample for the whole run.
  func scaled(_ count: Int) -> Int {
    Int((Double(count) * Self.factor(items: items, malformed: malformed, rendered: tally.rendered)).rounded())
  }

  /// Some items will fail whatever the answers are.
  var hasFailures: Bool { malformed + tally.failing > 0 }

  var requests: Double { loads.reduce(0) { $0 + $1.requests } }
  var inputTokens: Double { loads.reduce(0) { $0 + $1.inputTokens } }
  var outputTokens: Double { loads.reduce(0) { $0 + $1.outputTokens } }
}
