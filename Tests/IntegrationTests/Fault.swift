import JobrunMock
import Testing

/// A row of the table of faults: what a provider does, and what must come of it.
struct Fault: CustomTestStringConvertible, Sendable {
  var row: Int
  var name: String
  /// What each request meets, by its ordinal; requests behind the list are answered.
  var script: MockScript
  var items = 3
  /// Fields of the job beside the usual ones.
  var job = ""
  var behavior = MockBehavior()
  /// Requests that the provider receives.
  var requests: ClosedRange<Int>
  var status: Int32 = 0
  /// The class of the items that failed.
  var failed: String?
  /// Items that failed; the others are ok, or unfinished where the run ends early.
  var failures = 0
  /// Words on standard error.
  var says: [String] = []

  var testDescription: String { "row \(row): \(name)" }

  /// The first request is answered, then these are played.
  static func later(_ row: Int, _ name: String, _ lists: [MockStep]..., requests: Int) -> Fault {
    Fault(row: row, name: name, script: .scripted([[.answer]] + lists), requests: requests...requests)
  }

  /// Every request meets this.
  static func always(_ row: Int, _ name: String, _ steps: [MockStep], requests: Int) -> Fault {
    Fault(row: row, name: name, script: .perRequest { _ in steps }, requests: requests...requests)
  }

  /// The first request is answered, all others meet this.
  static func fromSecond(_ row: Int, _ name: String, _ steps: [MockStep], requests: Int) -> Fault {
    let script = MockScript.perRequest { $0.ordinal == 1 ? [.answer] : steps }
    return Fault(row: row, name: name, script: script, requests: requests...requests)
  }

  func ends(_ status: Int32, failed errorClass: String? = nil, _ count: Int = 0, says: String...) -> Fault {
    var fault = self
    (fault.status, fault.failed, fault.failures, fault.says) = (status, errorClass, count, says)
    return fault
  }

  /// It depends on the moment whether the fault is met once more.
  var orOneMore: Fault {
    var fault = self
    fault.requests = requests.lowerBound...(requests.upperBound + 1)
    return fault
  }

  func with(job: String = "", items: Int = 3) -> Fault {
    var fault = self
    (fault.job, fault.items) = (job, items)
    return fault
  }
}

extension [MockStep] {
  /// A response with a body in a provider's shape.
  static func status(
    _ status: Int, _ message: String = "said so", type: String = "x", code: String? = nil, headers: MockHeaders = [:]
  ) -> Self {
    [.respond(.error(status: status, headers: headers, message: message, type: type, code: code))]
  }

  /// 429 with this value of `retry-after`.
  static func limited(after value: String, header: String = "retry-after") -> Self {
    .status(429, "Rate limit reached", type: "requests", code: "rate_limit_exceeded", headers: [header: value])
  }

  /// A completion with this in its place.
  static func completion(_ replacing: String, with other: String) -> Self {
    let body = completionBody.replacing(replacing, with: other)
    return [.respond(status: 200, headers: ["content-type": "application/json"], body: body)]
  }

  private static var completionBody: String { String(decoding: MockResponse.completion("fine").body, as: UTF8.self) }
}
