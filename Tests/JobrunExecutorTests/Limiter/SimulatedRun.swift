import Foundation
import JobrunModel

@testable import JobrunExecutor

/// A run of endlessly many items in virtual time: a `RateLimiter` and a provider, nothing else.
///
/// It sends as the dispatcher does: 64 at once, the oldest first, the first request alone.
struct SimulatedRun {
  struct Result {
    var requests = 0
    var refusals = 0
    var items = 0
    /// What the provider accepted between second 10 and 130, as a share of its quota.
    var used = 0.0

    /// Of those that have ended.
    var requestsPerItem: Double { 1 + Double(refusals) / Double(max(1, items)) }
  }

  private struct Item {
    var bytes = 0
    var usage = TokenUsage()
    var cost = RequestCost.nothing
    var latency = 0.0
  }

  private enum Event {
    case arrives(Item, Reservation)
    case ends(Item, Reservation, SimulatedProvider.Verdict, ReportedLimits?)
    case wakes
  }

  /// What an item's prompt weighs, where tokens are what the provider counts.
  struct Tokens {
    var perByte: Double
    var output = 300.0
    /// The answers' headers tell the limit and what remains.
    var reports = false
    /// What the provider charges for the output, whatever it will be; nil: what it will be.
    var chargedOutput: Int?
  }

  private static let slots = 64
  private static let inLine = 128

  private(set) var limiter: RateLimiter
  private var provider: SimulatedProvider
  private let tokens: Tokens?
  private var estimate = TokenEstimate()
  private var random: SplitMix64
  private var line: [Item] = []
  private var events: [(at: Double, event: Event)] = []
  private var inFlight = 0
  private var isProven = false
  private var result = Result()

  init(_ limits: Limits, _ provider: SimulatedProvider, tokens: Tokens? = nil, seed: UInt64) {
    limiter = RateLimiter(limits, now: Self.instant(0))
    self.provider = provider
    self.tokens = tokens
    random = SplitMix64(seed: seed)
  }

  /// The monotonic clock does not begin at zero.
  private static func instant(_ seconds: Double) -> MonotonicInstant {
    MonotonicInstant(nanoseconds: Int64((seconds + 1_000) * 1e9))
  }

  mutating func run(seconds: Double = 130) -> Result {
    var now = 0.0
    while now < seconds {
      pump(at: now)
      guard let next = events.indices.min(by: { events[$0].at < events[$1].at }) else { break }
      let (at, event) = events.remove(at: next)
      now = at
      handle(event, at: now)
    }
    return result
  }

  private mutating func pump(at now: Double) {
    events.removeAll { if case .wakes = $0.event { true } else { false } }
    while line.count < Self.inLine { line.append(newItem()) }
    while inFlight < Self.slots, isProven || inFlight == 0 {
      switch limiter.admit(line[0].cost, at: Self.instant(now)) {
      case .go:
        let item = line.removeFirst()
        let reservation = limiter.take(item.cost, at: Self.instant(now))
        inFlight += 1
        result.requests += 1
        events.append((now + 0.02 * random.uniform(), .arrives(item, reservation)))
      case .wait(.until(let instant), _):
        events.append((Double(instant.nanoseconds) / 1e9 - 1_000 + 1e-6, .wakes))
        return
      case .wait: return
      }
    }
  }

  private mutating func handle(_ event: Event, at now: Double) {
    switch event {
    case .wakes: break
    case .arrives(let item, let reservation):
      let cost = tokens == nil ? 1 : Double(item.usage.input + (tokens?.chargedOutput ?? item.usage.output))
      let verdict = provider.receive(cost: cost, at: now)
      var reported: ReportedLimits?
      if tokens?.reports == true {
        reported = ReportedLimits()
        reported?.tokens = .init(limit: Int(provider.perMinute), remaining: Int(max(0, provider.remaining)))
      }
      var latency = item.latency
      if case .refused = verdict {
        latency = 0.03 + 0.05 * random.uniform()
      } else if now >= 10, now < 130 {
        result.used += cost / (2 * provider.perMinute)
      }
      events.append((now + latency, .ends(item, reservation, verdict, reported)))
    case .ends(var item, let reservation, let verdict, let reported):
      inFlight -= 1
      switch verdict {
      case .accepted:
        isProven = true
        result.items += 1
        limiter.succeeded(reservation, usage: tokens.map { _ in item.usage }, at: Self.instant(now))
        if let reported { _ = limiter.learn(reported, from: reservation, at: Self.instant(now)) }
        if tokens != nil { estimate.learn(bytes: item.bytes, usage: item.usage) }
      case .refused(let wait):
        result.refusals += 1
        limiter.refused(
          reservation, wait: wait, isOfTokens: tokens != nil, at: Self.instant(now),
          random: (random.uniform(), random.uniform()))
        if let reported { _ = limiter.learn(reported, from: reservation, at: Self.instant(now)) }
        if tokens != nil { item.cost = estimate.cost(bytes: item.bytes, maximumOutput: nil) }
        line.insert(item, at: 0)
      }
    }
  }

  private mutating func newItem() -> Item {
    var item = Item(latency: lognormal(mean: 3, sigma: 0.5))
    guard let tokens else { return item }
    item.bytes = max(1, Int(lognormal(mean: 2_000, sigma: 0.4)))
    item.usage.input = max(1, Int(Double(item.bytes) * tokens.perByte))
    item.usage.output = max(1, Int(lognormal(mean: tokens.output, sigma: 0.5)))
    item.usage.total = item.usage.input + item.usage.output
    item.cost = estimate.cost(bytes: item.bytes, maximumOutput: nil)
    return item
  }

  private mutating func lognormal(mean: Double, sigma: Double) -> Double {
    let normal = (-2 * log(1 - random.uniform())).squareRoot() * cos(2 * .pi * random.uniform())
    return mean * exp(sigma * normal - sigma * sigma / 2)
  }
}
