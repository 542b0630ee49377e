import Foundation
import JobrunModel
import JobrunTestSupport
import Testing

@testable import JobrunScripting

@Suite("watch.lua")
struct WatchJobTests {
  /// What it does to the run, second by second, with these numbers; and the models of a request after each.
  @Loop
  private static func ticks(
    _ numbers: [(errors: Double, concurrency: Int, seconds: Double, cost: Double?)]
  ) throws -> (control: RecordingControl, models: [String]) {
    let statistics = FixedStatistics()
    let path = LuaTypesTests.root.path + "/jobs/watch.lua"
    let job = try JobFile.load(path: path, displayPath: "jobs/watch.lua", host: Script.host())
    let engine = try LuaScriptEngine(job: job, configuration: ScriptConfiguration(statistics: statistics))
    let control = RecordingControl()
    engine.control = control
    var models: [String] = []
    for number in numbers {
      statistics.values = [
        .rateErrors: .number(number.errors), .concurrency: .integer(number.concurrency),
        .elapsed: .number(number.seconds),
      ]
      statistics.values[.costUSD] = number.cost.map { .number($0) }
      try engine.tick()
      let (item, step) = engine.begin(.json(#"{"question":"1 + 1?"}"#))
      models.append(step.request?.model ?? "none")
      engine.abandon(item)
    }
    return (control, models)
  }

  @Test("halves the requests at once where more than a fifth fail, once in 30 s")
  func cuts() async throws {
    let limits = try await onLoop {
      try Self.ticks([
        (0.2, 10, 1, nil), (0.21, 10, 2, nil), (0.9, 5, 20, nil), (0.9, 5, 33, nil), (0.9, 2, 34, nil),
        (0.9, 1, 99, nil),
      ]).control.settings.map(\.concurrency)
    }
    #expect(limits == [.fixed(5), .fixed(2)])
  }

  @Test("asks the cheap model from 80 % of the budget on, and stops at 100 %")
  func spends() async throws {
    let (models, events) = try await onLoop {
      let (control, models) = try Self.ticks([(0, 10, 1, nil), (0, 10, 2, 3.99), (0, 10, 3, 4), (0, 10, 4, 5.01)])
      return (models, control.events)
    }
    #expect(models == ["strong", "strong", "cheap", "cheap"])
    #expect(events == ["stop 5.0100 USD are spent"])
  }
}
