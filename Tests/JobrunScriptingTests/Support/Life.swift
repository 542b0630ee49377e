import Foundation
import JobrunModel
import Testing

@testable import JobrunScripting

/// An item driven through the engine as the executor does it: its calls are answered, its sleeps end at once.
struct Life: Sendable {
  /// The bodies of all requests, in the order in which they were made.
  private(set) var requests: [String] = []
  private(set) var models: [String] = []
  private(set) var sleeps: [Duration] = []
  /// How many steps were under way at the same time, at most.
  private(set) var width = 0
  private(set) var end: ScriptStep?
  private let lastFirst: Bool

  /// - Parameters:
  ///   - lastFirst: Of several steps the last one comes back first.
  ///   - reply: What a request is answered with, by its body.
  @Loop
  init(
    _ engine: LuaScriptEngine, _ records: [ItemRecord] = [.line("hello")], lastFirst: Bool = false,
    reply: (ChatRequest, _ number: Int) -> Result<Answer, AttemptError>
  ) {
    self.lastFirst = lastFirst
    let (item, step): (ScriptItem, ScriptStep)
    if engine.packSize == nil {
      (item, step) = engine.begin(records[0])
    } else {
      (item, _, step) = engine.begin(pack: records)
    }
    run(engine, item, step, reply: reply)
  }

  /// A hook of the run.
  @Loop
  init(
    _ engine: LuaScriptEngine, _ begun: (item: ScriptItem, step: ScriptStep)?,
    reply: (ChatRequest, _ number: Int) -> Result<Answer, AttemptError>
  ) {
    lastFirst = false
    if let (item, step) = begun { run(engine, item, step, reply: reply) }
  }

  @Loop
  private mutating func run(
    _ engine: LuaScriptEngine, _ item: ScriptItem, _ step: ScriptStep,
    reply: (ChatRequest, _ number: Int) -> Result<Answer, AttemptError>
  ) {
    var open = [ScriptBranch(item: item, step: step)]
    while !open.isEmpty {
      width = max(width, open.count)
      let branch = lastFirst ? open.removeLast() : open.removeFirst()
      switch branch.step {
      case .call(let request):
        requests.append(String(decoding: request.body, as: UTF8.self))
        models.append(request.model)
        let result = reply(request, requests.count).map { answer in
          var answer = answer
          answer.model = request.model
          return answer
        }
        open.append(ScriptBranch(item: branch.item, step: engine.resume(branch.item, with: result)))
      case .sleep(let duration):
        sleeps.append(duration)
        open.append(ScriptBranch(item: branch.item, step: engine.wake(branch.item)))
      case .fork(let branches): open += branches
      case .wait: break
      case .finished, .finishedPack, .divided:
        if end != nil { Issue.record("the item ended twice") }
        end = branch.step
      }
    }
  }

  var rows: [String] {
    guard case .finished(.ok(let rows))? = end else {
      Issue.record("no rows: \(String(describing: end))")
      return []
    }
    return rows.map { String(decoding: $0, as: UTF8.self) }
  }

  var failure: ItemFailure? {
    guard case .finished(.failed(let failure))? = end else {
      Issue.record("it did not fail: \(String(describing: end))")
      return nil
    }
    return failure
  }

  /// The user's last message of each request.
  var prompts: [String] {
    requests.map { body in
      let key = #""content":""#
      guard let range = body.range(of: key, options: .backwards) else { return body }
      return String(body[range.upperBound...].prefix { $0 != "\"" })
    }
  }
}
