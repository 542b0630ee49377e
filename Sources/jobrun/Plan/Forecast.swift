internal import JobrunModel

/// What a run will cost in money and time, by arithmetic. A pure value.
///
/// Time under a limit of `L` a minute: `60 · requests / (0.95 · L)`, and the same with tokens. Time of the requests in
/// flight: `requests · latency / concurrency`, at least one latency. The longest of these binds.
struct Forecast: Equatable {
  /// The requests that one model will get.
  struct Load: Equatable {
    var model: String
    var requests: Double
    var inputTokens: Double
    var outputTokens: Double
    /// What the model allows in a minute.
    var limits = Limits()
    /// Nil: not known.
    var price: Price?
  }

  /// What keeps a run from being faster.
  enum Bound: Equatable {
    case rpm(Double, model: String)
    case tpm(Double, model: String)
    case itpm(Double, model: String)
    case otpm(Double, model: String)
    case concurrency(Int)
  }

  struct Time: Equatable {
    var bound: Bound
    var seconds: Double
  }

  /// The part of a limit that a run uses, as `RequestRate.headroom`.
  static let headroom = 0.95

  /// How long the run would take if there were only this bound; the longest first, never empty.
  let times: [Time]
  /// What the models with a price cost together; nil where none of those that are asked has one.
  let costUSD: Double?
  /// Models that are asked and have no price.
  let unpriced: [String]

  /// - Parameter latency: Of one request, in seconds.
  init(_ loads: [Load], concurrency: Int, latency: Double) {
    let asked = loads.filter { $0.requests > 0 }
    let requests = asked.reduce(0) { $0 + $1.requests }
    let inFlight = requests > 0 ? max(latency, requests * latency / Double(max(1, concurrency))) : 0
    var times = [Time(bound: .concurrency(concurrency), seconds: inFlight)]
    for load in asked {
      func add(_ amount: Double, of limit: Double?, _ bound: (Double, String) -> Bound) {
        guard let limit, limit > 0 else { return }
        times.append(Time(bound: bound(limit, load.model), seconds: 60 * amount / (Self.headroom * limit)))
      }
      add(load.requests, of: load.limits.requests) { .rpm($0, model: $1) }
      add(load.inputTokens + load.outputTokens, of: load.limits.tokens) { .tpm($0, model: $1) }
      add(load.inputTokens, of: load.limits.inputTokens) { .itpm($0, model: $1) }
      add(load.outputTokens, of: load.limits.outputTokens) { .otpm($0, model: $1) }
    }
    self.times = times.enumerated().sorted {
      ($1.element.seconds, $0.offset) < ($0.element.seconds, $1.offset)
    }.map(\.element)
    let costs = asked.compactMap { load in
      load.price.map { (load.inputTokens * $0.input + load.outputTokens * $0.output) / 1e6 }
    }
    costUSD = costs.isEmpty ? nil : costs.reduce(0, +)
    unpriced = asked.filter { $0.price == nil }.map(\.model)
  }

  /// How long the run will take, and why.
  var time: Time { times[0] }
}
