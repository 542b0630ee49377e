import JobrunModel
import JobrunTestSupport
import Testing

@testable import JobrunScripting

@Suite("stats")
struct StatisticsTests {
  private func evaluate(_ expression: String) async throws -> String {
    try await onLoop {
      let script = try Script(
        "return { model = 'm', prompt = function(item, ctx) local stats = ctx.stats "
          + "ctx:emit { v = \(expression) } return false end }")
      script.statistics.values = [
        .itemsOK: .integer(12), .latencyP95: .number(0.25), .elapsed: .number(3), .concurrency: .integer(10),
        .errorsRateLimit: .integer(2),
      ]
      script.statistics.percentiles = [99.9: 0.5]
      let cheap = FixedStatistics()
      cheap.values = [.requests: .integer(7), .latencyP95: .number(1.5)]
      cheap.percentiles = [50: 0.75]
      script.statistics.models = ["cheap": cheap]
      switch script.result() {
      case .ok(let rows): return String(decoding: rows.first ?? [], as: UTF8.self)
      case .failed(let failure): return failure.message
      default: return "?"
      }
    }
  }

  @Test(
    "gives the live numbers",
    arguments: [
      ("stats.items.ok", "12"), ("stats.latency.p95", "0.25"), ("stats.elapsed_s", "3.0"), ("stats.concurrency", "10"),
      ("stats.errors.rate_limit", "2"), ("stats.items.total == nil", "true"), ("stats.latency:percentile(99.9)", "0.5"),
      ("stats.latency:percentile(50) == nil", "true"), ("stats.models.cheap.requests", "7"),
      ("stats.models.cheap.latency.p95", "1.5"), ("stats.models.cheap.latency:percentile(50)", "0.75"),
      ("stats.models.strong == nil", "true"), ("(next(stats.models))", "\"cheap\""),
      ("stats.items == ctx.run.stats.items", "true"),
    ])
  func numbers(expression: String, expected: String) async throws {
    #expect(try await evaluate(expression) == "{\"v\":\(expected)}")
  }

  @Test(
    "refuses unknown names and changes",
    arguments: [
      ("stats.item", "stats has no field \"item\" (did you mean \"items\"?)"),
      ("stats.items.faild", "stats.items has no field \"faild\" (did you mean \"failed\"?)"),
      ("stats.cost", "stats has no field \"cost\""),
      ("stats.models.cheap.items", "stats.models.<name> has no field \"items\""),
      ("stats.latency.percentil", "stats.latency has no field \"percentil\" (did you mean \"percentile\"?)"),
      ("stats.latency:percentile(101)", "percentile: number from 0 to 100 expected, got 101"),
      ("stats.latency:percentile('x')", "bad argument #1 to 'percentile' (n: number expected, got \"x\")"),
      ("(function() stats.items.ok = 1 end)()", "stats.items is read-only"),
    ])
  func refuses(expression: String, expected: String) async throws {
    #expect(try await evaluate(expression) == "jobs/test.lua:1: \(expected)")
  }

  @Test("has every number of the list")
  func all() async throws {
    for name in StatisticName.allCases {
      #expect(try await evaluate("(stats.\(name.rawValue) or 1) and 1") == "{\"v\":1}", "\(name)")
    }
  }
}
