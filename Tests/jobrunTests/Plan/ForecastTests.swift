import JobrunModel
import Testing

@testable import JobrunExecutor
@testable import jobrun

@Suite struct ForecastTests {
  private static func limits(
    rpm: Double? = nil, tpm: Double? = nil, itpm: Double? = nil, otpm: Double? = nil
  ) -> Limits {
    var limits = Limits()
    (limits.requests, limits.tokens, limits.inputTokens, limits.outputTokens) = (rpm, tpm, itpm, otpm)
    return limits
  }

  private static func load(
    _ requests: Double, _ limits: Limits = Limits(), model: String = "m", price: Price? = nil
  ) -> Forecast.Load {
    Forecast.Load(
      model: model, requests: requests, inputTokens: requests * 100, outputTokens: requests * 50, limits: limits,
      price: price)
  }

  @Test func `the part of a limit that is used is the limiter's`() {
    #expect(Forecast.headroom == RequestRate.headroom)
  }

  // 950 requests of 100 tokens in and 50 out, 2 s each, 10 at once: 190 s without a limit.
  @Test(
    arguments: [
      (limits(), 190, Forecast.Bound.concurrency(10)),
      (limits(rpm: 100), 600, .rpm(100, model: "m")),
      (limits(rpm: 10_000), 190, .concurrency(10)),
      (limits(tpm: 15_000), 600, .tpm(15_000, model: "m")),
      (limits(itpm: 10_000), 600, .itpm(10_000, model: "m")),
      (limits(otpm: 5_000), 600, .otpm(5_000, model: "m")),
      (limits(rpm: 100, tpm: 30_000), 600, .rpm(100, model: "m")),
      (limits(rpm: 100, otpm: 2_500), 1_200, .otpm(2_500, model: "m")),
    ])
  func `the slowest of limits and requests in flight binds`(limits: Limits, seconds: Double, bound: Forecast.Bound) {
    let forecast = Forecast([Self.load(950, limits)], concurrency: 10, latency: 2)
    #expect(forecast.time.bound == bound)
    #expect(abs(forecast.time.seconds - seconds) < 0.001)
  }

  @Test func `the other bounds are told in the order of their times`() {
    let forecast = Forecast(
      [Self.load(950, Self.limits(rpm: 1_000, tpm: 15_000))], concurrency: 10, latency: 2)
    #expect(
      forecast.times.map(\.bound) == [.tpm(15_000, model: "m"), .concurrency(10), .rpm(1_000, model: "m")])
  }

  @Test func `models are limited apart, and share the requests in flight`() {
    let loads = [
      Self.load(95, Self.limits(rpm: 100), model: "a"), Self.load(190, Self.limits(rpm: 100), model: "b"),
    ]
    let forecast = Forecast(loads, concurrency: 1, latency: 0.1)
    #expect(forecast.time == Forecast.Time(bound: .rpm(100, model: "b"), seconds: 120))
    #expect(forecast.times.contains { $0.bound == .concurrency(1) && abs($0.seconds - 28.5) < 0.001 })
  }

  @Test(arguments: [(0.0, 0.0), (1, 2), (10, 2), (11, 2.2), (0.5, 2)])
  func `a few requests take one latency, none take no time`(requests: Double, seconds: Double) {
    let forecast = Forecast([Self.load(requests)], concurrency: 10, latency: 2)
    #expect(abs(forecast.time.seconds - seconds) < 0.001)
  }

  @Test func `cost is that of the models with a price; the others are named`() {
    let price = Price(input: 2, output: 8)
    let loads = [
      Self.load(1_000, model: "a", price: price), Self.load(10, model: "b"),
      Self.load(0, model: "unused"),
    ]
    let forecast = Forecast(loads, concurrency: 10, latency: 1)
    #expect(forecast.costUSD == 0.6)
    #expect(forecast.unpriced == ["b"])
    #expect(Forecast([loads[1]], concurrency: 1, latency: 1).costUSD == nil)
    #expect(Forecast([], concurrency: 1, latency: 1).costUSD == nil)
  }

  @Test(arguments: [0.0, -1, .nan])
  func `a limit that is none leaves no infinite time`(rpm: Double) {
    let forecast = Forecast([Self.load(10, Self.limits(rpm: rpm))], concurrency: 0, latency: 1)
    #expect(forecast.times.map(\.bound) == [.concurrency(0)])
    #expect(forecast.time.seconds == 10)
  }
}
