import JobrunModel
import JobrunTestSupport
import Testing

@testable import JobrunExecutor

@Suite struct ThresholdCheckTests {
  /// Numbers that a test gives; counts are 0 and all others unknown without it.
  @Loop
  private final class Numbers: StatisticsReader {
    let values: [StatisticName: StatisticValue]

    init(_ values: [StatisticName: StatisticValue]) { self.values = values }

    func value(of name: StatisticName) -> StatisticValue? { values[name] ?? (name.isInteger ? .integer(0) : nil) }

    func latency(percentile: Double) -> Double? { nil }

    var modelNames: [String] { [] }

    func model(_ name: String) -> (any StatisticsReader)? { nil }
  }

  private static let values: [StatisticName: StatisticValue] = [
    .itemsDone: .integer(290), .itemsFailed: .integer(3), .itemsSkipped: .integer(30), .itemsUnfinished: .integer(10),
    .requests: .integer(400), .retries: .integer(20), .errorsServer: .integer(5), .errorsRateLimit: .integer(15),
    .latencyP50: .number(0.5), .latencyP90: .number(0.9), .latencyP95: .number(0.95), .latencyP99: .number(0.99),
    .latencyMean: .number(0.6), .latencyMax: .number(2), .costUSD: .number(1.25), .elapsed: .number(60),
  ]

  private static let cases: [(Threshold.Measure, String, value: Double, holds: Bool)] = [
    (.failed, "<1%", 1, false), (.failed, "<=1%", 1, true), (.failed, "<3", 3, false), (.failed, "<4", 3, true),
    (.skipped, "<=10%", 10, true), (.unfinished, "<1%", 10 / 3.0, false), (.errors, "<5%", 5, false),
    (.errors, "<5.1%", 5, true), (.p50, "<500ms", 0.5, false), (.p90, "<1s", 0.9, true), (.p95, "<0.95s", 0.95, false),
    (.p99, ">=990ms", 0.99, true), (.mean, "<1s", 0.6, true), (.max, "<2s", 2, false), (.cost, "<1.25", 1.25, false),
    (.requests, "<401", 400, true), (.retries, "<20", 20, false), (.elapsed, "<=60", 60, true),
  ]

  @Test(arguments: cases)
  func `each measure is compared with its number`(
    measure: Threshold.Measure, text: String, value: Double, holds: Bool
  ) async throws {
    let threshold = try Threshold(measure, text)
    let verdicts = try await onLoop { ThresholdCheck.verdicts(on: [threshold], by: Numbers(Self.values)) }
    #expect(verdicts.count == 1)
    #expect(abs((verdicts[0].value ?? -1) - value) < 1e-9)
    #expect(verdicts[0].holds == holds)
  }

  @Test func `without any item a share is 0, and what is unknown is not judged`() async throws {
    let thresholds = try [
      Threshold(.failed, "<1%"), Threshold(.errors, "<1%"), Threshold(.cost, "<1"), Threshold(.p95, "<1s"),
    ]
    let verdicts = try await onLoop { ThresholdCheck.verdicts(on: thresholds, by: Numbers([:])) }
    #expect(verdicts.map(\.value) == [0, 0, 0, nil])
    #expect(verdicts.map(\.holds) == [true, true, true, true])
  }
}
