import JobrunModel
import LuaBridge

/// An item inside the engine. The objects are reused: `generation` tells one use from the next.
///
/// Its coroutine's stack holds the item's table at 1 and its `ctx` at 2 from the first hook to the last.
@Loop
final class RunningItem {
  /// What `ctx:skip` or `ctx:fail` asked for; the hook never goes on.
  enum Ending {
    case skip(reason: String)
    case fail(reason: String)
    case retry(Retry)
  }

  /// What `ctx:retry` asked for.
  struct Retry {
    var reason: String
    /// What is merged into the request; nil: nothing.
    var changes: LuaReference?
    /// The item's table: the hook's coroutine, which holds it, never goes on.
    var item: LuaReference
  }

  let slot: Int
  private(set) var generation = 0
  private(set) var isActive = false
  var id = ItemID.integer(0)
  var index = 0
  /// The record is a line of text, so `item.text` stands for the item.
  var isText = false
  /// Nil only between two uses.
  private(set) var coroutine: LuaCoroutine?
  /// The request that was sent last.
  var request: ChatRequest?
  var answer: Answer?
  /// How often an answer was asked for, this time included.
  var ask = 1
  /// The request before `on_request`, as JSON; nil where no such hook has seen it.
  var base: [UInt8]?
  /// The rows that `ctx:emit` added, encoded.
  var rows: [[UInt8]] = []
  /// How many of them stood there when the answer came: the others are dropped by `ctx:retry`.
  var rowsBeforeAnswer = 0
  var ending: Ending?
  /// `ctx.state`, from its first use.
  var state: LuaReference?

  init(slot: Int) { self.slot = slot }

  func begin(_ record: ItemRecord, on coroutine: LuaCoroutine) {
    isActive = true
    index = record.index
    id = .integer(record.index)
    if case .text = record.content { isText = true } else { isText = false }
    self.coroutine = coroutine
  }

  /// Gives the item another coroutine.
  /// - Returns: The one it had.
  func move(to coroutine: LuaCoroutine) -> LuaCoroutine? {
    defer { self.coroutine = coroutine }
    return self.coroutine
  }

  /// Forgets the item; whatever still refers to it is of an older generation.
  func end() -> LuaCoroutine? {
    let coroutine = coroutine
    isActive = false
    generation &+= 1
    self.coroutine = nil
    request = nil
    answer = nil
    ask = 1
    base = nil
    if !rows.isEmpty { rows = [] }
    ending = nil
    state = nil
    return coroutine
  }
}
