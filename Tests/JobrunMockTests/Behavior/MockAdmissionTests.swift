import Testing

@testable import JobrunMock

@Suite("Requests are admitted by model, by number at once, and outside outages")
struct MockAdmissionTests {
  @Test func `nothing to enforce is no admission`() {
    #expect(MockAdmission(MockBehavior()) == nil)
    #expect(MockAdmission(MockBehavior(recordsAcceptances: true)) != nil)
  }

  @Test func `each model has its own limits`() throws {
    var admission = try #require(MockAdmission(MockBehavior(limits: MockLimits(requestsPerMinute: 1))))
    #expect(admission.admit(model: "a", tokens: 5, at: .zero).refusal == nil)
    #expect(admission.admit(model: "a", tokens: 5, at: .zero).refusal != nil)
    let other = admission.admit(model: "b", tokens: 7, at: .zero)
    #expect(other.refusal == nil)
    #expect(other.status?.requests == RateStatus.Gauge(limit: 1, remaining: 0, reset: .seconds(60)))
    #expect(admission.usedTokens == 12)
  }

  @Test func `more at once than the limit are overloaded, until one has ended`() throws {
    var admission = try #require(
      MockAdmission(MockBehavior(limits: MockLimits(requestsPerMinute: 600), concurrencyLimit: 2)))
    for _ in 1...2 { #expect(admission.admit(model: "m", tokens: 1, at: .zero).refusal == nil) }
    let third = admission.admit(model: "m", tokens: 1, at: .zero)
    #expect(third.refusal == .overloaded)
    // The gateway has not charged it.
    #expect(third.status?.requests?.remaining == 598)
    admission.ended()
    #expect(admission.admit(model: "m", tokens: 1, at: .zero).refusal == nil)
    #expect(admission.atOnce == 2)
  }

  @Test func `an outage refuses everything from its begin to its end`() throws {
    let outages = [MockOutage(from: .seconds(1), for: .seconds(2)), MockOutage(from: .seconds(9), for: .seconds(1))]
    var admission = try #require(MockAdmission(MockBehavior(outages: outages)))
    let refused = (0...20).filter { admission.admit(model: "m", tokens: 1, at: .seconds($0) / 2).refusal != nil }
    #expect(refused == [2, 3, 4, 5, 18, 19])
  }

  @Test func `acceptances are kept with instant, model and tokens`() throws {
    var admission = try #require(
      MockAdmission(MockBehavior(limits: MockLimits(requestsPerMinute: 1), recordsAcceptances: true)))
    for second in [0, 30, 60] { _ = admission.admit(model: "m", tokens: second + 1, at: .seconds(second)) }
    #expect(
      admission.acceptances == [
        MockAcceptance(at: .zero, model: "m", tokens: 1), MockAcceptance(at: .seconds(60), model: "m", tokens: 61),
      ])
  }

  @Test func `faults and errors have their exact shares and never meet`() {
    let faults = [MockFault(.resetBeforeHead, share: 0.3), MockFault(.truncatedJSON, share: 0.2)]
    let errors = [MockError.server(share: 0.5)]
    var counts = [0, 0]
    for ordinal in 1...10_000 {
      let (steps, error) = (faults.drawn(ordinal: ordinal, seed: 3), errors.drawn(ordinal: ordinal, seed: 3))
      #expect((steps == nil) != (error == nil))
      if case .reset? = steps?.first { counts[0] += 1 } else if steps != nil { counts[1] += 1 }
    }
    #expect((2850...3150).contains(counts[0]) && (1850...2150).contains(counts[1]))
  }
}
