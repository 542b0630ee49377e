import JobrunModel
import JobrunTestSupport
import Testing

@testable import JobrunExecutor

@Suite struct HookRuleTests {
  private static let broken = ItemResult.failed(
    ItemFailure(
      .hook, message: "jobs/x.lua:3: attempt to index a nil value", hook: "parse", traceback: "stack traceback"))

  /// The place of the outcome that ends the run; nil: none does.
  private static func end(_ results: [ItemResult], keepsGoing: Bool = false) -> Int? {
    var rule = HookRule(keepsGoing: keepsGoing)
    return results.firstIndex { rule.judge($0) != nil }
  }

  private static func broken(_ count: Int) -> [ItemResult] { Array(repeating: broken, count: count) }

  @Test func `twenty failures in hooks in a row end the run`() {
    #expect(Self.end(Self.broken(100)) == 19)
    #expect(Self.end(Self.broken(19)) == nil)
    #expect(Self.end(Self.broken(100), keepsGoing: true) == nil)
  }

  @Test(arguments: [
    ItemResult.ok(rows: []), .skipped(reason: ""), .failed(ItemFailure(.rejected, message: "too long", hook: "parse")),
    .failed(ItemFailure(.badInput, message: "no JSON")),
  ])
  func `any other outcome between begins the count anew`(other: ItemResult) {
    #expect(Self.end(Self.broken(19) + [other] + Self.broken(19)) == nil)
    #expect(Self.end(Self.broken(19) + [other] + Self.broken(20)) == 39)
  }

  @Test func `an item that the run left over says nothing`() {
    #expect(Self.end(Self.broken(10) + [.unfinished] + Self.broken(10)) == 20)
  }

  @Test func `the message names the hook and the failure, and says that nothing is lost`() throws {
    var rule = HookRule()
    let error = try #require(Self.broken(20).compactMap { rule.judge($0) }.first)
    #expect(error.code == .job)
    #expect(error.message == "20 items in a row failed in `parse`: jobs/x.lua:3: attempt to index a nil value")
    #expect(error.hint?.contains("the answers are in the journal") == true)
    #expect(error.hint?.contains("stack traceback") == true)
  }

  @Test func `a broken hook buys no more than twenty answers and what is in flight`() async throws {
    try await onLoop {
      let world = World(items: 1_000, concurrency: 4) { .success(answer("\($0)")) }
      world.script.breaks = { _ in true }
      let (end, _) = try await world.executor.run()
      guard case .aborted(let error) = end else {
        Issue.record("\(end)")
        return
      }
      #expect(error.message.hasPrefix("20 items in a row failed in `parse`"))
      #expect((20...24).contains(world.transport.sends))
      // An earlier output is better than none.
      #expect(world.sink.isAbandoned)
      #expect(world.statistics.value(of: .itemsFailed) == .integer(world.transport.sends))

      let going = World(items: 200, concurrency: 4, configure: { $0.keepsGoing = true }) { .success(answer("\($0)")) }
      going.script.breaks = { _ in true }
      let last = try await going.executor.run().end
      #expect(last == .completed)
      #expect(going.transport.sends == 200)
    }
  }

  @Test func `where items went well before, their rows are kept`() async throws {
    try await onLoop {
      let world = World(items: 1_000, concurrency: 1) { .success(answer("\($0)")) }
      world.script.breaks = { $0 > 30 }
      let (end, _) = try await world.executor.run()
      guard case .stopped(let error) = end else {
        Issue.record("\(end)")
        return
      }
      #expect(error.code == .job)
      #expect(world.sink.isFinished)
      #expect(world.sink.rows.count == 30)
    }
  }
}
