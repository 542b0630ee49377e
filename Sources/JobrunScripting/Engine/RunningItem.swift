import JobrunModel
import LuaBridge

/// An item inside the engine, which is the strand of its own hooks. The objects are reused: `generation` tells one use
/// from the next.
@Loop
final class RunningItem: Strand {
  let slot: Int
  private(set) var generation = 0
  private(set) var isActive = false
  var id = ItemID.integer(0)
  var index = 0
  /// The record is a line of text, so `item.text` stands for the item.
  var isText = false
  /// The ids of a pack's items; nil: it is one item.
  var pack: [ItemID]?
  /// The rows that `ctx:emit` added, encoded.
  var rows: [[UInt8]] = []
  /// How many of them stood there when the answer came: the others are dropped by `ctx:retry`.
  var rowsBeforeAnswer = 0
  /// `ctx.state`, from its first use.
  var state: LuaReference?
  /// Its `ctx`, where `on_error` may need it on another coroutine.
  var context: LuaReference?
  /// Why it is about to fail, while `on_error` runs.
  var failure: ItemFailure?
  /// Answers of earlier asks, for replies that scripts still hold.
  var earlier: [(answer: Answer?, request: ChatRequest?)] = []
  /// The calls that its hooks made, by their numbers less one; nil: that one is over.
  private(set) var calls: [NestedCall?] = []
  private var freeCalls: [Int] = []

  init(slot: Int) { self.slot = slot }

  func begin(index: Int, on coroutine: LuaCoroutine) {
    isActive = true
    self.index = index
    id = .integer(index)
    isText = false
    self.coroutine = coroutine
  }

  /// What the executor calls one of its strands.
  func handle(of strand: Strand) -> ScriptItem {
    ScriptItem(slot: slot, generation: generation, strand: (strand as? NestedCall)?.number ?? 0, id: id)
  }

  func strand(_ number: Int) -> Strand? {
    if number == 0 { return self }
    return calls.indices.contains(number - 1) ? calls[number - 1] : nil
  }

  /// The strand that runs on the coroutine of a host call; nil: it is a coroutine of the script's own.
  func strand(of call: HostCall) -> Strand? {
    if let coroutine, call.isRunning(on: coroutine) { return self }
    for case .some(let nested) in calls {
      if let coroutine = nested.coroutine, call.isRunning(on: coroutine) { return nested }
    }
    return nil
  }

  /// The strand whose coroutine this is; the item's own where it is none's.
  func strand(on thread: LuaThread) -> Strand {
    if let coroutine, coroutine.thread == thread { return self }
    for case .some(let nested) in calls where nested.coroutine?.thread == thread { return nested }
    return self
  }

  func addCall(position: Int, caller: Strand, passesHooks: Bool, seesSchema: Bool) -> NestedCall {
    let place = freeCalls.popLast() ?? calls.count
    let call = NestedCall(
      number: place + 1, position: position, caller: (caller as? NestedCall)?.number ?? 0,
      seedPath: caller.nextSeedPath(), passesHooks: passesHooks, seesSchema: seesSchema)
    if place == calls.count { calls.append(call) } else { calls[place] = call }
    return call
  }

  func removeCall(_ call: NestedCall) {
    calls[call.number - 1] = nil
    freeCalls.append(call.number - 1)
  }

  /// Forgets the calls while the item goes on; returns their coroutines. Their numbers are not given again: what some of
  /// them asked for may still come.
  func dropCalls() -> [LuaCoroutine] {
    defer { for place in calls.indices { calls[place] = nil } }
    return calls.compactMap { $0?.clear() }
  }

  /// Forgets the calls; returns their coroutines.
  func removeCalls() -> [LuaCoroutine] {
    if calls.isEmpty { return [] }
    defer {
      calls = []
      freeCalls = []
    }
    return calls.compactMap { $0?.clear() }
  }

  /// Forgets the item; whatever still refers to it is of an older generation.
  func end() -> LuaCoroutine? {
    isActive = false
    generation &+= 1
    if !rows.isEmpty { rows = [] }
    rowsBeforeAnswer = 0
    state = nil
    context = nil
    failure = nil
    pack = nil
    if !earlier.isEmpty { earlier = [] }
    return clear()
  }
}
