public import JobrunModel
import LuaBridge

/// The items that a job's function `input` gives: an iterator's, one a call, or those of a list.
///
/// The function is called at the first `next`, so after `setup`. Both run outside of any coroutine, under the time budget
/// of a hook, and cannot wait.
@Loop
public final class LuaItemSource: ItemSource {
  /// What the function returned.
  private enum Items {
    /// It was not called yet. → `iterator`, `list`, `ended`
    case unknown
    /// → `ended`
    case iterator(LuaReference)
    /// → `ended`
    case list(LuaReference, count: Int)
    case ended
  }

  /// Nil: nobody knows.
  public let total: Int? = nil
  private let engine: LuaScriptEngine
  private let function: LuaReference
  private let limit: Int
  private var items = Items.unknown
  private var given = 0

  init(engine: LuaScriptEngine, function: LuaReference, limit: Int?) {
    self.engine = engine
    self.function = function
    self.limit = limit ?? .max
  }

  public func stop() { items = .ended }

  /// - Throws: `.job` where the function or its iterator raises, or gives what is no item. It is at its end then.
  public func next() async throws(RunError) -> ItemRecord? { try nextRecord() }

  /// Nothing is at hand: the script is asked for each.
  public func nextAtHand() -> ItemRecord? { nil }

  func nextRecord() throws(RunError) -> ItemRecord? {
    if given == limit { items = .ended }
    do throws(LuaError) {
      if case .unknown = items { try begin() }
      guard let json = try nextItem() else {
        items = .ended
        return nil
      }
      given += 1
      return ItemRecord(content: .json(json), index: given, line: given)
    } catch {
      items = .ended
      throw RunError(.job, "input: \(error.message)", cause: error.traceback)
    }
  }

  private func begin() throws(LuaError) {
    let state = engine.state
    engine.services.randomSeed.begin(.string("input"), step: 0)
    items = try state.call(
      function, budget: engine.hookBudget,
      push: { thread throws(LuaError) in
        self.engine.pushRun(on: thread)
        return 1
      },
      results: { thread, first, count throws(LuaError) in
        switch count > 0 ? thread.type(at: first) : .nil {
        case .function:
          thread.pushCopy(at: first)
          return .iterator(state.reference(popping: thread))
        case .table where !thread.isMarkedObject(at: first):
          let length = thread.rawLength(at: first)
          if length == 0, !ScriptTable.isEmpty(first, on: thread) { break }
          thread.pushCopy(at: first)
          return .list(state.reference(popping: thread), count: length)
        default: break
        }
        let got = count > 0 ? thread.describe(at: first) : "nil (forgot `return`?)"
        throw LuaError(
          kind: .runtime, message: "an iterator (a function that returns the next item) or a list expected, got \(got)")
      })
  }

  private func nextItem() throws(LuaError) -> [UInt8]? {
    let number = given + 1
    switch items {
    case .ended, .unknown: return nil
    case .list(let list, let count):
      if given >= count { return nil }
      let thread = engine.state.main
      let base = thread.top
      defer { thread.setTop(base) }
      thread.push(list)
      thread.index(number, of: -1)
      return try Self.json(at: thread.top, number, on: thread)
    case .iterator(let iterator):
      engine.services.randomSeed.begin(.string("input"), step: number)
      return try engine.state.call(
        iterator, budget: engine.hookBudget,
        results: { thread, first, count throws(LuaError) in
          if count == 0 || thread.type(at: first) == .nil { return nil }
          return try Self.json(at: first, number, on: thread)
        })
    }
  }

  /// The item as the record that it is from here on.
  private static func json(at index: Int32, _ number: Int, on thread: LuaThread) throws(LuaError) -> [UInt8] {
    guard thread.type(at: index) == .table else {
      throw LuaError(kind: .runtime, message: "item \(number): a table expected, got \(thread.describe(at: index))")
    }
    let json: [UInt8]
    do {
      json = try thread.encodeJSON(at: index)
    } catch {
      throw LuaError(kind: .runtime, message: "item \(number): \(error)")
    }
    if json.first == UInt8(ascii: "{") { return json }
    // A table without anything in it is a list to JSON.
    if json == Array("[]".utf8), !thread.isMarkedArray(at: index) { return Array("{}".utf8) }
    throw LuaError(kind: .runtime, message: "item \(number): a table with names expected, got a list")
  }
}

extension LuaScriptEngine {
  /// The items of the job's function `input`; nil where it has none, or another input takes its place.
  public func items(limit: Int?) -> LuaItemSource? {
    guard isInputFunction, let function = job.inputFunction else { return nil }
    return LuaItemSource(engine: self, function: function, limit: limit)
  }
}
