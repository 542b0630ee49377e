import JobrunModel
import JobrunStorage
import Testing

@testable import jobrun

@Suite struct PlanTallyTests {
  private func record(_ index: Int) -> ItemRecord {
    ItemRecord(content: .text([]), index: index, line: index + 1)
  }

  @Test func `every end of an item is counted, and the first few are told with their places`() {
    var tally = PlanTally()
    tally.add([PlanTally.Request(identities: [], model: "m", inputTokens: 1, maximumOutput: nil)], items: 1)
    tally.add(.ok(rows: []), of: record(1))
    tally.add(.skipped(reason: "too long\u{1B}[2J"), of: record(2))
    for index in 3...20 { tally.add(.failed(ItemFailure(.hook, message: "boom")), of: record(index)) }
    #expect(tally.rendered == 21)
    #expect(tally.requests.count == 1)
    #expect(tally.withoutRequest == 1)
    #expect(tally.skipped == 1)
    #expect(tally.failing == 18)
    #expect(
      tally.notices.prefix(2) == [
        "item 2, line 3 is skipped: too long\\u{1b}[2J", "item 3, line 4 fails: hook: boom",
      ])
    #expect(tally.notices.count == 5)
  }

  @Test(
    arguments: [
      (nil, nil, 256, 5.62, false), (nil, 4, 256, 0.58, false), (nil, 5_000, 256, 5.62, false),
      (30, nil, 30, 1.5, true), (30, 4, 30, 1.5, true),
    ] as [(Double?, Double?, Double, Double, Bool)])
  func `answers are assumed to be as those in the journal, else a guess`(
    mean: Double?, allowed: Double?, tokens: Double, latency: Double, isFromJournal: Bool
  ) {
    var glance = JournalGlance()
    glance.meanOutputTokens = mean
    glance.meanLatency = mean.map { $0 / 20 }
    let assumption = AnswerAssumption(mean == nil ? nil : glance, outputTokens: allowed)
    #expect(assumption.outputTokens == tokens)
    #expect(abs(assumption.latency - latency) < 1e-9)
    #expect(assumption.isFromJournal == isFromJournal)
  }
}
