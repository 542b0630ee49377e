import JobrunModel
import Testing

@testable import JobrunExecutor

@Suite struct StopRuleTests {
  private var rule = StopRule(
    endpoint: EndpointDescription(name: "acme", host: "acme.test", url: "https://acme.test/v1", keySource: "ACME_KEY"))

  private func error(_ errorClass: ErrorClass, status: Int = 0, code: String? = nil, message: String = "no")
    -> AttemptError
  {
    AttemptError(errorClass, status: status, code: code, message: message, dispatched: status == 0 ? .no : .yes)
  }

  /// What comes of so many failures in a row.
  private func verdicts(_ rule: inout StopRule, _ count: Int, _ error: AttemptError) -> [RunError.Code?] {
    (0..<count).map { _ in rule.judge(error, isFinal: true)?.code }
  }

  @Test(arguments: [(ErrorClass.auth, 401, RunError.Code.authentication), (.quota, 402, .stopped)])
  func
    `before the first success one refusal stops the run`(errorClass: ErrorClass, status: Int, code: RunError.Code)
  {
    var rule = rule
    let verdict = rule.judge(error(errorClass, status: status), isFinal: false)
    #expect(verdict?.code == code)
    #expect(verdict?.message.contains("acme") == true)
    #expect(!rule.isProven)
  }

  @Test func `after a success it takes three in a row`() {
    var rule = rule
    rule.succeededOnce()
    #expect(rule.isProven)
    let refused = error(.auth, status: 401)
    let first = verdicts(&rule, 2, refused)
    #expect(first == [nil, nil])
    rule.succeededOnce()
    let second = verdicts(&rule, 3, refused)
    #expect(second == [nil, nil, .authentication])
  }

  @Test(
    arguments: [
      (ErrorClass.badRequest, 404, nil), (.badRequest, 301, nil), (.network, 0, "dns"), (.network, 0, "tls"),
      (.badResponse, 200, "html"),
    ] as [(ErrorClass, Int, String?)]) func `an endpoint that is none stops the run before the first success only`(
      errorClass: ErrorClass, status: Int, code: String?
    )
  {
    var rule = rule
    let before = rule.judge(error(errorClass, status: status, code: code), isFinal: true)
    #expect(before?.code == .endpointUnusable)
    #expect(before?.hint != nil)
    rule.succeededOnce()
    let after = rule.judge(error(errorClass, status: status, code: code), isFinal: true)
    #expect(after == nil)
  }

  @Test func `five refusals in the same words stop the run, unless it is to go on`() {
    var stopping = rule
    let refused = error(.badRequest, status: 400, message: "temperature is no good")
    let verdicts1 = verdicts(&stopping, 5, refused)
    #expect(verdicts1 == [nil, nil, nil, nil, .endpointUnusable])
    var going = StopRule(endpoint: stopping.endpoint, keepsGoing: true)
    let verdicts2 = verdicts(&going, 20, refused)
    #expect(verdicts2.allSatisfy { $0 == nil })
    #expect(going.isProven)
  }

  @Test func `other words, or a success between, are no such refusals`() {
    var rule = rule
    for number in 0..<20 {
      let verdict = rule.judge(error(.badRequest, status: 400, message: "no \(number / 4)"), isFinal: true)
      #expect(verdict == nil)
    }
    rule.succeededOnce()
    let verdicts = verdicts(&rule, 20, error(.badRequest, status: 400))
    #expect(verdicts.allSatisfy { $0 == nil })
  }

  @Test(arguments: [ErrorClass.contentFilter, .contextLength, .truncated])
  func
    `an item that is refused for what it says proves the endpoint`(errorClass: ErrorClass)
  {
    var rule = rule
    let verdict = rule.judge(error(errorClass, status: 400), isFinal: true)
    #expect(verdict == nil)
    #expect(rule.isProven)
  }

  @Test(arguments: [ErrorClass.rateLimit, .overloaded, .server, .timeout])
  func
    `what passes neither stops the run nor proves the endpoint`(errorClass: ErrorClass)
  {
    var rule = rule
    let verdicts = verdicts(&rule, 50, error(errorClass, status: 500))
    #expect(verdicts.allSatisfy { $0 == nil })
    #expect(!rule.isProven)
  }

  @Test func `a network failure that is tried again is no reason yet`() {
    var rule = rule
    let verdict = rule.judge(error(.network, code: "connect"), isFinal: false)
    #expect(verdict == nil)
  }
}
