import JobrunModel
import Testing

@Suite struct ThresholdTests {
  private static let readable: [(Threshold.Measure, String, Threshold.Comparison, Double, Threshold.Unit)] = [
    (.failed, "<1%", .below, 1, .percent), (.failed, "<= 10", .atMost, 10, .count),
    (.skipped, "> 0.5 %", .above, 0.5, .percent), (.unfinished, "<1", .below, 1, .count),
    (.errors, "<=5%", .atMost, 5, .percent), (.errors, "<100%", .below, 100, .percent),
    (.p50, "<20s", .below, 20, .seconds), (.p90, "< 800 ms", .below, 0.8, .seconds),
    (.p95, ">=1ms", .atLeast, 0.001, .seconds),
    (.p99, "<1.5s", .below, 1.5, .seconds), (.mean, "<.5s", .below, 0.5, .seconds),
    (.max, "<120s", .below, 120, .seconds),
    (.cost, "<5", .below, 5, .dollars), (.requests, "<1000", .below, 1_000, .count),
    (.retries, "<=0", .atMost, 0, .count),
    (.elapsed, "<3600", .below, 3_600, .seconds), (.elapsed, " <3600 s ", .below, 3_600, .seconds),
  ]

  @Test(arguments: readable)
  func `a threshold is an operator, a number and a unit of its measure`(
    measure: Threshold.Measure, text: String, comparison: Threshold.Comparison, bound: Double, unit: Threshold.Unit
  ) throws {
    let threshold = try Threshold(measure, text)
    #expect(threshold.measure == measure)
    #expect(threshold.comparison == comparison)
    #expect(abs(threshold.bound - bound) < 1e-12)
    #expect(threshold.unit == unit)
    #expect(threshold.text == text)
  }

  private static let malformed: [(Threshold.Measure, String)] = [
    (.failed, ""), (.failed, "1%"), (.failed, "<"), (.failed, "<%"), (.failed, "=1%"), (.failed, "==1%"),
    (.failed, "<>1%"),
    (.failed, "<1s"), (.failed, "<101%"), (.failed, "<-1%"), (.failed, "<1%%"), (.failed, "<nan"), (.failed, "<0x10"),
    (.failed, "<1e3"), (.failed, "<1.2.3"), (.failed, "<1,5%"), (.failed, "<١%"), (.failed, "<1 % x"), (.failed, "~1%"),
    (.errors, "<5"), (.p95, "<20"), (.p95, "<20 sec"), (.p95, "<5%"), (.cost, "<5$"), (.requests, "<5%"),
    (.retries, "<5s"),
    (.elapsed, "<5ms"), (.elapsed, "<" + String(repeating: "9", count: 400)),
  ]

  @Test(arguments: malformed)
  func `what is none is told what would be right`(measure: Threshold.Measure, text: String) {
    let error = #expect(throws: Threshold.Malformed.self) { try Threshold(measure, text) }
    #expect(error?.message.hasPrefix("<, <=, > or >= and ") == true)
    #expect(error?.message.hasSuffix("expected, got \"\(text)\"") == true)
  }

  private static let comparisons: [(String, below: Bool, at: Bool, above: Bool)] = [
    ("<10", true, false, false), ("<=10", true, true, false), (">10", false, false, true), (">=10", false, true, true),
  ]

  @Test(arguments: comparisons)
  func `the bound itself belongs to the operators with an equals sign`(
    text: String, below: Bool, at: Bool, above: Bool
  ) throws {
    let threshold = try Threshold(.requests, text)
    #expect([9.999, 10, 10.001].map(threshold.holds) == [below, at, above])
  }
}
