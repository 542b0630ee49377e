import JobrunModel
import Testing

@testable import JobrunExecutor

@Suite struct FailureJudgementTests {
  private func error(
    _ errorClass: ErrorClass, status: Int = 0, code: String? = nil, _ dispatched: Dispatched = .yes,
    message: String = ""
  ) -> AttemptError {
    AttemptError(errorClass, status: status, code: code, message: message, dispatched: dispatched)
  }

  @Test func `overloads and broken connections are bad, and cost double where they may be billed`() {
    #expect(FailureJudgement.outcome(of: error(.overloaded, status: 503)) == .bad(cost: 5))
    #expect(FailureJudgement.outcome(of: error(.server, status: 500)) == .bad(cost: 5))
    #expect(FailureJudgement.outcome(of: error(.network, code: "connect", .no)) == .bad(cost: 5))
    #expect(FailureJudgement.outcome(of: error(.network, code: "reset", .maybe)) == .bad(cost: 10))
    #expect(FailureJudgement.outcome(of: error(.timeout, .maybe)) == .bad(cost: 10))
  }

  @Test(arguments: ["cancelled", "suspended", "stale_connection"]) func `what is our own doing says nothing`(
    code: String
  ) {
    #expect(FailureJudgement.outcome(of: error(.network, code: code, .maybe)) == .neutral)
  }

  @Test(arguments: ErrorClass.allCases) func `only the provider's failures count against it`(errorClass: ErrorClass) {
    let isBad = [.overloaded, .server, .timeout, .network].contains(errorClass)
    #expect((FailureJudgement.outcome(of: error(errorClass)) != .neutral) == isBad)
  }

  @Test func `fewer requests at once would help against overloads, time-outs and refused connections`() {
    #expect(FailureJudgement.isOverload(error(.overloaded, status: 529)))
    #expect(FailureJudgement.isOverload(error(.timeout)))
    for code in ["connect", "reset", "closed"] {
      #expect(FailureJudgement.isOverload(error(.network, code: code)))
    }
    #expect(!FailureJudgement.isOverload(error(.network, code: "dns")))
    #expect(!FailureJudgement.isOverload(error(.server, status: 500)))
    #expect(!FailureJudgement.isOverload(error(.rateLimit, status: 429)))
  }

  @Test func `a header that is used up says of what a limit is, before the words do`() {
    var refused = error(.rateLimit, status: 429, message: "Rate limit reached on tokens per min (TPM)")
    #expect(FailureJudgement.isOfTokens(refused))
    refused.limits = ReportedLimits()
    refused.limits?.requests.remaining = 0
    #expect(!FailureJudgement.isOfTokens(refused))
    refused.message = "Rate limit reached"
    refused.limits?.requests.remaining = 5
    #expect(!FailureJudgement.isOfTokens(refused))
    refused.limits?.inputTokens.remaining = 0
    #expect(FailureJudgement.isOfTokens(refused))
  }
}
