import JobrunModel
import Testing

@testable import jobrun

@Suite struct PurchaseTests {
  private func request(_ numbers: UInt64..., model: String = "m", output: Int? = nil) -> PlanTally.Request {
    PlanTally.Request(
      identities: numbers.map { RequestIdentity(high: 0, low: $0) }, model: model, inputTokens: 10,
      maximumOutput: output)
  }

  private func answers(_ counts: [UInt64: Int]) -> [RequestIdentity: Int] {
    Dictionary(uniqueKeysWithValues: counts.map { (RequestIdentity(high: 0, low: $0), $1) })
  }

  @Test func `an answer serves one item, to a request or to one of its fallbacks`() {
    let purchase = Purchase(
      [request(1), request(1), request(2, 3), request(4)], answers: answers([1: 1, 3: 1, 9: 1]), sharesAnswers: false)
    #expect(purchase.reused == 2)
    #expect(purchase.shared == 0)
    #expect(purchase.bought == [request(1), request(4)])
  }

  @Test func `with dedupe an answer serves all, and of equal requests one is bought`() {
    let purchase = Purchase(
      [request(1), request(1), request(4), request(4), request(4)], answers: answers([1: 1]), sharesAnswers: true)
    #expect(purchase.reused == 2)
    #expect(purchase.shared == 2)
    #expect(purchase.bought == [request(4)])
  }

  @Test func `what is bought is scaled up for each model; a request without max_tokens gets what is assumed`() {
    let purchase = Purchase(
      [request(1, output: 5), request(2), request(3, model: "n", output: 7)], answers: [:], sharesAnswers: false)
    let price = Price(input: 1, output: 2)
    let loads = purchase.loads(factor: 10, output: 100, limits: { _ in Limits() }, price: { $0 == "n" ? price : nil })
    #expect(
      loads == [
        Forecast.Load(model: "m", requests: 20, inputTokens: 200, outputTokens: 1_050),
        Forecast.Load(model: "n", requests: 10, inputTokens: 100, outputTokens: 70, price: price),
      ])
    #expect(purchase.unlimited == 1)
  }
}
